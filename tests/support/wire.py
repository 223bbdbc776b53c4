"""Servers as processes on a loopback port, and a client that checks all framing: raw sockets, pipelined requests."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 30.0  # seconds
ANSWERS_WITHIN = 20.0  # seconds
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")  # RFC 9112 §2.2: a line may end with a line feed alone, which is a trouble here
_BARE = re.compile(rb"(?<!\r)\n")
QUIET = 0.3  # seconds without a byte: nothing more is to come


class Server(NamedTuple):
    """How a server is started.

    Attributes:
        arguments: of `python -m`; `{port}` is filled in.
        environment: variables that it needs.
        reuses: keeps connections open.
        pipelines: reads a request that came with the one before.
    """

    arguments: str
    environment: tuple[tuple[str, str], ...] = ()
    reuses: bool = True
    pipelines: bool = True


_APP, _WSGI, _RSGI = (f"tests.support.server_apps:{name}" for name in ("app", "wsgi_app", "rsgi_app"))
_GUNICORN = f"gunicorn --bind 127.0.0.1:{{port}} --log-level warning {_WSGI}"
_GRANIAN = "granian --host 127.0.0.1 --port {port} --log-level warning --interface"
SERVERS = {
    "uvicorn": Server(f"uvicorn --host 127.0.0.1 --port {{port}} --log-level warning {_APP}"),
    "hypercorn": Server(f"hypercorn --bind 127.0.0.1:{{port}} --log-level warning {_APP}"),
    "gunicorn sync": Server(f"{_GUNICORN} --worker-class sync", reuses=False, pipelines=False),
    "gunicorn gthread": Server(f"{_GUNICORN} --worker-class gthread --threads 4"),
    "granian asgi": Server(f"{_GRANIAN} asgi {_APP}"),
    "granian wsgi": Server(f"{_GRANIAN} wsgi {_WSGI}"),
    "granian rsgi": Server(f"{_GRANIAN} rsgi {_RSGI}"),
}


@contextlib.contextmanager
def running(server: Server, folder: Path, log: Path) -> Iterator[int]:
    """Start a server for the site in `folder`; yields its port. Only this process is ended."""
    port = free_port()
    command = [sys.executable, "-m", *server.arguments.format(port=port).split()]
    environment = {**os.environ, "SITE": str(folder), "PYTHONPATH": str(ROOT), **dict(server.environment)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    with process:
        try:
            wait_until_open(process, port, log)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until_open(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a server listens on its port; raises AssertionError with its log if it does not."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"The server does not start. It said:\n{log.read_text()}")


class Asked(NamedTuple):
    """A request as bytes, and its method, without which its answer cannot be read."""

    method: str
    data: bytes


def write_request(method: str, target: str, fields: tuple[tuple[str, str], ...], body: bytes = b"") -> Asked:
    """Write an HTTP/1.1 request."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in fields)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return Asked(method, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)


@dataclass
class Got:
    """An answer from the wire; `connection` counts the connections that were needed so far."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    connection: int
    trouble: list[str] = field(default_factory=list)


def talk(port: int, requests: list[Asked], *, at_once: bool) -> list[Got]:
    """Send requests on one connection, all in one write or one by one, and read their answers.

    Where the server closes the connection, the rest goes over a new one.
    """
    answers: list[Got] = []
    connections = 0
    while len(answers) < len(requests):
        connections += 1
        before = len(answers)
        with socket.create_connection(("127.0.0.1", port), ANSWERS_WITHIN) as connection:
            rest = requests[len(answers) :]
            _talk(connection, rest, answers, connections, at_once=at_once)
        if len(answers) == before:
            raise AssertionError(f"no answer to {requests[before].data[:200]!r}")
    return answers


def _talk(connection: socket.socket, rest: list[Asked], answers: list[Got], number: int, *, at_once: bool) -> None:
    reader = Reader(connection)
    if at_once:
        connection.sendall(b"".join(request.data for request in rest))
    for request in rest:
        if not at_once:
            connection.sendall(request.data)
        answer = reader.read(request.method, number)
        if answer is None:
            return
        answers.append(answer)
        if dict(answer.fields).get("connection", "").lower() == "close":
            if stray := reader.drain():
                answer.trouble.append(f"{len(stray)} bytes after the body: {stray[:60]!r}")
            return
    connection.shutdown(socket.SHUT_WR)
    if stray := reader.drain():
        answers[-1].trouble.append(f"{len(stray)} bytes after the last answer: {stray[:60]!r}")


class Reader:
    """Reads answers from a connection by RFC 9112 §6.3, and nothing beyond them."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data = b""

    def _more(self) -> bool:
        try:
            data = self._connection.recv(65536)
        except (ConnectionResetError, TimeoutError):
            return False
        self._data += data
        return bool(data)

    def drain(self) -> bytes:
        """Return everything until the server closes, or is quiet."""
        self._connection.settimeout(QUIET)
        while self._more():
            pass
        return self._data

    def read(self, method: str, number: int) -> Got | None:
        """Read one answer; None if the connection ends before it."""
        while (end := _HEAD_ENDS.search(self._data)) is None:
            if not self._more():
                assert not self._data, f"half an answer: {self._data[:200]!r}"
                return None
        head, self._data = self._data[: end.end()], self._data[end.end() :]
        line, *lines = head.decode("latin-1").replace("\r\n", "\n").rstrip("\n").split("\n")
        trouble = [] if line.startswith("HTTP/1.1 ") else [f"not an answer where one must begin: {line[:80]!r}"]
        fields = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        status = int(line.split()[1]) if not trouble else 0
        answer = Got(status, fields, b"", number, trouble)
        if trouble:
            return answer
        if _BARE.search(head):
            trouble.append("a line feed without carriage return")
        if method != "HEAD" and status not in (204, 304):
            answer.body = self._body(dict(fields), trouble)
        return answer

    def _body(self, fields: dict[str, str], trouble: list[str]) -> bytes:
        if "transfer-encoding" in fields:
            trouble.append("Transfer-Encoding: chunked")
            return self._chunks()
        if "content-length" not in fields:
            trouble.append("no Content-Length")
            while self._more():
                pass
            body, self._data = self._data, b""
            return body
        return self._take(int(fields["content-length"]), trouble)

    def _take(self, count: int, trouble: list[str]) -> bytes:
        while len(self._data) < count:
            if not self._more():
                trouble.append(f"{len(self._data)} bytes of {count}")
                break
        body, self._data = self._data[:count], self._data[count:]
        return body

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._data:
                assert self._more()
            size, _, self._data = self._data.partition(b"\r\n")
            chunk = self._take(int(size, 16) + 2, [])
            if int(size, 16) == 0:
                return body
            body += chunk[:-2]
