"""A dyno is stopped while a client is still reading: the answer is complete, and no process is left after it."""

from __future__ import annotations

import contextlib
import hashlib
import random
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.heroku.dynos import ENDS_WITHIN, running
from tests.acceptance.heroku.slug import choose_server, copy_slug
from tests.acceptance.heroku.visitors import HOST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LARGE = 24 * 1024 * 1024  # bytes: more than the kernel takes from the server for a reader who does not read
READ_AT_ONCE = 64 * 1024  # bytes
STOPS = {"gunicorn": "Worker exiting", "uvicorn": "Finished server process"}  # the worker that has nothing to do


@pytest.mark.parametrize("everybody", [False, True], ids=["honcho passes it on", "everybody gets it"])
@pytest.mark.parametrize("server", STOPS)
def test_sigterm_while_a_client_reads(
    server: str, everybody: bool, slug: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """Codings are being made meanwhile, too; they wait for the next start."""
    copy = copy_slug(slug, tmp_path / "app")
    choose_server(copy, server)
    data = random.Random(0).randbytes(LARGE)
    (copy / "static/large.bin").write_bytes(data)
    with running(tmp_path / "dyno", copy) as dyno:
        dyno.get("/static/admin/css/base.css")  # so that the thread that makes codings begins
        with contextlib.closing(ask(dyno.port, "/static/large.bin")) as reader:
            head, _, body = reader.recv(READ_AT_ONCE).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            signalled = time.monotonic()
            dyno.signal(everybody=everybody)
            dyno.wait_for(STOPS[server], 1, ENDS_WITHIN)
            while more := reader.recv(READ_AT_ONCE):
                body += more
        assert hashlib.sha256(body).digest() == hashlib.sha256(data).digest()
        answered = time.monotonic() - signalled
        dyno.wait_for_end()
        gone = time.monotonic() - signalled
        to = "everybody" if everybody else "honcho"
        tell(
            f"SIGTERM to {to} ({server}): {LARGE / 1e6:.0f} MB in flight are whole after {answered:.1f} s, "
            f"every process is gone after {gone:.1f} s"
        )
        assert "compression finished" not in dyno.log()


def ask(port: int, path: str) -> socket.socket:
    """Ask for a file, with little room for what was not read."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_AT_ONCE)
    reader.settimeout(ENDS_WITHIN)
    reader.connect(("127.0.0.1", port))
    fields = f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\nConnection: close"
    reader.sendall(f"GET {path} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
    return reader
