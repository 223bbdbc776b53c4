"""The contenders in Django: settings, a view that answers what is no file, a trivial middleware to compare with."""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.serve.replies import CONTROL, PASSED, Prepared, read
from benchmarks.serve.tree import NOWHERE

_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
_OURS = "servestatic.django.ServeStaticStorage"
# What each adds: applications, middleware, the storage of static files.
_CONTENDERS: dict[str, tuple[list[str], list[str], str]] = {
    "django-bare": ([], ["benchmarks.serve.project.make_trivial"], _PLAIN),
    "django-ours": (["servestatic.django"], ["servestatic.django.ServeStaticMiddleware"], _OURS),
    "django-outside": (["servestatic.django"], [], _OURS),
    "django-whitenoise": ([], ["whitenoise.middleware.WhiteNoiseMiddleware"], _PLAIN),
    "django-archmonger": (["servestatic"], ["servestatic.middleware.ServeStaticMiddleware"], _PLAIN),
}


def make_asgi(contender: str) -> Any:
    """Make Django's ASGI application, or ours around it."""
    _configure(contender)
    place = "servestatic.django" if contender == "django-outside" else "django.core.asgi"
    return import_module(place).get_asgi_application()


def make_wsgi(contender: str) -> Any:
    """Make Django's WSGI application, or ours around it."""
    _configure(contender)
    place = "servestatic.django" if contender == "django-outside" else "django.core.wsgi"
    return import_module(place).get_wsgi_application()


def _configure(contender: str) -> None:
    import django
    from django.conf import settings

    applications, middleware, storage = _CONTENDERS[contender]
    files = os.environ["SITE_FILES"]
    settings.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django.contrib.staticfiles", *applications],
        MIDDLEWARE=["django.middleware.security.SecurityMiddleware", *middleware],
        ROOT_URLCONF=__name__,
        SECRET_KEY="of a benchmark",
        STATIC_URL="/static/",
        STATIC_ROOT=files if "ours" not in contender else None,
        STATICFILES_DIRS=[files] if "servestatic.django" in applications else [],
        STORAGES={"staticfiles": {"BACKEND": storage}},
        SERVESTATIC_STORE=os.environ["SITE_STORE"],
        SERVESTATIC_COMPRESS="startup",
    )
    django.setup()


def make_trivial(get_response: Callable[[Any], Any]) -> Any:
    """Make a middleware that answers every static file with a prepared answer."""
    from asgiref.sync import iscoroutinefunction

    prepared = PASSED

    def recall(request: Any) -> Any:
        nonlocal prepared
        if request.path.startswith("/static/"):
            return _respond(prepared)
        if request.path.startswith(CONTROL):
            prepared = read(request.path)
            return _respond(PASSED)
        return None

    async def answer_async(request: Any) -> Any:
        return recall(request) or await get_response(request)

    def answer(request: Any) -> Any:
        return recall(request) or get_response(request)

    return answer_async if iscoroutinefunction(get_response) else answer


make_trivial.sync_capable = True  # type: ignore[attr-defined] # how Django asks
make_trivial.async_capable = True  # type: ignore[attr-defined] # likewise


def _respond(prepared: Prepared) -> Any:
    from django.http import FileResponse, HttpResponse

    headers = dict(prepared.fields)
    if prepared.path:
        return FileResponse(open(prepared.path, "rb"), headers=headers)  # Django closes it
    return HttpResponse(prepared.body, status=prepared.status, headers=headers)


def __getattr__(name: str) -> Any:
    """Give Django its URLs when it asks for them: they cannot be made before it is configured."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import path

    return [path(NOWHERE[1:], _show)]


def _show(request: Any) -> Any:
    return _respond(PASSED)
