"""Servers as processes pinned to one core, and what they take: CPU time, memory, threads."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.environments import HERE, CannotRunError
from benchmarks.lib.processes import read_cpu
from benchmarks.serve.environments import PLACE

LOG = PLACE / "log"  # what servers say
PATIENCE = 60.0  # seconds until a server that does not listen has failed
_GUNICORN = "gunicorn --bind 127.0.0.1:{port} --log-level error --no-control-socket --workers 1"
_GRANIAN = "granian --host 127.0.0.1 --port {port} --log-level error --no-access-log --workers 1 --factory --interface"


class Server(NamedTuple):
    """How a server is started: `command` of `python -m`, `interface` of the application."""

    interface: str
    command: str


SERVERS = {
    "uvicorn": Server(
        "asgi", "uvicorn --port {port} --log-level error --no-access-log --factory benchmarks.serve.site:make_asgi"
    ),
    "gunicorn gthread": Server(
        "wsgi", f"{_GUNICORN} --worker-class gthread --threads 4 benchmarks.serve.site:make_wsgi()"
    ),
    "gunicorn sync": Server("wsgi", f"{_GUNICORN} --worker-class sync benchmarks.serve.site:make_wsgi()"),
    "hypercorn": Server(
        "asgi", "hypercorn --bind 127.0.0.1:{port} --log-level error --workers 1 benchmarks.serve.site:make_asgi()"
    ),
    "granian asgi": Server("asgi", f"{_GRANIAN} asgi benchmarks.serve.site:make_asgi"),
    "granian wsgi": Server("wsgi", f"{_GRANIAN} wsgi benchmarks.serve.site:make_wsgi"),
    "granian rsgi": Server("rsgi", f"{_GRANIAN} rsgi benchmarks.serve.site:make_rsgi"),
}


class Serving(NamedTuple):
    """A running server: all its processes, and its port."""

    pids: tuple[int, ...]
    port: int

    def cpu(self) -> int:
        """Return the CPU nanoseconds of all its processes."""
        return sum(map(read_cpu, self.pids))

    def memory(self) -> int:
        """Return the bytes of memory that are resident now, those that no other process has."""
        return sum(_read_number(pid, "smaps_rollup", each) for pid in self.pids for each in _OWN) * 1024

    def threads(self) -> int:
        """Return how many threads there are."""
        return sum(_read_number(pid, "status", "Threads:") for pid in self.pids)


_OWN = ("Private_Clean:", "Private_Dirty:")


def _read_number(pid: int, file: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


class Cores(NamedTuple):
    """Which core the servers have, and which one the load has."""

    server: int
    load: int

    @property
    def apart(self) -> bool:
        """Tell whether there are two."""
        return self.server != self.load


def find_cores() -> Cores:
    """Choose the cores."""
    cores = sorted(os.sched_getaffinity(0))
    return Cores(cores[-1], cores[0])


@contextmanager
def start(command: Sequence[str | Path], port: int, variables: Mapping[str, str], cores: Cores) -> Iterator[Serving]:
    """Start a server on its core, wait until it listens, and end it afterwards whatever happens.

    Raises:
        CannotRunError: it does not come up.
    """
    os.sched_setaffinity(0, {cores.server})  # a child inherits it, and so do all that it starts
    try:
        with LOG.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=HERE, env=dict(variables), start_new_session=True, stdout=log, stderr=log
            )
    finally:
        os.sched_setaffinity(0, {cores.load})
    try:
        _wait_until_open(process, port)
        yield Serving(tuple(_list_tree(process.pid)), port)
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(3)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # a session of its own: a worker may outlive the server
    process.wait()


def write_command(python: Path, server: Server, port: int) -> list[str | Path]:
    """Write the command of a server."""
    return [python, "-m", *server.command.format(port=port).split()]


def _wait_until_open(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(request)
            if client.recv(1):  # gunicorn listens before it has a worker
                return
        time.sleep(0.02)
    raise CannotRunError(f"{process.args!r} does not answer; {LOG} may have why.")


def _list_tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended meanwhile has started nobody
            for child in (task / "children").read_text().split():
                yield from _list_tree(int(child))


def find_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
