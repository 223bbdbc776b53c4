"""Django: static files without collectstatic.

INSTALLED_APPS: "servestatic.django", first. MIDDLEWARE: "servestatic.django.ServeStaticMiddleware", after
SecurityMiddleware. STORAGES["staticfiles"]["BACKEND"]: "servestatic.django.ServeStaticStorage".

Faster still, in asgi.py and wsgi.py: `from servestatic.django import get_asgi_application`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from servestatic.runtime.installation import check_unmixed

if TYPE_CHECKING:
    from servestatic.django.applications import get_asgi_application, get_wsgi_application
    from servestatic.django.holder import release
    from servestatic.django.integrity.media import Module, Script, Stylesheet
    from servestatic.django.middleware import ServeStaticMiddleware
    from servestatic.django.storage import ServeStaticStorage

__all__ = [
    "Module",
    "Script",
    "ServeStaticMiddleware",
    "ServeStaticStorage",
    "Stylesheet",
    "get_asgi_application",
    "get_wsgi_application",
    "release",
]

_MODULES = {
    "Module": "servestatic.django.integrity.media",
    "Script": "servestatic.django.integrity.media",
    "Stylesheet": "servestatic.django.integrity.media",
    "ServeStaticMiddleware": "servestatic.django.middleware",
    "ServeStaticStorage": "servestatic.django.storage",
    "get_asgi_application": "servestatic.django.applications",
    "get_wsgi_application": "servestatic.django.applications",
    "release": "servestatic.django.holder",
}


def __getattr__(name: str) -> Any:
    """Import a name on first use: Django imports this package before its apps are ready."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    check_unmixed()
    return getattr(import_module(_MODULES[name]), name)
