"""Bare applications: they send a reply, the same to every request, and do nothing else.

What each does for a file is the best that its interface has: `wsgi.file_wrapper`, pathsend, granian's file response;
elsewhere 256 KB at a time.
"""

import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from benchmarks.serve.replies import APPLICATION, CONTROL, Reply, read

CHUNK = 256 * 1024
_TAKEN = b"taken\n"
Send = Callable[[dict[str, Any]], Awaitable[None]]

# ------------------------------------------------------------------------------------------------------- ASGI


def make_asgi() -> Any:
    """Make one for ASGI; it answers lifespans, too."""
    status, headers, body, path = _encode(APPLICATION)

    async def application(scope: dict[str, Any], receive: Any, send: Send) -> None:
        nonlocal status, headers, body, path
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["path"].startswith(CONTROL):
            status, headers, body, path = _encode(read(scope["path"]))
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]})
            await send({"type": "http.response.body", "body": _TAKEN})
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if path:
            await _send_file(scope, send, path)
        else:
            await send({"type": "http.response.body", "body": body})

    return application


def _encode(reply: Reply) -> tuple[int, list[tuple[bytes, bytes]], bytes, str]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.fields]
    return reply.status, headers, reply.body, reply.path


async def _live(receive: Any, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _send_file(scope: dict[str, Any], send: Send, path: str) -> None:
    if "http.response.pathsend" in scope.get("extensions", ()):
        await send({"type": "http.response.pathsend", "path": path})
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        offset, size = 0, os.fstat(descriptor).st_size
        while offset < size:
            data = os.pread(descriptor, CHUNK, offset)
            offset += len(data)
            await send({"type": "http.response.body", "body": data, "more_body": offset < size})
    finally:
        os.close(descriptor)


# ------------------------------------------------------------------------------------------------------- WSGI


def make_wsgi() -> Any:
    """Make one for WSGI."""
    line, fields, body, path = _list(APPLICATION)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal line, fields, body, path
        if environ["PATH_INFO"].startswith(CONTROL):
            line, fields, body, path = _list(read(environ["PATH_INFO"]))
            start_response("200 OK", [("Content-Length", "6")])
            return [_TAKEN]
        start_response(line, fields)
        return _wrap(environ, path) if path else [body]

    return application


def _list(reply: Reply) -> tuple[str, list[tuple[str, str]], bytes, str]:
    return f"{reply.status} Sent", [*reply.fields], reply.body, reply.path


def _wrap(environ: dict[str, Any], path: str) -> Iterable[bytes]:
    wrapper: Callable[[Any, int], Iterable[bytes]] | None = environ.get("wsgi.file_wrapper")
    if wrapper is None:
        return _read_chunks(path)
    return wrapper(open(path, "rb"), CHUNK)  # the server closes it


def _read_chunks(path: str) -> Iterator[bytes]:
    with open(path, "rb", buffering=0) as file:
        while data := file.read(CHUNK):
            yield data


# ------------------------------------------------------------------------------------------------------- RSGI


class Rsgi:
    """One for RSGI, as granian wants it: an object."""

    def __init__(self) -> None:
        self._take(APPLICATION)

    def _take(self, reply: Reply) -> None:
        self._status, self._headers, self._body, self._path = reply.status, [*reply.fields], reply.body, reply.path

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Send the reply."""
        if scope.path.startswith(CONTROL):
            self._take(read(scope.path))
            protocol.response_bytes(200, [("content-length", "6")], _TAKEN)
        elif self._path:
            protocol.response_file(self._status, self._headers, self._path)
        else:
            protocol.response_bytes(self._status, self._headers, self._body)
