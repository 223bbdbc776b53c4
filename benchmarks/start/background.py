"""d. While the background works: what it takes of the memory, and what a client's hot file takes longer.

Two servers of the site, each on an empty store: one makes codings in the background, the other does not. The client
asks the one and the other in turn; whichever is not asked is stopped (SIGSTOP), so that both have the machine for
themselves. The background has three quarters of the time.
"""

import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.start.environments import Environments
from benchmarks.start.servers import Serving, ask, find_stylesheet, serve
from benchmarks.start.trees import PLACE

FRESH = {"background": PLACE / "fresh-background", "build": PLACE / "fresh-build"}
_WINDOWS = {"background": 1.5, "build": 0.5}  # seconds
_SETTLED = "codings settled"  # in the log


class Busy(NamedTuple):
    """What was seen: `latencies` are medians of a window in seconds, alone and beside the background.

    Attributes:
        most: bytes that a process held at most, without the background and with it.
        now: bytes that both held at the end.
        settled: the background came to its end.
        seconds: of the background's work.
        objects: that it made.
    """

    latencies: list[tuple[float, float]]
    most: tuple[int, int]
    now: tuple[int, int]
    settled: bool
    seconds: float
    objects: int


def measure_busy(made: Environments, limit: float) -> Busy:
    """Let the background settle the site, for at most `limit` seconds, and ask for a hot file meanwhile.

    Raises:
        CannotRunError: a server fails.
    """
    for place in FRESH.values():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700, parents=True)
    python = made.pythons["ours"]
    told = {
        name: made.variables(
            "ours", SITE_CONTENDER="ours", SERVESTATIC_STORE=place, SERVESTATIC_COMPRESS=name, SITE_LOG=place / "log"
        )
        for name, place in FRESH.items()
    }
    with (
        serve(python, "uvicorn", "benchmarks.start.site:make_asgi", told["build"]) as alone,
        serve(python, "uvicorn", "benchmarks.start.site:make_asgi", told["background"]) as busy,
    ):
        for each in (alone, busy):
            path = find_stylesheet(each.await_answer("/")[0])
            _stop(each)
        seen = _watch(alone, busy, path, limit)
    for place in FRESH.values():
        shutil.rmtree(place, ignore_errors=True)
    return seen


def _watch(alone: Serving, busy: Serving, path: str, limit: float) -> Busy:
    latencies: list[tuple[float, float]] = []
    place, worked, settled = FRESH["background"], 0.0, False
    while worked < limit and not settled:
        pair = (_ask_for(alone, path, _WINDOWS["build"]), _ask_for(busy, path, _WINDOWS["background"]))
        worked += _WINDOWS["background"]
        settled = _SETTLED in (place / "log").read_text("utf-8")
        if not settled or not latencies:
            latencies.append(pair)
        print(f"\rThe background has worked for {worked:.0f} s", end="", file=sys.stderr)
    print(file=sys.stderr)
    most, now = (alone.peak(), busy.peak()), (alone.memory(), busy.memory())
    return Busy(latencies, most, now, settled, worked, _count_objects(place))


def _ask_for(server: Serving, path: str, seconds: float) -> float:
    """Wake a server, ask it for a file again and again, one request after the other, and return the median time."""
    server.process.send_signal(signal.SIGCONT)
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            answer = ask(client, path, "keep-alive")
            times.append(time.perf_counter() - begun)
            assert answer.status == 200, answer
    _stop(server)
    return median(times)


def _stop(server: Serving) -> None:
    server.process.send_signal(signal.SIGSTOP)


def _count_objects(store: Path) -> int:
    return sum(1 for path in (store / "objects").glob("*/*") if not path.name.startswith("."))
