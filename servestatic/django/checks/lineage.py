"""What the dotted paths in settings stand for: classes by the names of themselves and their bases."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.module_loading import import_string

MIDDLEWARE = "servestatic.django.middleware.ServeStaticMiddleware"
STORAGE = "servestatic.django.storage.ServeStaticStorage"


def lineage(path: str) -> tuple[str, ...]:
    """Return the dotted paths of a class and its bases; of anything else, or what cannot be imported, its own."""
    try:
        found = import_string(path)
    except ImportError:  # Django says so elsewhere
        return (path,)
    bases = found.__mro__ if isinstance(found, type) else ()
    return (path, *(f"{base.__module__}.{base.__qualname__}" for base in bases))


def middleware() -> list[tuple[str, ...]]:
    """Return the lineages of MIDDLEWARE."""
    return [lineage(path) for path in settings.MIDDLEWARE]


def positions(path: str) -> list[int]:
    """Return where a class, or one that is derived from it, stands in MIDDLEWARE."""
    return [position for position, names in enumerate(middleware()) if path in names]


def storage() -> tuple[str, ...]:
    """Return the lineage of the storage of static files; empty if none is set."""
    entry = settings.STORAGES.get("staticfiles")
    path = entry.get("BACKEND") if isinstance(entry, dict) else None
    return lineage(path) if isinstance(path, str) else ()


def backends() -> Iterator[tuple[str, str]]:
    """Yield alias and dotted path of every storage."""
    for alias, entry in settings.STORAGES.items():
        if isinstance(entry, dict) and isinstance(entry.get("BACKEND"), str):
            yield alias, entry["BACKEND"]
