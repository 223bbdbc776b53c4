"""The one index of a Django process: built under a lock on first need, dropped when a setting of it changes.

Middleware and storage ask for it at each use, so that a test which overrides STATICFILES_DIRS has its own.
"""

import threading
from urllib.parse import urlsplit

from django.conf import settings as django
from django.core.signals import setting_changed
from django.urls import get_script_prefix

from servestatic.assets.index import Index
from servestatic.collector import build
from servestatic.django.source import sources
from servestatic.settings import VARIABLE, Settings, django_settings, resolve, usual_origins

_DEPENDS_ON = (VARIABLE, "STATICFILES_", "STATIC_", "STORAGES", "INSTALLED_APPS", "DEBUG", "FORCE_SCRIPT_NAME")


class Holder:
    """Holds the index, once there is one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: Index | None = None

    def index(self) -> Index:
        """Return the index; the first call collects."""
        return self._index or self._build()

    def drop(self, *, setting: str, **_: object) -> None:
        """Forget the index if it depends on a Django setting."""
        if setting.startswith(_DEPENDS_ON):
            with self._lock:
                self._index = None

    def _build(self) -> Index:
        with self._lock:
            if self._index is None:
                self._index = build(sources(), configure(), revalidate=django.DEBUG)
            return self._index


def configure() -> Settings:
    """Return the settings: SERVESTATIC_* of the environment, then of Django, then pyproject.toml.

    Raises:
        SettingError: a setting is unknown or has a wrong value.
    """
    given = {name: getattr(django, name) for name in dir(django) if name.startswith(VARIABLE)}
    passed, environment, pyproject = usual_origins({})
    defaults = {"prefix": prefix(), "fingerprints": not django.DEBUG}
    return resolve(passed, environment, django_settings(given), pyproject, defaults=defaults).settings


def prefix() -> str:
    """Return the path of STATIC_URL below the script's name: requests are looked up with and without it."""
    path = urlsplit(django.STATIC_URL or "/static/").path
    script_name = get_script_prefix()
    return path.removeprefix(script_name)


holder = Holder()
setting_changed.connect(holder.drop, dispatch_uid="servestatic")
