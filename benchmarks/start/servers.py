"""Servers as processes, and the least client: one socket, no library, so that both cores are the server's."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.environments import HERE, CannotRunError
from benchmarks.lib.processes import read_cpu

PATIENCE = 60.0  # seconds until a server that does not answer has failed
_PAUSE = 0.002  # seconds between two attempts to connect
_FIELDS = "Host: localhost\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
# With {port} and {target}; each is one process that serves.
COMMANDS = {
    "uvicorn": ("uvicorn", "--port", "{port}", "--log-level", "error", "--no-access-log", "--factory", "{target}"),
    "gunicorn": ("gunicorn", "--bind", "127.0.0.1:{port}", "--log-level", "error", "{target}()"),
}


class Answer(NamedTuple):
    """An answer of a server: `coding` is "" for identity."""

    status: int
    coding: str
    body: bytes


class Serving(NamedTuple):
    """A running server."""

    process: "subprocess.Popen[bytes]"
    port: int
    started: float

    def await_answer(self, path: str) -> tuple[Answer, float]:
        """Ask until a 200 comes; also return the seconds since the process was started.

        Raises:
            CannotRunError: the server ended, answers otherwise, or takes too long.
        """
        while time.perf_counter() < self.started + PATIENCE and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as client:
                    answer = ask(client, path, "close")
            except ConnectionError:
                time.sleep(_PAUSE)
                continue
            if answer.status != 200:
                raise CannotRunError(f"{self.process.args!r} answers {answer.status} for {path}: {answer.body[:200]!r}")
            return answer, time.perf_counter() - self.started
        raise CannotRunError(f"{self.process.args!r} does not answer; it may have said why above.")

    def memory(self) -> int:
        """Return the bytes of memory of the server's processes; pages that several share are divided among them."""
        return sum(_read_pss(pid) for pid in (self.process.pid, *_children(self.process.pid)))

    def cpu(self) -> float:
        """Return the CPU seconds of the server's processes so far: neighbours on the machine do not count."""
        pids = (self.process.pid, *_children(self.process.pid))
        return sum(map(read_cpu, pids)) / 1e9

    def peak(self) -> int:
        """Return the most bytes that the process has held at a time."""
        return _read_kilobytes(Path(f"/proc/{self.process.pid}/status"), "VmHWM:")


@contextmanager
def serve(python: Path, server: str, target: str, variables: Mapping[str, str]) -> Iterator[Serving]:
    """Start a server, and end it afterwards whatever happens."""
    port = _free_port()
    words = [each.format(port=port, target=target) for each in COMMANDS[server]]
    started = time.perf_counter()
    process = subprocess.Popen([python, "-m", *words], cwd=HERE, env=dict(variables))
    try:
        yield Serving(process, port, started)
    finally:
        for number in (signal.SIGCONT, signal.SIGTERM):
            with suppress(ProcessLookupError):
                process.send_signal(number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ask(client: socket.socket, path: str, connection: str) -> Answer:
    """Send a GET request and read its answer."""
    client.sendall(f"GET {path} HTTP/1.1\r\n{_FIELDS}Connection: {connection}\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(client)
    head, _, body = data.partition(b"\r\n\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))}
    if b"content-length" in fields:
        while len(body) < int(fields[b"content-length"]):
            body += _receive(client)
    elif connection == "close":
        with suppress(ConnectionResetError):
            while more := client.recv(65536):
                body += more
        body = _join_chunks(body) if fields.get(b"transfer-encoding") == b"chunked" else body
    return Answer(int(head.split(b" ", 2)[1]), fields.get(b"content-encoding", b"").decode(), body)


def _receive(client: socket.socket) -> bytes:
    more = client.recv(65536)
    if not more:
        raise ConnectionResetError("the server closed the connection before its answer was whole")
    return more


def _join_chunks(body: bytes) -> bytes:
    parts: list[bytes] = []
    while body:
        length, _, rest = body.partition(b"\r\n")
        count = int(length, 16)
        parts.append(rest[:count])
        body = rest[count + 2 :] if count else b""
    return b"".join(parts)


def find_stylesheet(page: Answer) -> str:
    """Return the path of the stylesheet that a page names.

    Raises:
        CannotRunError: it names none.
    """
    found = re.search(rb'href="([^"]+)"', page.body)
    if not found:
        raise CannotRunError(f"The page names no stylesheet: {page.body[:200]!r}")
    return found[1].decode()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _read_pss(pid: int) -> int:
    return _read_kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _read_kilobytes(path: Path, name: str) -> int:
    with suppress(OSError):
        for line in path.read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
