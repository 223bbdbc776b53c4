"""How each adapter is called as a server calls it, and what a server may rely on, checked.

A driver takes an index and a request, and returns the answer as a client would see it.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

from servestatic import asgi, wsgi
from servestatic.http.message import REQUEST_FIELDS, Memory, Request, Slice, join_fields
from servestatic.serving.deliver import answer, find
from tests.http.conformance import APPLICATION
from tests.support.judge import Exchange, Sent

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from servestatic.serving.index import Index

Driver: TypeAlias = "Callable[[Index, Sent], Exchange]"

CONTENT = b"the application\n"
FIELDS = [("Content-Type", "text/plain"), ("X-Application", "yes"), ("Content-Length", str(len(CONTENT)))]
PASSED = Exchange(APPLICATION, tuple((name.lower(), value) for name, value in FIELDS), CONTENT)


def split(sent: Sent) -> tuple[bytes, str]:
    """The path of a target, percent-decoded once, and its query."""
    path, _, query = sent.target.partition("?")
    return unquote_to_bytes(path), query


# ------------------------------------------------------------------------------------------ the pure function


def call_function(index: Index, sent: Sent) -> Exchange:
    """Find, answer, and read the file as an adapter does."""
    raw, query = split(sent)
    lines = [(name.lower(), value) for name, value in sent.fields]
    fields = join_fields([pair for pair in lines if pair[0] in REQUEST_FIELDS])
    target = find(index.resources, raw.decode("utf-8", "replace"), sent.root)
    if target is None:
        return PASSED
    response, file = answer(index.resources, target, Request(sent.method, fields, query))
    body = response.body.data if isinstance(response.body, Memory) else b""
    if isinstance(response.body, Slice):
        assert file is not None
        with file:
            body = os.pread(file.fileno(), response.body.stop - response.body.start, response.body.start)
    return Exchange(response.status, tuple((name.lower(), value) for name, value in response.fields), body)


# ------------------------------------------------------------------------------------------------------ WSGI


def wsgi_application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """What is wrapped."""
    start_response(f"{APPLICATION} Passed", [*FIELDS])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [CONTENT]


class CountingWrapper:
    """As gunicorn's `wsgi.file_wrapper`: an iterable that reads on; the server stops at Content-Length (sendfile)."""

    def __init__(self, file: io.FileIO, size: int = 8192) -> None:
        self.file = file
        self.size = size

    def __iter__(self) -> Iterator[bytes]:
        while data := self.file.read(self.size):
            yield data

    def close(self) -> None:
        self.file.close()


def environ_of(sent: Sent) -> WSGIEnvironment:
    """The environment that a server makes: PEP 3333's latin-1, several lines of one field joined."""
    raw, query = split(sent)
    path, root = raw.decode("latin-1"), sent.root.encode().decode("latin-1")
    mounted = bool(root) and path.startswith(root)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": root if mounted else "",
        "PATH_INFO": path[len(root) :] if mounted else path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.errors": sys.stderr,
    }
    for name, value in sent.fields:
        variable = f"HTTP_{name.upper().replace('-', '_')}"
        environ[variable] = f"{environ[variable]},{value}" if variable in environ else value
    setup_testing_defaults(environ)
    return environ


