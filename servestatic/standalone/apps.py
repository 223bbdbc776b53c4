"""The applications of `uvicorn servestatic:app` and similar commands, configured by settings alone.

They collect when the server starts: `app` in the ASGI lifespan, where the server logs a wrong setting as one sentence;
`wsgi_app` and `rsgi_app` when they are imported.
"""

import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from servestatic import asgi, rsgi, wsgi
from servestatic.errors import SettingError, explain
from servestatic.factory import build
from servestatic.frameworks.interfaces import EXPECTED, describe, possible_interfaces
from servestatic.runtime.log import NAME, get_log
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.standalone import fallback
from servestatic.standalone.conventions import configure, find_missing_pages, place_page

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_log = get_log()


def make_app() -> asgi.Application:
    """Make the ASGI application; it collects at the lifespan's startup, or at the first request without a lifespan."""
    _show_log()
    return _Lifespan(_start)


def _start() -> asgi.Application:
    settings, sources = configure(Path())
    application = load_asgi(settings)  # its errors are reported before anything is collected
    return serve_asgi(settings, build(sources, settings), application)


def make_wsgi_app() -> "WSGIApplication":
    """Collect, and make the WSGI application.

    Raises:
        SettingError: a setting is wrong, there is nothing to serve, or the application is not WSGI.
        SourceError: a directory does not exist.
    """
    return wsgi.ServeStatic(*_collect("wsgi", fallback.make_wsgi))


def make_rsgi_app() -> rsgi.ServeStatic:
    """Collect, and make the RSGI application, as granian expects it.

    Raises:
        SettingError: a setting is wrong, there is nothing to serve, or the application is not RSGI.
        SourceError: a directory does not exist.
    """
    return rsgi.ServeStatic(*_collect("rsgi", fallback.make_rsgi))


def _collect(interface: str, make_fallback: Callable[[fallback.Site], Any]) -> tuple[Any, Index]:
    """Import the application that the settings name, or make one of the files alone; collect the index to serve."""
    _show_log()
    settings, sources = configure(Path())
    application = _load_own(settings, interface)
    index = build(sources, settings)
    return make_fallback(_check_site(settings, index)) if application is None else application, index


def serve_asgi(settings: Settings, index: Index, application: asgi.Application | None = None) -> asgi.Application:
    """Make the ASGI application that serves an index, in front of an application or alone.

    Raises:
        SettingError: without an application, a page that the settings name does not exist.
    """
    if application is None:
        application = fallback.make_asgi(_check_site(settings, index))
    return asgi.ServeStatic(application, index)


def load_asgi(settings: Settings) -> asgi.Application | None:
    """Import the application that the settings name, if any; a WSGI application is converted.

    Raises:
        SettingError: it cannot be imported, or is neither ASGI nor WSGI.
    """
    if not settings.application:
        return None
    application = _import(settings.application)
    possible, wanted = possible_interfaces(application), settings.application_interface
    if wanted and wanted not in possible:
        raise SettingError(
            f"application_interface is {wanted!r}, but the application {settings.application!r}"
            f" {describe(possible)}. Remove the setting: the interface is recognised."
        )
    if wanted == "wsgi" or ("wsgi" in possible and "asgi" not in possible):
        return _bridge(application)
    if "asgi" not in possible:
        raise SettingError(_explain_interface(settings.application, possible, "asgi"))
    return cast("asgi.Application", application)


def _load_own(settings: Settings, interface: str) -> Any:
    """Import the application that the settings name, if any, for an entry point that takes a single interface.

    Raises:
        SettingError: it cannot be imported, or has another interface.
    """
    if not settings.application:
        return None
    application, wanted = _import(settings.application), settings.application_interface
    if wanted not in ("", interface):
        raise SettingError(_explain_interface(settings.application, {wanted}, interface))
    if interface not in (possible := possible_interfaces(application)):
        raise SettingError(_explain_interface(settings.application, possible, interface))
    return application


def _bridge(application: Any) -> asgi.Application:
    try:
        from a2wsgi import WSGIMiddleware
    except ImportError as error:
        reason = f"a WSGI application in front of which servestatic:app is put needs another package ({error})"
        raise SettingError(f"{reason}: pip install 'statictree[standalone]'") from None
    return cast("asgi.Application", WSGIMiddleware(application))


def site_of(settings: Settings, index: Index) -> fallback.Site:
    """Return the site that files make without an application."""
    pages = (settings.single_page, settings.not_found)
    single_page, not_found = (page and place_page(page, settings, index) for page in pages)
    return fallback.Site(index, single_page, not_found)


def _check_site(settings: Settings, index: Index) -> fallback.Site:
    """Return the site that files make without an application; in development, missing pages may still be written.

    Raises:
        SettingError: a page that the settings name does not exist.
    """
    for setting, sentence in find_missing_pages(settings, index):
        if not settings.live:
            raise SettingError(f"the setting {setting} names a page that does not exist: {sentence}")
        _log.warning("the setting %s names a page that does not exist: %s", setting, sentence)
    return site_of(settings, index)


_ENTRIES = {"asgi": "app", "wsgi": "wsgi_app", "rsgi": "rsgi_app"}


def _explain_interface(target: str, possible: AbstractSet[str], interface: str) -> str:
    if not possible:
        return f"the application {target!r} is not an application: expected {EXPECTED[interface]}."
    entry = "rsgi_app" if possible == {"rsgi"} else "app"
    return (
        f"the application {target!r} {describe(possible)}, which servestatic:{_ENTRIES[interface]} cannot wrap:"
        f" serve servestatic:{entry} instead."
    )


class _Lifespan:
    """An ASGI application that starts with the server, and reports to the server why it cannot start."""

    def __init__(self, start: Callable[[], asgi.Application]) -> None:
        self._start = start
        self._application: asgi.Application | None = None

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if self._application is None and scope["type"] == "lifespan":
            startup = await receive()
            try:
                self._application = self._start()
            except Exception as error:  # noqa: BLE001 - uvicorn takes an exception to mean "no lifespan" and continues
                await send({"type": "lifespan.startup.failed", "message": explain(error)})
                return
            receive = _replay(startup, receive)
        elif self._application is None:
            self._application = self._start()
        await self._application(scope, receive, send)


def _replay(message: asgi.Message, receive: asgi.Receive) -> asgi.Receive:
    messages = [message]

    async def replay() -> asgi.Message:
        return messages.pop() if messages else await receive()

    return replay


def _import(target: str) -> Any:
    """Import `module:attribute`.

    Raises:
        SettingError: the module or attribute does not exist.
    """
    module, colon, attribute = target.partition(":")
    try:
        application: object = import_module(module)
        for part in attribute.split("."):
            application = getattr(application, part)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        expected = "" if colon else " Expected module:attribute."
        raise SettingError(f"the application {target!r} cannot be imported: {error}.{expected}") from error
    return application


def _show_log() -> None:
    """Write our log lines to standard error unless logging is configured: no other application will do that."""
    ours = logging.getLogger(NAME)
    if not ours.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        ours.addHandler(handler)
        ours.setLevel(logging.INFO)
