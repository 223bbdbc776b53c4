"""ASGI under trio, on which Starlette and Hypercorn run too: bodies in memory and in files, ranges, threads."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import brotli
import pytest
import trio

import servestatic
from servestatic import asgi
from servestatic.disk.read import CHUNK

if TYPE_CHECKING:
    from pathlib import Path

LARGE = b"".join(hashlib.sha256(bytes([number % 256, number // 256])).digest() for number in range(CHUNK // 8))
BODIES = {"small.css": b"a{}", "large.bin": LARGE, "text.txt": b"of a text\n" * 80_000}


async def refuse(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    """Never run."""
    raise AssertionError(scope["path"])


class Got(NamedTuple):
    """What a server sends."""

    status: int
    fields: dict[str, str]
    body: bytes


async def _get(app: asgi.ServeStatic, path: str, fields: dict[str, str]) -> Got:
    sent: list[asgi.Message] = []

    async def receive() -> asgi.Message:
        await trio.sleep_forever()
        raise AssertionError

    async def send(message: asgi.Message) -> None:
        await trio.lowlevel.checkpoint()
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    start, *bodies = sent
    assert [message.get("more_body", False) for message in bodies] == [True] * (len(bodies) - 1) + [False]
    received = {name.decode(): value.decode() for name, value in start["headers"]}
    return Got(start["status"], received, b"".join(message["body"] for message in bodies))


@pytest.fixture
def app(tmp_path: Path) -> asgi.ServeStatic:
    for name, data in BODIES.items():
        (tmp_path / name).write_bytes(data)
    return asgi.ServeStatic(refuse, servestatic.collect(tmp_path, store="none", prefix="/"))


def get(app: asgi.ServeStatic, path: str, **fields: str) -> Got:
    """Send a GET in an event loop of trio's."""
    return trio.run(_get, app, path, {name.replace("_", "-"): value for name, value in fields.items()})


@pytest.mark.parametrize("name", BODIES)
def test_bodies(app: asgi.ServeStatic, name: str) -> None:
    for _ in range(2):  # made, then found
        answer = get(app, f"/{name}", accept_encoding="identity")
        assert (answer.status, answer.body) == (200, BODIES[name])


def test_range(app: asgi.ServeStatic) -> None:
    answer = get(app, "/large.bin", range=f"bytes=7-{CHUNK * 2}")
    assert (answer.status, answer.body) == (206, LARGE[7 : CHUNK * 2 + 1])


def test_a_thread(app: asgi.ServeStatic, caplog: pytest.LogCaptureFixture) -> None:
    """What would hold up the event loop: a coding of a large file."""
    answer = get(app, "/text.txt", accept_encoding="br")
    assert (answer.fields["content-encoding"], brotli.decompress(answer.body)) == ("br", BODIES["text.txt"])
    assert "no thread" not in caplog.text