def call_wsgi(application: WSGIApplication, environ: WSGIEnvironment, *, counted: bool = False) -> Exchange:
    """Call an application as a server does, under `wsgiref.validate`; `counted` stops at Content-Length."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, fields: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        assert not started
        started.append((status, fields))
        return io.BytesIO().write

    iterable = validator(application)(environ, start_response)
    try:
        body = b"".join(iterable)
    finally:
        iterable.close()  # type: ignore[attr-defined] # the validator's iterator has it
    status, fields = started[0]
    lower = tuple((name.lower(), value) for name, value in fields)
    if counted and environ["REQUEST_METHOD"] != "HEAD":
        body = body[: int(dict(lower).get("content-length", 0))]
    return Exchange(int(status[:3]), lower, body)


def drive_wsgi(index: Index, sent: Sent) -> Exchange:
    return call_wsgi(wsgi.ServeStatic(wsgi_application, index), environ_of(sent))


def drive_wsgi_wrapper(index: Index, sent: Sent) -> Exchange:
    environ = environ_of(sent) | {"wsgi.file_wrapper": FileWrapper}
    return call_wsgi(wsgi.ServeStatic(wsgi_application, index), environ)


def drive_wsgi_gunicorn(index: Index, sent: Sent) -> Exchange:
    environ = environ_of(sent) | {"wsgi.file_wrapper": CountingWrapper, "SERVER_SOFTWARE": "gunicorn/27.0.0"}
    return call_wsgi(wsgi.ServeStatic(wsgi_application, index), environ, counted=True)


# ------------------------------------------------------------------------------------------------------ ASGI


async def asgi_application(scope: asgi.Scope, _: asgi.Receive, send: asgi.Send) -> None:
    """What is wrapped."""
    raw = [(name.lower().encode(), value.encode()) for name, value in FIELDS]
    await send({"type": "http.response.start", "status": APPLICATION, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else CONTENT})


class Checker:
    """What a server may rely on: order and types of the messages of one response (ASGI 3, HTTP 2.5)."""

    def __init__(self, scope: Mapping[str, Any], *, any_case: bool = False) -> None:
        self.scope = scope
        self.any_case = any_case
        self.start: Mapping[str, Any] | None = None
        self.body = b""
        self.finished = False

    async def __call__(self, message: Mapping[str, Any]) -> None:
        assert not self.finished, f"{message['type']} after the last message"
        await asyncio.sleep(0)  # a server may suspend here
        if self.start is None:
            self._check_start(message)
        elif message["type"] == "http.response.pathsend":
            assert "http.response.pathsend" in self.scope["extensions"], "pathsend was not offered"
            assert not self.body
            assert set(message) == {"type", "path"}
            assert Path(message["path"]).is_absolute()
            self.body, self.finished = Path(message["path"]).read_bytes(), True
        else:
            assert message["type"] == "http.response.body"
            assert set(message) <= {"type", "body", "more_body"}
            assert type(message.get("body", b"")) is bytes
            assert type(message.get("more_body", False)) is bool
            self.body += message.get("body", b"")
            self.finished = not message.get("more_body", False)

    def _check_start(self, message: Mapping[str, Any]) -> None:
        assert message["type"] == "http.response.start", f"{message['type']} before the start"
        assert set(message) <= {"type", "status", "headers", "trailers"}
        assert type(message["status"]) is int
        for name, value in message["headers"]:
            assert type(name) is bytes
            assert type(value) is bytes
            assert self.any_case or name == name.lower()
            assert not name.startswith(b":")
            assert not {*b"\r\n"} & {*value}
        self.start = message

    def exchange(self) -> Exchange:
        """What the client got, framing checked."""
        assert self.start is not None, "no start"
        assert self.finished, "the response does not end"
        raw = self.start["headers"]
        fields = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw)
        status = self.start["status"]
        if self.scope["method"] == "HEAD" or status in (204, 304):
            assert not self.body
        else:
            assert dict(fields)["content-length"] == str(len(self.body))
        return Exchange(status, fields, self.body)


def scope_of(sent: Sent, *extensions: str) -> asgi.Scope:
    """The scope that a server makes."""
    raw, query = split(sent)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": raw.decode("utf-8", "replace"),
        "raw_path": sent.target.partition("?")[0].encode(),
        "query_string": query.encode(),
        "root_path": sent.root,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.fields],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "extensions": {extension: {} for extension in extensions},
    }


async def call_asgi(application: asgi.Application, scope: asgi.Scope, *, any_case: bool = False) -> Exchange:
    """Call an application as a server does, its messages checked; the client stays until the end."""
    checker = Checker(scope, any_case=any_case)
    received = False

    async def receive() -> asgi.Message:
        nonlocal received
        if not received:
            received = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    await application(scope, receive, checker)
    return checker.exchange()


def drive_asgi(index: Index, sent: Sent) -> Exchange:
    return asyncio.run(call_asgi(asgi.ServeStatic(asgi_application, index), scope_of(sent)))


def drive_asgi_pathsend(index: Index, sent: Sent) -> Exchange:
    scope = scope_of(sent, "http.response.pathsend")
    return asyncio.run(call_asgi(asgi.ServeStatic(asgi_application, index), scope))


# ------------------------------------------------------------------------------------------------------ RSGI


class Headers:
    """The fields of an RSGI request: names are lower-case, `get` gives the first of several lines."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields = [(name.lower(), value) for name, value in fields]

    def __contains__(self, name: str) -> bool:
        return name in self.keys()

    def keys(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self._fields))

    def values(self) -> list[str]:
        return [value for _, value in self._fields]

    def items(self) -> list[tuple[str, str]]:
        return [*self._fields]

    def get(self, name: str, default: Any = None) -> Any:
        return next((value for known, value in self._fields if known == name), default)

    def get_all(self, name: str) -> list[str]:
        return [value for known, value in self._fields if known == name]


class RSGIScope(NamedTuple):
    """RSGI 1.5: what a request is. RSGI has no root path."""

    method: str
    path: str
    query_string: str
    headers: Headers
    proto: str = "http"
    http_version: str = "1.1"
    rsgi_version: str = "1.5"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:50000"
    scheme: str = "http"
    authority: str | None = None


