"""What is left of WhiteNoise, Archmonger's ServeStatic and django-heroku in the settings."""

import sys
from collections.abc import Iterator

from django.conf import settings

from servestatic.django.checks.check import Words
from servestatic.django.checks.lineage import backends
from servestatic.migration.predecessors import BY_NAME, HEROKU, PATHS, WHITENOISE

_MIDDLEWARE = "whitenoise.middleware.WhiteNoiseMiddleware"


def is_leftover(path: str) -> bool:
    """Return whether a dotted path belongs to a predecessor."""
    return path in PATHS or path.partition(".")[0] == "whitenoise"


def uses_heroku() -> bool:
    """Return whether django-heroku has set up static files: it is imported, and WhiteNoise is in MIDDLEWARE."""
    return any(name in sys.modules for name in HEROKU) and _MIDDLEWARE in settings.MIDDLEWARE


def find_heroku() -> Iterator[Words]:
    """Find django-heroku's setup of static files."""
    if uses_heroku():
        yield {"module": next(name for name in HEROKU if name in sys.modules)}


def _dotted_paths() -> Iterator[tuple[str, str]]:
    """Yield the dotted paths of the settings, each after the name of its setting."""
    yield from (("MIDDLEWARE", path) for path in settings.MIDDLEWARE)
    yield from (("INSTALLED_APPS", path) for path in settings.INSTALLED_APPS)
    yield from ((f"STORAGES[{alias!r}]", path) for alias, path in backends())


def find_whitenoise() -> Iterator[Words]:
    """Find WhiteNoise's middleware, app and storages."""
    for setting, path in _dotted_paths():
        if path.partition(".")[0] == "whitenoise" and not (setting == "MIDDLEWARE" and uses_heroku()):
            yield {"setting": setting, "path": path, "instead": _describe_remedy(path)}


def find_archmonger() -> Iterator[Words]:
    """Find the middleware, app and storages of the other ServeStatic, which this package does not have."""
    for setting, path in _dotted_paths():
        if path.startswith("servestatic.") and path in PATHS:
            yield {"setting": setting, "path": path, "instead": _describe_remedy(path)}


def _describe_remedy(path: str) -> str:
    ours = PATHS.get(path)
    return f'put "{ours}" in its place' if ours else "remove it"


def find_settings() -> Iterator[Words]:
    """Find settings of WhiteNoise, which are no longer read."""
    for name in dir(settings):
        if name.startswith(WHITENOISE):
            became = BY_NAME.get(name)
            yield {"setting": name, "why": became.why if became else "WhiteNoise 6 has no such setting: remove it."}
