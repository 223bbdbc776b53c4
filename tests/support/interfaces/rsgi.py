"""Calls RSGI applications as granian does, and checks what a server may rely on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.http.conformance import APPLICATION
from tests.support.interfaces.function import CONTENT, FIELDS, split
from tests.support.judge import Exchange, Sent


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
    """A request by RSGI 1.5, which has no root path."""

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
        """Return what the client receives: the server sends no body in answer to HEAD."""
        assert self.answer is not None, "no response"
        status, headers = self.answer
        fields = tuple((name.lower(), value) for name, value in headers)
        if status in (204, 304) or self._method == "HEAD":
            assert not self.body
        return Exchange(status, fields, self.body)


async def rsgi_application(scope: RSGIScope, protocol: Protocol) -> None:
    """The wrapped application."""
    protocol.response_bytes(APPLICATION, [*FIELDS], b"" if scope.method == "HEAD" else CONTENT)


def rsgi_scope_of(sent: Sent) -> RSGIScope:
    """Return the scope that granian makes. A mounted application gets the path below, as RSGI has no root path."""
    raw, query = split(sent)
    path = raw.decode("utf-8", "replace")
    if sent.root and path.startswith(f"{sent.root}/"):
        path = path[len(sent.root) :]
    return RSGIScope(sent.method, path, query, Headers(sent.fields))


async def call_rsgi(application: Callable[[Any, Any], Awaitable[None]], scope: RSGIScope) -> Exchange:
    protocol = Protocol(scope.method)
    await application(scope, protocol)
    return protocol.exchange()