class Transport:
    """The stream of an RSGI response."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    async def send_bytes(self, data: bytes) -> None:
        assert type(data) is bytes
        await asyncio.sleep(0)
        self._protocol.body += data

    async def send_str(self, data: str) -> None:
        await self.send_bytes(data.encode())


class Protocol:
    """RSGI 1.5's HTTP protocol, in memory: exactly one response; a file's range is half-open, as granian's is."""

    def __init__(self, method: str) -> None:
        self._method = method
        self.answer: tuple[int, list[tuple[str, str]]] | None = None
        self.body = b""

    async def __call__(self) -> bytes:
        return b""

    async def client_disconnect(self) -> None:
        await asyncio.Event().wait()

    def _start(self, status: int, headers: list[tuple[str, str]]) -> None:
        assert self.answer is None, "a second response"
        assert type(status) is int
        assert type(headers) is list
        assert all(type(name) is str and type(value) is str for name, value in headers)
        self.answer = (status, headers)

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self._start(status, headers)

    def response_str(self, status: int, headers: list[tuple[str, str]], body: str) -> None:
        self.response_bytes(status, headers, body.encode())

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._start(status, headers)
        assert type(body) is bytes
        self.body = body

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self._start(status, headers)
        self.body = Path(file).read_bytes()

    def response_file_range(self, status: int, headers: list[tuple[str, str]], file: str, start: int, end: int) -> None:
        self._start(status, headers)
        assert 0 <= start < end <= Path(file).stat().st_size
        self.body = Path(file).read_bytes()[start:end]

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Transport:
        self._start(status, headers)
        return Transport(self)

    def exchange(self) -> Exchange:
        """What the client got: the server sends no body in answer to HEAD."""
        assert self.answer is not None, "no response"
        status, headers = self.answer
        fields = tuple((name.lower(), value) for name, value in headers)
        if status in (204, 304) or self._method == "HEAD":
            assert not self.body
        return Exchange(status, fields, self.body)


async def rsgi_application(scope: RSGIScope, protocol: Protocol) -> None:
    """What is wrapped."""
    protocol.response_bytes(APPLICATION, [*FIELDS], b"" if scope.method == "HEAD" else CONTENT)


def rsgi_scope_of(sent: Sent) -> RSGIScope:
    """The scope that granian makes; what is mounted is asked by the path below, as there is no root path."""
    raw, query = split(sent)
    path = raw.decode("utf-8", "replace")
    if sent.root and path.startswith(f"{sent.root}/"):
        path = path[len(sent.root) :]
    return RSGIScope(sent.method, path, query, Headers(sent.fields))


async def call_rsgi(application: Callable[[Any, Any], Awaitable[None]], scope: RSGIScope) -> Exchange:
    protocol = Protocol(scope.method)
    await application(scope, protocol)
    return protocol.exchange()


def drive_rsgi(index: Index, sent: Sent) -> Exchange:
    from servestatic import rsgi

    application: Any = rsgi.ServeStatic(rsgi_application, index)
    return asyncio.run(call_rsgi(getattr(application, "__rsgi__", application), rsgi_scope_of(sent)))


# ---------------------------------------------------------------------------------------------------- Django


def drive_django(index: Index, sent: Sent) -> Exchange:
    from tests.support import django_site

    return call_wsgi(django_site.wsgi_handler(index), environ_of(sent))


def drive_django_wrapper(index: Index, sent: Sent) -> Exchange:
    from tests.support import django_site

    environ = environ_of(sent) | {"wsgi.file_wrapper": FileWrapper}
    return call_wsgi(django_site.wsgi_handler(index), environ)


def drive_django_async(index: Index, sent: Sent) -> Exchange:
    from tests.support import django_site

    # Django's handler writes the names of fields as they are spelled; servers make them lower-case.
    return asyncio.run(call_asgi(django_site.asgi_handler(index), scope_of(sent), any_case=True))


def drive_django_wsgi(index: Index, sent: Sent) -> Exchange:
    from tests.support import django_site

    return call_wsgi(django_site.wsgi_application(index), environ_of(sent))


def drive_django_wsgi_gunicorn(index: Index, sent: Sent) -> Exchange:
    from tests.support import django_site

    environ = environ_of(sent) | {"wsgi.file_wrapper": CountingWrapper, "SERVER_SOFTWARE": "gunicorn/27.0.0"}
    return call_wsgi(django_site.wsgi_application(index), environ, counted=True)


def drive_django_asgi(index: Index, sent: Sent) -> Exchange:
    from tests.support import django_site

    return asyncio.run(call_asgi(django_site.asgi_application(index), scope_of(sent), any_case=True))


def drive_django_asgi_pathsend(index: Index, sent: Sent) -> Exchange:
    from tests.support import django_site

    scope = scope_of(sent, "http.response.pathsend")
    return asyncio.run(call_asgi(django_site.asgi_application(index), scope, any_case=True))


DRIVERS: dict[str, Driver] = {
    "wsgi": drive_wsgi,
    "wsgi, file_wrapper": drive_wsgi_wrapper,
    "wsgi, gunicorn's file_wrapper": drive_wsgi_gunicorn,
    "asgi": drive_asgi,
    "asgi, pathsend": drive_asgi_pathsend,
    "rsgi": drive_rsgi,
    "django, sync": drive_django,
    "django, file_wrapper": drive_django_wrapper,
    "django, async": drive_django_async,
    "django, get_wsgi_application": drive_django_wsgi,
    "django, get_wsgi_application, gunicorn's file_wrapper": drive_django_wsgi_gunicorn,
    "django, get_asgi_application": drive_django_asgi,
    "django, get_asgi_application, pathsend": drive_django_asgi_pathsend,
}
