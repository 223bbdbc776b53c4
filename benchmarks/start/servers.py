"""Servers from their start on: until their first answers, and what they take."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

from benchmarks.lib.environments import CannotRunError
from benchmarks.lib.machine import list_processes, read_count, read_cpu
from benchmarks.lib.servers import PATIENCE, Answer, ask, connect, find_port, run_server

_PAUSE = 0.002  # seconds between two attempts to connect
_REST, _IDLE = 1.0, 0.02  # seconds, and those of CPU that processes without work take in them
# With {port} and {target}.
_GUNICORN = ("gunicorn", "--bind", "127.0.0.1:{port}", "--log-level", "error", "{target}()")
COMMANDS = {
    "uvicorn": ("uvicorn", "--port", "{port}", "--log-level", "error", "--no-access-log", "--factory", "{target}"),
    "gunicorn": _GUNICORN,
    "gunicorn, 4 workers": (*_GUNICORN, "--workers", "4"),
}


class Serving(NamedTuple):
    """A running server."""

    process: Popen[bytes]
    port: int
    started: float

    def await_answer(self, path: str) -> tuple[Answer, float]:
        """Ask until a 200 comes; also return the seconds since the process was started.

        Raises:
            CannotRunError: the server ended, answers otherwise, or takes too long.
        """
        while time.perf_counter() < self.started + PATIENCE and self.process.poll() is None:
            try:
                with connect(self.port) as client:
                    answer = ask(client, write_request(path, "close"))
            except ConnectionError:
                time.sleep(_PAUSE)
                continue
            if answer.status != 200:
                raise CannotRunError(f"{self.process.args!r} answers {answer.status} for {path}: {answer.body[:200]!r}")
            return answer, time.perf_counter() - self.started
        raise CannotRunError(f"{self.process.args!r} does not answer; its messages, if any, are above.")

    def settle(self) -> None:
        """Wait until the server's processes do nothing: all of its workers have started."""
        before, now = -1.0, self.cpu()
        while now > before + _IDLE:
            time.sleep(_REST)
            before, now = now, self.cpu()

    def memory(self) -> int:
        """Return the bytes of memory of the server's processes; pages that several share are divided among them."""
        return sum(read_count(pid, "smaps_rollup", "Pss:") for pid in list_processes(self.process.pid)) * 1024

    def cpu(self) -> float:
        """Return the CPU seconds of the server's processes so far: neighbours on the machine do not count."""
        return sum(map(read_cpu, list_processes(self.process.pid))) / 1e9

    def peak(self) -> int:
        """Return the most bytes that the process has held at a time."""
        return read_count(self.process.pid, "status", "VmHWM:") * 1024


@contextmanager
def serve(python: Path, server: str, target: str, variables: Mapping[str, str]) -> Iterator[Serving]:
    """Start a server, and end it afterwards whatever happens."""
    port = find_port()
    command = [str(python), "-m", *(word.format(port=port, target=target) for word in COMMANDS[server])]
    started = time.perf_counter()
    with run_server(command, variables) as process:
        yield Serving(process, port, started)


def write_request(path: str, connection: str) -> bytes:
    """Write a GET request."""
    fields = f"Host: localhost\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nConnection: {connection}"
    return f"GET {path} HTTP/1.1\r\n{fields}\r\n\r\n".encode()


def find_stylesheet(page: Answer) -> str:
    """Return the path of the stylesheet that a page names.

    Raises:
        CannotRunError: it names none.
    """
    found = re.search(rb'href="([^"]+)"', page.body)
    if not found:
        raise CannotRunError(f"The page names no stylesheet: {page.body[:200]!r}")
    return found[1].decode()
