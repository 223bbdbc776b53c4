"""The applications behind `uvicorn servestatic:app` and `gunicorn servestatic:wsgi_app`, configured by settings alone.

They collect when the server starts them: `app` in the ASGI lifespan, where a wrong setting is one sentence in the
server's log; `wsgi_app` when it is imported.
"""

import logging
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from servestatic import asgi, wsgi
from servestatic.assets.index import Index
from servestatic.collector import build
from servestatic.errors import ServeStaticError, SettingError
from servestatic.http.message import LINES
from servestatic.http.representation import reject
from servestatic.settings import Settings, resolve, usual_origins

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Where static files are by convention. The last three are also names of other things, such as a dist of wheels,
# which must never be published: they count only with a page in them.
_FOLDERS = ("static", "public", "_site")
_FOLDERS_WITH_PAGE = ("dist", "build", "site")

_log = logging.getLogger("servestatic")


def make_app() -> asgi.Application:
    """Make the ASGI application; it collects in the lifespan's startup, or at the first request where there is none."""
    _show_log()
    return _Lifespan(_start_asgi)


def make_wsgi_app() -> "WSGIApplication":
    """Collect, and make the WSGI application.

    Raises:
        SettingError: a setting is wrong, or there is nothing to serve.
    """
    _show_log()
    settings, index = _collect()
    if settings.application_interface == "asgi":
        raise SettingError(
            f"the application {settings.application!r} is ASGI, which servestatic:wsgi_app cannot wrap: "
            "serve servestatic:app instead."
        )
    if settings.application:
        return wsgi.ServeStatic(_load(settings.application), index)
    return wsgi.ServeStatic(_single_page_wsgi(settings, index) if settings.single_page else _not_found, index)


def _single_page_wsgi(settings: Settings, index: Index) -> "WSGIApplication":
    page = wsgi.ServeStatic(_not_found, index)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        path = environ.get("PATH_INFO", "")
        if is_page_wanted(environ["REQUEST_METHOD"], path, environ.get("HTTP_ACCEPT", "")):
            environ = {**environ, "SCRIPT_NAME": "", "PATH_INFO": settings.prefix + settings.single_page}
            return page(environ, start_response)
        return _not_found(environ, start_response)

    return answer


def _start_asgi() -> asgi.Application:
    settings, index = _collect()
    application: Any
    if not settings.application:
        try:
            from starlette.applications import Starlette
        except ImportError as error:
            reason = f"servestatic:app needs more packages ({error})"
            raise SettingError(f"{reason}: pip install 'statictree[standalone]'") from None
        application = _single_page(settings, index, Starlette()) if settings.single_page else Starlette()
    else:
        application = _load(settings.application)
        if settings.application_interface == "wsgi":
            from a2wsgi import WSGIMiddleware

            application = WSGIMiddleware(application)
    return asgi.ServeStatic(application, index)


def _single_page(settings: Settings, index: Index, otherwise: asgi.Application) -> asgi.Application:
    """Answer for the paths of an application that runs in the browser; a missing file of it stays missing."""
    page = asgi.ServeStatic(otherwise, index)

    async def answer(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        accept = b",".join(value for name, value in scope.get("headers", ()) if name == b"accept").decode("latin-1")
        if scope["type"] == "http" and is_page_wanted(scope["method"], scope["path"], accept):
            await page({**scope, "path": settings.prefix + settings.single_page, "root_path": ""}, receive, send)
        else:
            await otherwise(scope, receive, send)

    return answer


def is_page_wanted(method: str, path: str, accept: str) -> bool:
    """Tell whether somebody navigates to a path: GET or HEAD, no extension, and HTML is welcome by name."""
    return method in ("GET", "HEAD") and "." not in path.rpartition("/")[2] and "text/html" in accept.lower()


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


# ------------------------------------------------------------------------------------------- what and how


def _collect() -> tuple[Settings, Index]:
    settings, sources = configure(Path())
    return settings, build(sources, settings)


def configure(directory: Path) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings and the directories to serve, by default the first conventional one below `directory`.

    Raises:
        SettingError: a setting is wrong, or there is nothing to serve.
    """
    settings = resolve(*usual_origins({})).settings
    if not settings.application:
        settings = resolve(*usual_origins({}), defaults={"prefix": "/", "index_file": "index.html"}).settings
    if settings.sources or settings.build:
        return settings, settings.sources
    chosen = [name for name in _FOLDERS if os.path.isdir(directory / name)]
    chosen += [name for name in _FOLDERS_WITH_PAGE if os.path.isfile(directory / name / "index.html")]
    if not chosen:
        raise SettingError(
            f"nothing to serve: {directory.absolute()} has no directory {', '.join(_FOLDERS)}, and no"
            f" {', '.join(_FOLDERS_WITH_PAGE)} with an index.html. Set SERVESTATIC_SOURCES to the directories to serve"
            f" ({os.pathsep!r} between them)."
            + (" To serve this very directory, set SERVESTATIC_SOURCES=." * os.path.isfile(directory / "index.html"))
        )
    source = str(directory.absolute() / chosen[0])
    _log.info("serving %s, the first directory found; SERVESTATIC_SOURCES names others", source)
    return settings, (source,)


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


def _not_found(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
    response = reject(404, "Not found.")
    start_response(LINES[response.status], [*response.fields])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"Not found.\n"]


def _show_log() -> None:
    """Show our log lines on standard error, where nobody configured logging: this is an application of its own."""
    if not _log.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s: servestatic: %(message)s"))
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)
