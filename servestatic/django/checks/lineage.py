"""The classes that dotted paths in settings name, each as the dotted paths of itself and its bases."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.module_loading import import_string

MIDDLEWARE = "servestatic.django.middleware.ServeStaticMiddleware"
STORAGE = "servestatic.django.storage.ServeStaticStorage"


def lineage(path: str) -> tuple[str, ...]:
    """Return the dotted paths of a class and its bases; only `path` if it is something else or cannot be imported."""
    try:
        found = import_string(path)
    except ImportError:  # Django reports it elsewhere
        return (path,)
    bases = found.__mro__ if isinstance(found, type) else ()
    return (path, *(f"{base.__module__}.{base.__qualname__}" for base in bases))


def middleware() -> list[tuple[str, ...]]:
    """Return the lineages of MIDDLEWARE."""
    return [lineage(path) for path in settings.MIDDLEWARE]


def positions(path: str) -> list[int]:
    """Return the positions of a class and its subclasses in MIDDLEWARE."""
    return [position for position, names in enumerate(middleware()) if path in names]


def storage() -> tuple[str, ...]:
    """Return the lineage of the storage of static files; empty if none is set."""
    entry = settings.STORAGES.get("staticfiles")
    path = entry.get("BACKEND") if isinstance(entry, dict) else None
    return lineage(path) if isinstance(path, str) else ()


def backends() -> Iterator[tuple[str, str]]:
    """Yield the alias and dotted path of each storage."""
    for alias, entry in settings.STORAGES.items():
        if isinstance(entry, dict) and isinstance(entry.get("BACKEND"), str):
            yield alias, entry["BACKEND"]
