"""Servers pinned to one core, and what they take: CPU time, memory, threads."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from types import MappingProxyType
from typing import NamedTuple

from benchmarks.lib import environments
from benchmarks.lib.environments import HERE, CannotRunError, list_variables, make_environment
from benchmarks.lib.machine import list_processes, read_count, read_cpu
from benchmarks.lib.servers import PATIENCE, connect, find_port, run_server
from benchmarks.serve import nginx
from benchmarks.serve.contenders import Contender
from benchmarks.serve.tree import OURS, PEERS, PLACE, STORE, File

LOG = PLACE / "log"  # the servers' output
_REQUIREMENTS = HERE / "requirements-servers.txt"
_SITE = "benchmarks.serve.site"
_UVICORN = "uvicorn --port {port} --log-level error --no-access-log --factory"
_GUNICORN = "gunicorn --bind 127.0.0.1:{port} --log-level error --no-control-socket --workers 1"
_HYPERCORN = "hypercorn --bind 127.0.0.1:{port} --log-level error --workers 1"
_GRANIAN = "granian --host 127.0.0.1 --port {port} --log-level error --no-access-log --workers 1 --factory --interface"
# Arguments of `python -m` by server.
SERVERS = {
    "uvicorn": f"{_UVICORN} {_SITE}:make_asgi",
    "gunicorn gthread": f"{_GUNICORN} --worker-class gthread --threads 4 {_SITE}:make_wsgi()",
    "gunicorn sync": f"{_GUNICORN} --worker-class sync {_SITE}:make_wsgi()",
    "hypercorn": f"{_HYPERCORN} {_SITE}:make_asgi()",
    "granian asgi": f"{_GRANIAN} asgi {_SITE}:make_asgi",
    "granian wsgi": f"{_GRANIAN} wsgi {_SITE}:make_wsgi",
    "granian rsgi": f"{_GRANIAN} rsgi {_SITE}:make_rsgi",
}


def make_environments() -> Mapping[str, Path]:
    """Make the two environments, with the same servers in both, and return their interpreters by group.

    Raises:
        CannotRunError: the packages cannot be installed.
    """
    required = {"ours": (_REQUIREMENTS,), "peers": (_REQUIREMENTS, environments.PEERS)}
    return {group: make_environment(PLACE / f"environment-{group}", *files) for group, files in required.items()}


class Serving(NamedTuple):
    """A running server: all its processes, and its port."""

    pids: tuple[int, ...]
    port: int

    def cpu(self) -> int:
        """Return the CPU nanoseconds of all its processes."""
        return sum(map(read_cpu, self.pids))

    def memory(self) -> int:
        """Return the bytes of memory that are resident now, those that no other process has."""
        own = ("Private_Clean:", "Private_Dirty:")
        return sum(read_count(pid, "smaps_rollup", name) for pid in self.pids for name in own) * 1024

    def threads(self) -> int:
        """Return the number of threads."""
        return sum(read_count(pid, "status", "Threads:") for pid in self.pids)


class Cores(NamedTuple):
    """Which core the servers have, and which one the load has."""

    server: int
    load: int

    @property
    def apart(self) -> bool:
        """Whether there are two."""
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
    with LOG.open("ab") as log, _pinned(cores), run_server(command, variables, log) as process:
        os.sched_setaffinity(0, {cores.load})
        _wait_until_open(process, port)
        yield Serving(tuple(list_processes(process.pid)), port)


@contextmanager
def _pinned(cores: Cores) -> Iterator[None]:
    os.sched_setaffinity(0, {cores.server})  # a child inherits it, and so do all that it starts
    try:
        yield
    finally:
        os.sched_setaffinity(0, {cores.load})


def _wait_until_open(process: Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), connect(port) as client:
            client.sendall(request)
            if client.recv(1):  # gunicorn listens before it has a worker
                return
        time.sleep(0.02)
    raise CannotRunError(f"{process.args!r} does not answer; {LOG} may have why.")


# ------------------------------------------------------------------------------------------ contenders in servers


class Site(NamedTuple):
    """The interpreters by group, the files, and the cores."""

    pythons: Mapping[str, Path]
    files: Mapping[str, File]
    cores: Cores


@contextmanager
def run(
    site: Site, server: str, contender: Contender, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Serving]:
    """Run one contender under a server; `more` is added to its environment."""
    port = find_port()
    if not contender.group:
        command, variables = nginx.write_command(port), list_variables("")
    else:
        variables = list_variables(
            contender.group,
            SITE_CONTENDER=contender.key,
            SITE_FILES=OURS if contender.group == "ours" else PEERS,
            SITE_STORE=STORE,
            SITE_REPLIES=find_place(server),
            **more,
        )
        command = [site.pythons[contender.group], "-m", *SERVERS[server].format(port=port).split()]
    with start(command, port, variables, site.cores) as serving:
        yield serving


def find_place(server: str) -> Path:
    """Return the directory of a server's replies."""
    return PLACE / "replies" / server.replace(" ", "-")
