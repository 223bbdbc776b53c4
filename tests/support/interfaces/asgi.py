"""Calls ASGI applications as a server does, and checks what a server may rely on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.http.conformance import APPLICATION
from tests.support.interfaces.function import CONTENT, FIELDS, split
from tests.support.judge import Exchange, Sent

if TYPE_CHECKING:
    from servestatic import asgi


async def asgi_application(scope: asgi.Scope, _: asgi.Receive, send: asgi.Send) -> None:
    """The wrapped application."""
    raw = [(name.lower().encode(), value.encode()) for name, value in FIELDS]
    await send({"type": "http.response.start", "status": APPLICATION, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else CONTENT})


def talk(application: asgi.Application, scope: asgi.Scope, *received: str) -> list[asgi.Message]:
    """Call an application with messages of these types, all of which it must take; return what it sends."""
    waiting, sent = [*received], list[Any]()

    async def receive() -> asgi.Message:
        return {"type": waiting.pop(0)}

    async def send(message: asgi.Message) -> None:
        sent.append(message)

    async def run() -> None:
        await application(scope, receive, send)

    asyncio.run(run())
    assert not waiting
    return sent


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
        """Return what the client receives, its framing checked."""
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
    """Return the scope that a server makes."""
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
