"""Mixed load of 64 connections while everything changes: no answer is wrong, and processes do not grow.

`SOAK_SECONDS=3600 pytest tests/acceptance/soak` takes an hour, without it three minutes, a third for each server.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.soak.clients import Chooser, Client, ask_all
from tests.acceptance.soak.faults import Files, Releases, is_running, kill, repeat
from tests.acceptance.soak.journal import Journal
from tests.acceptance.soak.judge import Judge
from tests.acceptance.soak.processes import Sampler
from tests.acceptance.soak.site import DELETED, Known, prepare
from tests.support.workers import Running, Workers, running

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what processes hold is read from /proc")

SECONDS = float(os.environ.get("SOAK_SECONDS", "180"))  # for all servers
SEED = os.environ.get("SOAK_SEED") or str(random.SystemRandom().randrange(10**6))
CONNECTIONS = 64
ENDS_WITHIN = 90.0  # seconds
FAULTS = {"replace", "rewrite", "overwrite", "truncate", "touch", "delete", "restore", "put", "prune", "kill"}
# From the second quarter of the time to the last. In three minutes, a leak of one body in ten requests exceeds this; in
# an hour, one of 100 bytes for each request. Caches are full after the first quarter; what remains is the allocator's.
MAX_GROWTH = 32 * 1024 * 1024  # bytes
MAX_DESCRIPTORS = 64  # but sockets: as many files may be kept open
MAX_THREADS = 2
SETTLED_WITHIN = 30.0  # seconds after the last change
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:(?:[ +|].*)?\n)*(\S.*)")
_ASGI, _WSGI = "tests.support.process_id_apps:app", "tests.support.process_id_apps:wsgi_app"
# Idle connections stay open: one that the server closes just as a request comes would look like a fault.
SERVERS = {
    "uvicorn": Workers(
        f"uvicorn --host 127.0.0.1 --port {{port}} --workers 3 --timeout-worker-healthcheck 60 --timeout-keep-alive 120"
        f" --log-level warning {_ASGI}",
        3,
        3,
    ),
    "gunicorn": Workers(
        "gunicorn --bind 127.0.0.1:{port} --workers 3 --worker-class gthread --threads 16 --keep-alive 120"
        f" --timeout 120 --log-level warning {_WSGI}",
        3,
        3,
    ),
    "granian": Workers(
        "granian --host 127.0.0.1 --port {port} --workers 3 --respawn-failed-workers --respawn-interval 1"
        f" --log-level warning --interface asgi {_ASGI}",
        3,
        3,
        one_socket=False,
    ),
}


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return prepare(tmp_path_factory.mktemp("releases"))


@pytest.mark.parametrize("name", SERVERS)
def test_soak(name: str, known: Known, tmp_path: Path, tell: Callable[[str], None]) -> None:
    journal = Journal()
    files = Files(tmp_path / "site", journal, random.Random(f"{SEED} {name}"))
    releases = Releases(tmp_path / "place", known, journal, random.Random(f"{SEED} {name}"))
    settings = {"sources": tmp_path / "site", "store": tmp_path / "store", "releases": tmp_path / "place"}
    with running(SERVERS[name], tmp_path / "log", **settings) as server:
        survivor = find_workers(server)[0]
        judge, load = Judge(known, journal, survivor), threading.Event()
        choosers = [Chooser(known, f"{SEED} {name} {number}") for number in range(CONNECTIONS)]
        clients = [Client(server.port, chooser, judge, journal, load) for chooser in choosers]
        sampler = Sampler([server.process.pid, survivor], load)
        ends = threading.Event()
        faults = repeat(files, releases, lambda: kill_one(clients, survivor, journal), ends)
        for thread in (*clients, sampler, *faults):
            thread.start()
        time.sleep(SECONDS / len(SERVERS))
        end(ends, faults)
        end(load, [*clients, sampler])
        tell(describe(name, clients, judge, journal, sampler))
        assert [fault.error for fault in faults] == [None] * len(faults)
        assert not judge.failures, "\n".join(judge.failures[:20])
        settle(server, survivor, files.restore_all())
        assert tracebacks(server) == []
    check_load(judge, journal)
    check_growth(sampler)


def end(stop: threading.Event, threads: Sequence[threading.Thread]) -> None:
    """End threads."""
    stop.set()
    for thread in threads:
        thread.join(ENDS_WITHIN)
        assert not thread.is_alive(), thread


def describe(name: str, clients: list[Client], judge: Judge, journal: Journal, sampler: Sampler) -> str:
    """Return what was done and seen, in some lines."""
    counts = {
        "answers": judge.counts,
        "bodies verified": judge.verified,
        "faults": journal.counts,
        "broken off": sum((client.cuts for client in clients), Counter[str]()),
    }
    requests = sum(client.requests for client in clients)
    lines = [f"{name}, seed {SEED}: {requests} requests, {len(judge.failures)} failures"]
    for what, numbers in counts.items():
        parts = ", ".join(f"{number} {part}" for part, number in numbers.most_common())
        lines.append(f"  {numbers.total()} {what}: {parts}")
    lines += [f"  process {pid}: {sampler.describe(pid)}" for pid in sampler.samples]
    return "\n".join(lines)


def check_load(judge: Judge, journal: Journal) -> None:
    """Everything that was to happen has happened, or nothing was shown."""
    assert {"200", "206", "304", "404", "416"} <= judge.counts.keys()
    assert {"identity", "br", "gzip", "zstd", "dcz", "range"} <= judge.verified.keys()
    assert journal.counts.keys() >= FAULTS
    assert judge.counts["404"] + judge.counts["503"] < judge.counts.total() / 3


def check_growth(sampler: Sampler) -> None:
    """Compare what processes hold after a warm-up with what they hold at the end."""
    for pid in sampler.samples:
        before, after = sampler.compare(pid)
        assert after.memory - before.memory < MAX_GROWTH, sampler.describe(pid)
        assert after.descriptors - before.descriptors < MAX_DESCRIPTORS, sampler.describe(pid)
        assert after.threads <= before.threads + MAX_THREADS, sampler.describe(pid)


def find_workers(server: Running) -> list[int]:
    """Return the process ids of workers that answer."""
    return sorted({worker for worker, *_ in ask_all(server.port, ["/page.html"], 32)})


def kill_one(clients: list[Client], survivor: int, journal: Journal) -> None:
    """Kill the worker that answered last, but never the survivor."""
    answered = {pid: at for client in clients for pid, at in [*client.workers.items()] if pid != survivor}
    for pid in sorted(answered, key=lambda each: answered[each], reverse=True):
        if is_running(pid):
            kill(pid, journal)
            return


def settle(server: Running, survivor: int, expected: dict[str, bytes]) -> None:
    """Ask until every worker serves what the files are now; what was absent when one started it need not have."""
    digests = {f"/{name}": hashlib.sha256(data).digest() for name, data in expected.items() if name != "page.html"}
    deadline = time.monotonic() + SETTLED_WITHIN
    while True:
        answers = ask_all(server.port, [*digests], 16)
        wrong = [
            (worker, url, status)
            for worker, url, status, body in answers
            if (status != 200 or hashlib.sha256(body).digest() != digests[url])
            and not (status == 404 and worker != survivor and url.removeprefix("/") in DELETED)
        ]
        if not wrong and survivor in {worker for worker, *_ in answers}:
            return
        assert time.monotonic() < deadline, sorted(set(wrong))
        time.sleep(0.5)


def tracebacks(server: Running) -> list[str]:
    """Return the errors in the log, but those of answers that are aborted."""
    return [error for error in TRACEBACK.findall(server.log.read_text()) if "the response is aborted" not in error]
