"""A Django site with nothing but the middleware, or nothing but the application around it, as servers call them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import re_path

from tests.http.conformance import APPLICATION

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from servestatic.asgi import Application
    from servestatic.serving.index import Index

OPTIONS = {
    "ALLOWED_HOSTS": ["*"],
    "DEBUG": False,
    "INSTALLED_APPS": ["servestatic.django", "django.contrib.staticfiles"],
    "LOGGING_CONFIG": None,
    "MIDDLEWARE": ["servestatic.django.ServeStaticMiddleware"],
    "ROOT_URLCONF": __name__,
    "SECRET_KEY": "tests",
    "STATIC_URL": "/static/",
    "STORAGES": {"staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"}},
}


def _view(request: HttpRequest) -> HttpResponse:
    content = b"" if request.method == "HEAD" else b"the application\n"
    fields = {"X-Application": "yes", "Content-Length": "16"}
    return HttpResponse(content, status=APPLICATION, reason="Passed", content_type="text/plain", headers=fields)


urlpatterns = [re_path("", _view)]


def configure() -> None:
    """Configure Django once for the whole run of tests."""
    if not settings.configured:
        settings.configure(**OPTIONS)
        django.setup()


@cache
def _handler(make: Callable[[], WSGIApplication | Application]) -> WSGIApplication | Application:
    return make()


def _use(index: Index) -> None:
    configure()
    from servestatic.django.holder import holder, in_test_run

    holder._index, holder._in_test_run = index, in_test_run()


def wsgi_application(index: Index) -> WSGIApplication:
    """What `servestatic.django.get_wsgi_application` returns for a site without the middleware."""
    return _without_middleware(index, "get_wsgi_application")  # type: ignore[return-value] # as its name says


def asgi_application(index: Index) -> Application:
    """What `servestatic.django.get_asgi_application` returns for a site without the middleware."""
    return _without_middleware(index, "get_asgi_application")  # type: ignore[return-value] # as its name says


def _without_middleware(index: Index, name: str) -> WSGIApplication | Application:
    _use(index)
    import servestatic.django

    with override_settings(MIDDLEWARE=[]):
        return _handler(getattr(servestatic.django, name))


def wsgi_handler(index: Index) -> WSGIApplication:
    """The WSGI handler, its middleware answering from `index`."""
    _use(index)
    return _handler(WSGIHandler)  # type: ignore[return-value] # of the class that was passed


def asgi_handler(index: Index) -> Application:
    """The ASGI handler, its middleware answering from `index`."""
    _use(index)
    return _handler(ASGIHandler)  # type: ignore[return-value] # of the class that was passed
