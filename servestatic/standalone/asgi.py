"""The ASGI application of a site of its own: `uvicorn servestatic:app`.

It collects in the lifespan, where the server logs a wrong setting as one sentence.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from servestatic import asgi
from servestatic.disk.chunks import run_in_thread
from servestatic.errors import SettingError, explain
from servestatic.factory import build
from servestatic.frameworks.interfaces import describe, possible_interfaces
from servestatic.http.message import encode
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.standalone.application import explain_interface, import_application
from servestatic.standalone.conventions import configure
from servestatic.standalone.fallback import Site, answer_without_file, body_of, check_site, select_fields
from servestatic.standalone.start import show_log


def make() -> asgi.Application:
    """Make the ASGI application; it collects at the lifespan's startup, or at the first request without a lifespan."""
    show_log()
    return _Lifespan(_start)


def _start() -> asgi.Application:
    settings, sources = configure(Path())
    application = load_asgi(settings)  # its errors are reported before anything is collected
    return serve_asgi(settings, build(sources, settings), application)


def serve_asgi(settings: Settings, index: Index, application: asgi.Application | None = None) -> asgi.Application:
    """Make the ASGI application that serves an index, in front of an application or alone.

    Raises:
        SettingError: without an application, a page that the settings name does not exist.
    """
    if application is None:
        application = make_fallback(check_site(settings, index))
    return asgi.ServeStatic(application, index)


def load_asgi(settings: Settings) -> asgi.Application | None:
    """Import the application that the settings name, if any; a WSGI application is converted.

    Raises:
        SettingError: it cannot be imported, or is neither ASGI nor WSGI.
    """
    if not settings.application:
        return None
    application = import_application(settings.application)
    possible, wanted = possible_interfaces(application), settings.application_interface
    if wanted and wanted not in possible:
        raise SettingError(
            f"application_interface is {wanted!r}, but the application {settings.application!r}"
            f" {describe(possible)}. Remove the setting: the interface is recognised."
        )
    if wanted == "wsgi" or ("wsgi" in possible and "asgi" not in possible):
        return _bridge(application)
    if "asgi" not in possible:
        raise SettingError(explain_interface(settings.application, possible, "asgi"))
    return cast("asgi.Application", application)


def _bridge(application: Any) -> asgi.Application:
    try:
        from a2wsgi import WSGIMiddleware
    except ImportError as error:
        reason = f"a WSGI application in front of which servestatic:app is put needs another package ({error})"
        raise SettingError(f"{reason}: pip install 'statictree[standalone]'") from None
    return cast("asgi.Application", WSGIMiddleware(application))


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


def make_fallback(site: Site) -> asgi.Application:
    """Make the application that answers where no file exists; it refuses websockets, and its lifespan does nothing."""

    async def application(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] == "http":
            sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            accept, fields = select_fields(sent)
            request = (scope["method"], fields, scope["query_string"].decode("latin-1"))
            response = await run_in_thread(answer_without_file, site, scope["path"], accept, request)
            headers = [*encode(response.fields)]
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await send({"type": "http.response.body", "body": body_of(response)})
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        elif scope["type"] == "lifespan":
            while (message := await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": f"{message['type']}.complete"})

    return application
