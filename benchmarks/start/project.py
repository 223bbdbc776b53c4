"""The same site in Django: `configure` is its settings module, the view is its one page. Environment: see plain.py."""

import os
from typing import Any

from benchmarks.lib import project
from benchmarks.lib.project import Parts
from benchmarks.start.site import BARE, PAGE, STYLESHEET, read_bare, read_sources, shift_collector

_CONTENDERS = {
    "bare": Parts(),
    "ours": Parts(
        ("servestatic.django",),
        ("servestatic.django.ServeStaticMiddleware",),
        "servestatic.django.ServeStaticStorage",
    ),
    "whitenoise": Parts(
        middleware=("whitenoise.middleware.WhiteNoiseMiddleware",),
        storage="whitenoise.storage.CompressedManifestStaticFilesStorage",
    ),
    "archmonger": Parts(  # its package has the name of ours
        ("servestatic",),
        ("servestatic.middleware.ServeStaticMiddleware",),
        "servestatic.storage.CompressedManifestStaticFilesStorage",
    ),
}


def configure(contender: str) -> None:
    """Configure Django for a contender."""
    shift_collector()
    project.configure(
        __name__,
        _CONTENDERS[contender],
        STATIC_ROOT=os.environ.get("SITE_ROOT"),
        STATICFILES_DIRS=[(under, directory) if under else directory for directory, under in read_sources()],
    )


def make_asgi() -> Any:
    """Make the site as an ASGI application."""
    from django.core.asgi import get_asgi_application

    configure(os.environ["SITE_CONTENDER"])
    return get_asgi_application()


def make_wsgi() -> Any:
    """Make the site as a WSGI application."""
    from django.core.wsgi import get_wsgi_application

    configure(os.environ["SITE_CONTENDER"])
    return get_wsgi_application()


def __getattr__(name: str) -> Any:
    """Give Django its URLs when it asks for them: they cannot be made before it is configured."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import path

    return [path("", _show_page), path(BARE[1:], _show_stylesheet)]


def _show_page(request: Any) -> Any:
    from django.http import HttpResponse
    from django.templatetags.static import static

    url = BARE if os.environ["SITE_CONTENDER"] == "bare" else static(STYLESHEET)
    return HttpResponse(PAGE.format(url=url))


def _show_stylesheet(request: Any) -> Any:
    from django.http import HttpResponse

    return HttpResponse(read_bare(), content_type="text/css", headers={"Content-Encoding": "br"})
