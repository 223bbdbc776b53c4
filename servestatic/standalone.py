"""The applications behind `uvicorn servestatic:app` and its kind, configured by settings alone.

They collect when the server starts them: `app` in the ASGI lifespan, where a wrong setting is one sentence in the
server's log; `wsgi_app` and `rsgi_app` when they are imported.
"""

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from servestatic import asgi, fallback, rsgi, wsgi
from servestatic.assets.index import Index
from servestatic.conventions import configure
from servestatic.errors import ServeStaticError, SettingError
from servestatic.opening import build
from servestatic.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_log = logging.getLogger("servestatic")


def make_app() -> asgi.Application:
    """Make the ASGI application; it collects in the lifespan's startup, or at the first request where there is none."""
    _show_log()
    return _Lifespan(lambda: serve_asgi(*_open()))


def make_wsgi_app() -> "WSGIApplication":
    """Collect, and make the WSGI application.

    Raises:
        SettingError: a setting is wrong, or there is nothing to serve.
    """
    _show_log()
    settings, index = _open()
    _check_interface(settings, "wsgi_app", ("", "wsgi"))
    application = _load(settings.application) if settings.application else fallback.make_wsgi(site_of(settings, index))
    return wsgi.ServeStatic(application, index)


def make_rsgi_app() -> rsgi.ServeStatic:
    """Collect, and make the RSGI application, as granian wants it.

    Raises:
        SettingError: a setting is wrong, there is nothing to serve, or the application is not RSGI.
    """
    _show_log()
    settings, index = _open()
    _check_interface(settings, "rsgi_app", ("",))
    application = _load(settings.application) if settings.application else fallback.make_rsgi(site_of(settings, index))
    if not _is_rsgi(application):
        raise SettingError(_explain_interface(settings, "not RSGI, it seems", "rsgi_app"))
    return rsgi.ServeStatic(application, index)


def _is_rsgi(application: Any) -> bool:
    """Tell an RSGI application from others, as far as that can be seen: a function takes scope and protocol."""
    try:
        return hasattr(application, "__rsgi__") or len(signature(application).parameters) == 2
    except (TypeError, ValueError):
        return False


def serve_asgi(settings: Settings, index: Index) -> asgi.Application:
    """Make the ASGI application that serves an index, in front of the application of the settings or of nothing.

    Raises:
        SettingError: the application cannot be imported.
    """
    application: Any = fallback.make_asgi(site_of(settings, index))
    if settings.application:
        application = _load(settings.application)
        if settings.application_interface == "wsgi":
            application = _bridge(application)
    return asgi.ServeStatic(application, index)


def _bridge(application: Any) -> Any:
    try:
        from a2wsgi import WSGIMiddleware
    except ImportError as error:
        reason = f"a WSGI application in front of which servestatic:app is put needs another package ({error})"
        raise SettingError(f"{reason}: pip install 'statictree[standalone]'") from None
    return WSGIMiddleware(application)


def _open() -> tuple[Settings, Index]:
    settings, sources = configure(Path())
    return settings, build(sources, settings)


def site_of(settings: Settings, index: Index) -> fallback.Site:
    """Return the site of the files alone; the pages of the settings are names below the prefix."""
    single_page, not_found = (page and settings.prefix + page for page in (settings.single_page, settings.not_found))
    return fallback.Site(index, single_page, not_found)


def _check_interface(settings: Settings, entry: str, possible: Sequence[str]) -> None:
    if settings.application and settings.application_interface not in possible:
        raise SettingError(_explain_interface(settings, settings.application_interface.upper(), entry))


def _explain_interface(settings: Settings, interface: str, entry: str) -> str:
    return (
        f"the application {settings.application!r} is {interface}, which servestatic:{entry} cannot wrap:"
        " serve servestatic:app instead."
    )


class _Lifespan:
    """An ASGI application that is started by the server, and tells the server why if it cannot start."""

    def __init__(self, start: Callable[[], asgi.Application]) -> None:
        self._start = start
        self._application: asgi.Application | None = None

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if self._application is None and scope["type"] == "lifespan":
            startup = await receive()
            try:
                self._application = self._start()
            except Exception as error:  # noqa: BLE001 - uvicorn takes an exception for "no lifespan" and goes on
                await send({"type": "lifespan.startup.failed", "message": _explain(error)})
                return
            receive = _replay(startup, receive)
        elif self._application is None:
            self._application = self._start()
        await self._application(scope, receive, send)


def _explain(error: Exception) -> str:
    """Say why there is no start: our errors in their sentences, any other with its traceback."""
    if isinstance(error, ExceptionGroup):
        return "\n".join((f"{error.message}:", *map(_explain, error.exceptions)))
    return str(error) if isinstance(error, ServeStaticError) else "".join(format_exception(error))


def _replay(message: asgi.Message, receive: asgi.Receive) -> asgi.Receive:
    messages = [message]

    async def replay() -> asgi.Message:
        return messages.pop() if messages else await receive()

    return replay


def _load(target: str) -> Any:
    """Import `module:attribute`.

    Raises:
        SettingError: there is no such module or attribute.
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
    """Show our log lines on standard error, where nobody configured logging: this is an application of its own."""
    if not _log.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s: servestatic: %(message)s"))
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)
