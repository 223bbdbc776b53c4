"""Servers with several worker processes, the site that they serve, and the store that they share."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from servestatic.assets.coding import name_object
from servestatic.serving.compression.coders import codings
from servestatic.store import Store
from tests.support.ports import free_port
from tests.support.process_id_apps import WORKER
from tests.support.tree import prose
from tests.support.wire import ROOT, STARTS_WITHIN, Asked, Got, talk, wait_until_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENDS_WITHIN = 10.0  # seconds
SETTLES_WITHIN = 60.0  # seconds
SETTLED = r"compression finished in [\d.]+ s, (\d+) codings made"
_ROUNDS, _AT_A_TIME = 100, 8  # connections until every worker has answered


class Workers(NamedTuple):
    """How a server is started.

    Attributes:
        arguments: of `python -m`; `{port}` is filled in.
        processes: how many answer.
        collects: how many processes collect; one where it is done before the fork.
        one_socket: whether the workers accept from one socket; granian's have one each.
        pipelines: reads a request that came with the one before.
    """

    arguments: str
    processes: int
    collects: int
    one_socket: bool = True
    pipelines: bool = True


_GUNICORN = "gunicorn --bind 127.0.0.1:{port} --workers 4 --log-level warning tests.support.process_id_apps:wsgi_app"
_UVICORN = "uvicorn --host 127.0.0.1 --port {port} --log-level warning tests.support.process_id_apps:app"
_GRANIAN = "granian --host 127.0.0.1 --port {port} --workers 2 --log-level warning --interface"
WORKERS = {
    "gunicorn": Workers(_GUNICORN, 4, 4, pipelines=False),
    "gunicorn --preload": Workers(f"{_GUNICORN} --preload", 4, 1, pipelines=False),
    # On a machine that is busy with other things a worker may be late to say that it is alive; uvicorn then kills it.
    "uvicorn": Workers(f"{_UVICORN} --workers 4 --timeout-worker-healthcheck 60", 4, 4),
    "granian asgi": Workers(f"{_GRANIAN} asgi tests.support.process_id_apps:app", 2, 2, one_socket=False),
    "granian wsgi": Workers(
        f"{_GRANIAN} wsgi --blocking-threads 4 tests.support.process_id_apps:wsgi_app", 2, 2, one_socket=False
    ),
}


# -------------------------------------------------------------------------------------------------------- site

_STYLE = ".rule-%d { color: #123; margin: 0 auto }"
_SCRIPT = "export const value%d = () => document.title;"


def write_site(folder: Path) -> None:
    """Write some thirty files: a page that links to them, references that are rewritten, one file of 260 KiB."""
    pictures = {f"img/{number}.svg": b"<svg>" + prose(900 + number, "<path d='M%d 0'/>") for number in range(10)}
    styles = {
        f"css/{number}.css": b".a { background: url(../img/%d.svg) }\n" % number + prose(4000 + number, _STYLE)
        for number in range(10)
    }
    scripts = {
        f"js/{number}.js": b"import './%d.js';\n" % (number + 1) + prose(5000 + number, _SCRIPT) for number in range(8)
    }
    large = {"js/8.js": prose(260 * 1024, _SCRIPT)}
    links = [f"<link rel=icon href={name}>" for name in pictures]
    links += [f"<link rel=stylesheet href={name}>" for name in styles]
    links += [f"<script type=module src={name}></script>" for name in (*scripts, *large)]
    page = {"index.html": "\n".join(("<!doctype html>", *links)).encode()}
    for name, data in {**pictures, **styles, **scripts, **large, **page}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def keys(digests: Iterable[bytes]) -> list[str]:
    """Return the keys of the objects that a settled store has for contents with these SHA-256."""
    return [name_object(digest, coding) for digest in sorted(set(digests)) for coding in codings()]


@contextlib.contextmanager
def hold_back(place: Path, names: list[str]) -> Iterator[Store]:
    """Hold the right to make each object of a store, so that no worker makes any."""
    store = Store(place)
    with contextlib.ExitStack() as stack:
        for name in names:
            assert stack.enter_context(store.lock(name))
        yield store


# ---------------------------------------------------------------------------------------------------- processes


class Running:
    """A server with its workers: a process group of its own."""

    def __init__(self, workers: Workers, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.workers = workers
        self.process = process
        self.port = port
        self.log = log

    def said(self, pattern: str) -> list[str]:
        """Return what the pattern's group has matched in the log so far."""
        return re.findall(pattern, self.log.read_text())

    def wait_for(self, pattern: str, count: int, seconds: float, total: int = 0) -> list[str]:
        """Wait until a pattern is in the log `count` times and its group's matches add up to `total`."""
        deadline = time.monotonic() + seconds
        while len(found := self.said(pattern)) < count or (total and sum(map(int, found)) < total):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"{len(found)} × {pattern}:\n{self.log.read_text()}"
            time.sleep(0.02)
        return found

    def terminate(self) -> int:
        """End the server by SIGTERM and return its exit code; none of its processes may be left."""
        self.process.terminate()
        code = self.process.wait(ENDS_WITHIN)
        deadline = time.monotonic() + ENDS_WITHIN
        while self.is_alive():
            assert time.monotonic() < deadline, f"a worker outlives its server:\n{self.log.read_text()}"
            time.sleep(0.02)
        return code

    def is_alive(self) -> bool:
        """Return whether a process of the group is running."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


@contextlib.contextmanager
def running(workers: Workers, log: Path, **settings: object) -> Iterator[Running]:
    """Start a server, and yield it when all its workers are ready."""
    port = free_port()
    command = [sys.executable, "-m", *workers.arguments.format(port=port).split()]
    variables = {f"SERVESTATIC_{name.upper()}": str(value) for name, value in settings.items()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    server = Running(workers, process, port, log)
    try:
        server.wait_for("static files (ready)", workers.collects, STARTS_WITHIN)
        wait_until_open(process, port, log)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(ENDS_WITHIN)


# ---------------------------------------------------------------------------------------------------- requests

Answers: TypeAlias = "dict[int, dict[Asked, Got]]"


def ask_each(server: Running, requests: list[Asked]) -> Answers:
    """Send requests until every worker has answered each; return the answers by process id.

    The last request closes the connection. Where the workers accept from one socket, the kernel may hand every
    connection to the same of them, if that is quick: so those that have answered everything are stopped meanwhile.
    """
    answers: Answers = defaultdict(dict)
    rest, stopped = requests, set[int]()
    try:
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            for _ in range(_ROUNDS):
                for got in pool.map(partial(_ask, server, rest), range(_AT_A_TIME)):
                    for request, answer in zip(rest, got, strict=True):
                        answers[int(dict(answer.fields)[WORKER])][request] = answer
                done = {pid for pid, answered in answers.items() if len(answered) == len(requests)}
                if len(done) == server.workers.processes:
                    return answers
                if server.workers.one_socket:
                    stopped |= _signal(done - stopped, signal.SIGSTOP)
                unfinished = [known for pid, known in answers.items() if pid not in done]
                everyone = len(answers) == server.workers.processes
                missed = [request for request in requests[:-1] if any(request not in known for known in unfinished)]
                rest = [*missed, requests[-1]] if everyone else requests
    finally:
        _signal(stopped, signal.SIGCONT)
    raise AssertionError(f"not every worker answered: { {pid: len(answered) for pid, answered in answers.items()} }")


def _signal(pids: set[int], number: signal.Signals) -> set[int]:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    return pids


def _ask(server: Running, requests: list[Asked], _: int) -> list[Got]:
    return talk(server.port, requests, at_once=server.workers.pipelines)
