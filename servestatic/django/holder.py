"""The one index of a Django process: built under a lock on first use, dropped when its settings change.

Middleware and storage look it up on each use, so a test that overrides STATICFILES_DIRS has its own.
"""

import os
import threading
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings as django
from django.core import mail
from django.core.signals import setting_changed

from servestatic.assets.patterns import compile_patterns
from servestatic.django.compressor import find_output
from servestatic.factory import build
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.settings.origins import VARIABLE, django_settings, resolve, usual_origins

_DEPENDS_ON = (
    VARIABLE,
    "STATICFILES_",
    "STATIC_",
    "COMPRESS_",
    "STORAGES",
    "INSTALLED_APPS",
    "DEBUG",
    "FORCE_SCRIPT_NAME",
)


class Holder:
    """Holds the index, once it is built."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._prepared: Index | None = None
        self._in_test_run = False

    def index(self) -> Index:
        """Return the index; the first call builds it, enough for the names of its files. To serve it, see `prepare`."""
        index = self._index
        return self._build() if index is None else index

    def prepare(self) -> None:
        """Build an index that will be served, and all that requests would have to wait for."""
        if self._in_test_run != in_test_run():
            self.forget()  # it was built before the test run began
        index = self.index()
        if index is not self._prepared:
            self._prepared = index
            _prepare(index)

    def drop(self, *, setting: str, **_: object) -> None:
        """Forget the index if it depends on a Django setting."""
        if setting.startswith(_DEPENDS_ON):
            self.forget()

    def forget(self) -> None:
        """Forget the index."""
        with self._lock:
            self._index = self._prepared = None

    def _build(self) -> Index:
        with self._lock:
            if self._index is None:
                self._in_test_run = in_test_run()
                self._index = self._collect(configure())
            return self._index

    def _collect(self, settings: Settings) -> Index:
        if self._in_test_run:
            from servestatic.django.live_servers import serve_in_live_servers

            serve_in_live_servers(self.index)
        if settings.compress == "startup":
            settings = settings._replace(compress="background")  # `prepare` makes them: names need no codings
        if settings.build:
            return build((), settings, revalidate=django.DEBUG)
        from servestatic.django.finders import sources

        return build(sources(), settings, revalidate=django.DEBUG, static_root=os.fspath(django.STATIC_ROOT or ""))


def _prepare(index: Index) -> None:
    if not apps.is_installed("servestatic.django"):
        from servestatic.django.checks.run import log_not_installed

        log_not_installed()
    settings = configure()
    if settings.compress == "startup" and not (settings.live or settings.build):
        index.resources.encoder.settle_at_start()


def in_test_run() -> bool:
    """Return whether Django's setup_test_environment has run, as in `manage.py test` and pytest-django."""
    return hasattr(mail, "outbox")


def configure(**defaults: object) -> Settings:
    """Return the settings: SERVESTATIC_* of the environment, then of Django, then pyproject.toml, then `defaults`.

    Raises:
        SettingError: a setting is unknown or has a wrong value.
    """
    given = {name: getattr(django, name) for name in dir(django) if name.startswith(VARIABLE)}
    passed, environment, pyproject = usual_origins({})
    live = bool(django.DEBUG or in_test_run())
    defaults = {"prefix": prefix(), "fingerprints": not django.DEBUG, "live": live} | defaults
    settings = resolve(passed, environment, django_settings(given), pyproject, defaults=defaults).settings
    output = find_output()
    return _add_immutable(settings, output.immutable) if output else settings


def _add_immutable(settings: Settings, pattern: str) -> Settings:
    given, matches = settings.immutable, compile_patterns([pattern])
    if callable(given):
        return settings._replace(immutable=lambda name: bool(matches(name)) or given(name))
    return settings._replace(immutable=(*given, pattern))


def prefix() -> str:
    """Return the path of STATIC_URL below FORCE_SCRIPT_NAME: requests are looked up with and without a script name.

    A relative STATIC_URL is below any script name, so its path is the same.
    """
    path = urlsplit(static_url()).path
    script_name = (django.FORCE_SCRIPT_NAME or "").rstrip("/") + "/"
    return path.removeprefix(script_name)


def static_url() -> str:
    """Return STATIC_URL as it is written.

    `settings.STATIC_URL` would prepend the current script name to a relative one and keep the result: that is up to the
    first request, not to us.
    """
    written: str | None = django._wrapped.STATIC_URL if django.is_overridden("STATIC_URL") else None
    return written or "/static/"


holder = Holder()


def release() -> str:
    """Return the id of the release: see `servestatic.Index.release`."""
    return holder.index().release


setting_changed.connect(holder.drop, dispatch_uid="servestatic")
