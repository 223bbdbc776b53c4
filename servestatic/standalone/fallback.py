"""What a site without an application answers where no file exists: its single page, its 404 page, or a line of text.

    GET /users/3      the single page, if the site has one and the request is a navigation (see `is_navigation`)
    GET /nowhere      the 404 page, with status 404, if the site has one
    GET /missing.js   a line of text: a script or an image has no use for a page, unless the user navigates to it

Caches must not keep a 404: the file may exist after the next release. The pages are found in the index like any file;
their references must be absolute, since they are shown at URLs other than their own.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from servestatic.disk.chunks import run_in_thread
from servestatic.disk.read import read_slice
from servestatic.http.message import (
    LINES,
    REQUEST_FIELDS,
    Asked,
    Fields,
    Memory,
    Response,
    Slice,
    encode,
    join_fields,
    reject,
)
from servestatic.http.representation import Missing
from servestatic.serving.deliver import answer
from servestatic.serving.index import Index
from servestatic.wsgi import read_request

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from servestatic.asgi import Application, Receive, Scope, Send

_NO_STORE = ("Cache-Control", "no-store")
# True of a file at its own URL, not of its bytes as the body of a 404.
_OF_THE_FILE = frozenset({"Cache-Control", "ETag", "Last-Modified", "Accept-Ranges"})


class Site(NamedTuple):
    """An index without an application; the pages are URL paths, or empty."""

    files: Index
    single_page: str = ""
    not_found: str = ""


def answer_without_file(site: Site, path: str, accept: str, request: Asked) -> Response:
    """Answer a request for a URL path that names no file; `accept` is the value of its Accept field."""
    method, fields, _ = request
    if site.single_page and is_navigation(method, path, accept):
        response = _read(site.files, site.single_page, request)
        if response.status != 404:
            return response
    if site.not_found and _is_page_welcome(method, path, accept):
        only = {name: value for name, value in fields.items() if name == "accept-encoding"}
        response = _read(site.files, site.not_found, (method, only, ""))
        if response.status == 200:
            kept: Fields = tuple(pair for pair in response.fields if pair[0] not in _OF_THE_FILE)
            return Response(404, (*kept, _NO_STORE), response.body)
    response = reject(404, "Not found.", (_NO_STORE,))
    return response if method != "HEAD" else Response(404, response.fields, None)


def is_navigation(method: str, path: str, accept: str) -> bool:
    """Return whether a request is a navigation to a path without a file: GET or HEAD, no extension, accepting HTML."""
    return method in ("GET", "HEAD") and not _extension(path) and "text/html" in accept.lower()


def _is_page_welcome(method: str, path: str, accept: str) -> bool:
    return method in ("GET", "HEAD") and (_extension(path) in ("", "html", "htm") or "text/html" in accept.lower())


def _extension(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""


def _read(index: Index, path: str, request: Asked) -> Response:
    """Answer a request with a page, its bytes in memory; 404 if it is unavailable."""
    target = index.get(path) or Missing(())
    response, file = answer(index.resources, target, request)
    if file is None or not isinstance(response.body, Slice):
        return response
    file.close()
    data = read_slice(response.body)
    return reject(404, "Gone.") if data is None else Response(response.status, response.fields, Memory(data))


# ------------------------------------------------------------------------------- as an application, for each adapter


def make_asgi(site: Site) -> "Application":
    """Make the ASGI application; it refuses websockets, and the lifespan has nothing to do."""

    async def application(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "http":
            sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            accept, fields = _select(sent)
            request = (scope["method"], fields, scope["query_string"].decode("latin-1"))
            response = await run_in_thread(answer_without_file, site, scope["path"], accept, request)
            headers = [*encode(response.fields)]
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await send({"type": "http.response.body", "body": _data(response)})
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        elif scope["type"] == "lifespan":
            while (message := await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": f"{message['type']}.complete"})

    return application


def make_wsgi(site: Site) -> "WSGIApplication":
    """Make the WSGI application."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        accept = join_fields([("accept", environ.get("HTTP_ACCEPT", ""))])["accept"]
        response = answer_without_file(site, path, accept, read_request(environ))
        start_response(LINES[response.status], [*response.fields])
        return [_data(response)] if response.body else []

    return application


def make_rsgi(site: Site) -> Any:
    """Make the RSGI application, a function of scope and protocol; it refuses websockets."""

    async def application(scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(403)
            return
        accept, fields = _select(scope.headers.items())
        request = (scope.method, fields, scope.query_string)
        response = await run_in_thread(answer_without_file, site, scope.path, accept, request)
        if response.body is None:
            protocol.response_empty(response.status, [*response.fields])
        else:
            protocol.response_bytes(response.status, [*response.fields], _data(response))

    return application


def _select(sent: Iterable[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """Return the value of Accept, and the fields that an answer can depend on."""
    fields = join_fields([pair for pair in sent if pair[0] in REQUEST_FIELDS or pair[0] == "accept"])
    return fields.pop("accept", ""), fields


def _data(response: Response) -> bytes:
    return response.body.data if isinstance(response.body, Memory) else b""
