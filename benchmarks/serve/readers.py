"""32 slow readers of a long file beside one fast client: their cost in memory, threads, and the fast one's time.

A slow reader has a small receive buffer and takes 16 KB ten times a second. The fast client asks for a small file again
and again; windows without readers and with them take turns on the same server.
"""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from statistics import median
from typing import NamedTuple

from benchmarks.lib.servers import Answer
from benchmarks.serve.contenders import CONTENDERS, Selection
from benchmarks.serve.load import AnswerError, ask, connected
from benchmarks.serve.scenarios import DOWNLOAD, SMALL, find_path, write_request
from benchmarks.serve.servers import Serving, Site, run

READERS = 32
NAME = "32 slow readers"
_SERVERS = ("uvicorn", "granian asgi", "granian rsgi")
_FAST = next(scenario for scenario in SMALL if scenario.name == "4 KB identity")  # what every contender can send
_ALONE, _BESIDE = 0.3, 1.0  # seconds of a window
_TICK, _BITE, _BUFFER = 0.1, 16 * 1024, 32 * 1024  # seconds; bytes


class Slow(NamedTuple):
    """Of each window: bytes and threads that were added, the fast client's median over alone."""

    memory: list[float]
    threads: list[int]
    ratios: list[float]
    note: str


def measure_slow(site: Site, selection: Selection, windows: int) -> dict[tuple[str, str], Slow]:
    """Measure the contenders under an event loop, by server and contender.

    Raises:
        CannotRunError: a server does not come up.
    """
    measured: dict[tuple[str, str], Slow] = {}
    if selection.scenarios and NAME not in selection.scenarios:
        return measured
    for server in selection.list_servers():
        for contender in selection.list_contenders(server) if server in _SERVERS else ():
            if contender.bare != "bare" or contender.key == "django-outside" or contender not in CONTENDERS[server]:
                continue
            print(f"Slow readers: {contender.title}, {server}", file=sys.stderr)
            with run(site, server, contender) as serving:
                measured[server, contender.key] = _measure(site, serving, windows)
    return measured


def _measure(site: Site, serving: Serving, windows: int) -> Slow:
    fast = write_request(_FAST, find_path(_FAST, site.files), "")
    slow = write_request(DOWNLOAD, find_path(DOWNLOAD, site.files), "")
    seen = Slow([], [], [], "")
    try:
        answer = ask(serving.port, fast)
        with _reading(serving.port, slow, 1) as readers:  # what the first one makes is not theirs
            _watch(serving, fast, answer, readers, _ALONE)
        memory, threads = serving.memory(), serving.threads()
        for _ in range(windows):
            alone, _, _ = _watch(serving, fast, answer, [], _ALONE)
            with _reading(serving.port, slow, READERS) as readers:
                beside, peak, more = _watch(serving, fast, answer, readers, _BESIDE)
            seen.memory.append(peak - memory)
            seen.threads.append(more - threads)
            seen.ratios.append(beside / alone)
    except (AnswerError, OSError) as error:
        return seen._replace(note=f"the fast client gets no answer: {error}")
    return seen


@contextmanager
def _reading(port: int, request: bytes, count: int) -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            reader = socket.socket()
            sockets.append(reader)
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            reader.connect(("127.0.0.1", port))
            reader.sendall(request)
            reader.setblocking(False)
        yield sockets
    finally:
        for reader in sockets:
            reader.close()


def _watch(
    serving: Serving, fast: bytes, answer: Answer, readers: list[socket.socket], seconds: float
) -> tuple[float, int, int]:
    """Ask, and read slowly in between; return the fast client's median, and the peaks of memory and threads."""
    times: list[int] = []
    memory, threads = serving.memory(), serving.threads()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        tick = time.perf_counter() + _TICK
        for reader in readers:
            with suppress(BlockingIOError):
                if not reader.recv(_BITE):
                    raise AnswerError("a slow reader's connection ends")
        with connected(serving.port, fast, answer, 1) as client:  # hypercorn ends each after 1,000 requests
            client.run(1)
            times += client.time_each(10)
            while time.perf_counter() < tick:
                times += client.time_each(10)
        memory, threads = max(memory, serving.memory()), max(threads, serving.threads())
    return median(times), memory, threads
