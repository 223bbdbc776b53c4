"""What is left of WhiteNoise, Archmonger's ServeStatic and django-heroku in the settings."""

import sys
from collections.abc import Iterator

from django.conf import settings

from servestatic.django.checks.finding import Finding
from servestatic.django.checks.lineage import backends
from servestatic.migration.predecessors import BY_NAME, HEROKU, PATHS, WHITENOISE

_MIDDLEWARE = "whitenoise.middleware.WhiteNoiseMiddleware"


def is_leftover(path: str) -> bool:
    """Tell whether a dotted path is a predecessor's."""
    return path in PATHS or path.partition(".")[0] == "whitenoise"


def uses_heroku() -> bool:
    """Tell whether django-heroku has set up the static files: it leaves MIDDLEWARE as a tuple or with WhiteNoise."""
    return any(name in sys.modules for name in HEROKU) and _MIDDLEWARE in settings.MIDDLEWARE


def find_heroku() -> Iterator[Finding]:
    """Find what django-heroku does."""
    if uses_heroku():
        yield {"module": next(name for name in HEROKU if name in sys.modules)}


def _places() -> Iterator[tuple[str, str]]:
    """Yield each setting that holds dotted paths, with each of them."""
    yield from (("MIDDLEWARE", path) for path in settings.MIDDLEWARE)
    yield from (("INSTALLED_APPS", path) for path in settings.INSTALLED_APPS)
    yield from ((f"STORAGES[{alias!r}]", path) for alias, path in backends())


def find_whitenoise() -> Iterator[Finding]:
    """Find WhiteNoise's middleware, app and storages."""
    for setting, path in _places():
        if path.partition(".")[0] == "whitenoise" and not (setting == "MIDDLEWARE" and uses_heroku()):
            yield {"setting": setting, "path": path, "instead": _say_instead(path)}


def find_archmonger() -> Iterator[Finding]:
    """Find the other ServeStatic's middleware, app and storages, which are not here."""
    for setting, path in _places():
        if path.startswith("servestatic.") and path in PATHS:
            yield {"setting": setting, "path": path, "instead": _say_instead(path)}


def _say_instead(path: str) -> str:
    ours = PATHS.get(path)
    return f'put "{ours}" in its place' if ours else "remove it"


def find_settings() -> Iterator[Finding]:
    """Find settings that nobody reads any more."""
    for name in dir(settings):
        if name.startswith(WHITENOISE):
            became = BY_NAME.get(name)
            yield {"setting": name, "why": became.why if became else "WhiteNoise 6 has no such setting: remove it."}
