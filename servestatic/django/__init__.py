"""Django: static files without collectstatic.

INSTALLED_APPS: "servestatic.django". MIDDLEWARE: "servestatic.django.ServeStaticMiddleware", after SecurityMiddleware.
STORAGES["staticfiles"]["BACKEND"]: "servestatic.django.ServeStaticStorage".
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servestatic.django.middleware import ServeStaticMiddleware
    from servestatic.django.storage import ServeStaticStorage

__all__ = ["ServeStaticMiddleware", "ServeStaticStorage"]

_MODULES = {
    "ServeStaticMiddleware": "servestatic.django.middleware",
    "ServeStaticStorage": "servestatic.django.storage",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is asked for: Django imports this package before its apps are ready."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
