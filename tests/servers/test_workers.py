"""Several workers and one store: all serve at once, each coding is made once, in the end all send the same."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, TypeAlias

import pytest

from servestatic import Index, collect
from servestatic.store import Store
from tests.support.interfaces.function import call_function
from tests.support.judge import Sent
from tests.support.process_id_apps import WORKER
from tests.support.tree import noise, prose
from tests.support.wire import Asked, write_request
from tests.support.workers import (
    SETTLED,
    SETTLES_WITHIN,
    WORKERS,
    Answers,
    Running,
    ask_each,
    hold_back,
    keys,
    running,
    write_site,
)

if TYPE_CHECKING:
    from pathlib import Path

SERVERS_OWN = {"date", "server", "connection", WORKER}
PLAIN = ("", "index.html", "css/0.css", "js/8.js")  # some of the plain names; of the fingerprinted ones all

Essence: TypeAlias = tuple[int, frozenset[tuple[str, str]], bytes]


def make_requests(index: Index) -> dict[Asked, Sent]:
    """Ask for everything in every coding; the last request closes the connection."""
    paths = [*(index.url(name) for name in index), *(f"/{name}" for name in PLAIN)]
    sent = [
        Sent("GET", path, (("Accept-Encoding", coding),)) for path in paths for coding in ("", "gzip", "br", "zstd")
    ]
    sent.append(Sent("GET", "/", (("Connection", "close"),)))
    return {write_request(*each[:3]): each for each in sent}


def expect(index: Index, requests: dict[Asked, Sent]) -> dict[Asked, Essence]:
    """What an index in this process answers."""
    answers = {request: call_function(index, sent) for request, sent in requests.items()}
    return {request: (each.status, frozenset(each.fields), each.body) for request, each in answers.items()}


def differences(answers: Answers, expected: dict[Asked, Essence]) -> list[str]:
    """Where a worker answers otherwise."""
    found = []
    for pid, answered in answers.items():
        for request, got in answered.items():
            fields = frozenset(pair for pair in got.fields if pair[0] not in SERVERS_OWN)
            if got.trouble or (got.status, fields, got.body) != expected[request]:
                found.append(f"{pid} to {request.data!r}: {got.status} {sorted(fields)} {got.trouble}")
    return found


@pytest.mark.parametrize("name", WORKERS)
def test_from_a_cold_start_until_all_is_settled(name: str, tmp_path: Path) -> None:
    """First nobody may make a coding: that is the state of a cold start, held. Then all workers may, at once.

    Each is made exactly once: whoever gets the right to make one looks first whether it is there. (Twice only where
    somebody's right is older than a minute.) That every worker says that it is settled shows that its thread runs, and
    one collection for all of them that it was started after the fork.
    """
    site, store = tmp_path / "site", tmp_path / "store"
    write_site(site)
    workers, cold = WORKERS[name], collect(site, store="none", prefix="/", index_file="index.html")
    names, requests = keys(each.digest for each in cold.catalog.contents()), make_requests(cold)
    assert len(names) > 100
    with running(workers, tmp_path / "log", sources=site, store=store, deltas="off") as server:
        assert len(server.said("static files (ready)")) == workers.collects
        with hold_back(store, names) as held:
            settles(server, requests, expect(cold, requests))  # while one thread makes a coding, others send identity
            assert made_of(held, names) == []
        # A worker says it twice if another one replaced what it was about to read, so that one may still be at it.
        made = server.wait_for(SETTLED, workers.processes, SETTLES_WITHIN, len(names))
        assert sum(map(int, made)) == len(names), server.log.read_text()
        assert made_of(held, names) == sorted(names)
        settled = collect(site, store=store, compress="startup", deltas=False, prefix="/", index_file="index.html")
        assert expect(settled, requests) != expect(cold, requests)
        settles(server, requests, expect(settled, requests))
        check_end(server)


def settles(server: Running, requests: dict[Asked, Sent], expected: dict[Asked, Essence]) -> None:
    """Ask every worker again until all of them give the expected answers."""
    deadline = time.monotonic() + SETTLES_WITHIN
    while found := differences(ask_each(server, [*requests]), expected):
        assert time.monotonic() < deadline, found


def made_of(store: Store, names: list[str]) -> list[str]:
    """Those of the objects that are there."""
    return sorted({path.name for path in store.objects()} & set(names))


def check_end(server: Running) -> None:
    """SIGTERM: the server ends well, and every process of it."""
    assert server.terminate() == 0
    assert server.said("(?im)^.*(?:traceback|warning|error|critical).*$") == []


@pytest.mark.parametrize("name", ["gunicorn --preload", "uvicorn", "granian asgi"])
def test_sigterm_while_the_threads_work(name: str, tmp_path: Path) -> None:
    """The best brotli of the large file takes some five seconds, which nobody waits for."""
    large, store = noise(1_500_000).hex().encode(), Store(tmp_path / "store")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/large.txt").write_bytes(large)
    (tmp_path / "site/small.css").write_bytes(prose(1000, ".rule-%d { color: #123 }"))
    names = keys([hashlib.sha256(large).digest()])
    asked = write_request("GET", "/small.css", (("Accept-Encoding", "br"), ("Connection", "close")))
    with running(WORKERS[name], tmp_path / "log", sources=tmp_path / "site", store=store.place) as server:
        ask_each(server, [asked])
        deadline = time.monotonic() + SETTLES_WITHIN
        while not any((store.place / "locks" / each).exists() for each in names):
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.02)
        check_end(server)
    assert made_of(store, names) == []
