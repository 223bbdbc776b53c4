"""While the background works: the memory that it takes, and the time that it adds to a client's hot file.

Two servers of the site, each on an empty store: one makes codings in the background, the other does not. The client
asks the one and the other in turn; the other one is stopped meanwhile (SIGSTOP), so that both have the machine for
themselves. The background has three quarters of the time.
"""

import shutil
import signal
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.lib.servers import ask, connect
from benchmarks.start.environments import Environments
from benchmarks.start.servers import Serving, find_stylesheet, serve, write_request
from benchmarks.start.trees import PLACE

FRESH = {"background": PLACE / "fresh-background", "build": PLACE / "fresh-build"}
_WINDOWS = {"background": 1.5, "build": 0.5}  # seconds
_SETTLED = "compression finished"  # in the log


class Busy(NamedTuple):
    """What the client saw: `latencies` are medians of a window in seconds, alone and beside the background.

    Attributes:
        peaks: bytes that a process held at most, without the background and with it.
        now: bytes that both held at the end.
        settled: the background came to its end.
        seconds: of the background's work.
        objects: of the store that it made.
    """

    latencies: list[tuple[float, float]]
    peaks: tuple[int, int]
    now: tuple[int, int]
    settled: bool
    seconds: float
    objects: int


def measure_background(made: Environments, limit: float) -> Busy:
    """Let the background settle the site, for at most `limit` seconds, and ask for a hot file meanwhile.

    Raises:
        CannotRunError: a server fails.
    """
    for place in FRESH.values():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700, parents=True)
    python = made.pythons["ours"]
    variables = {
        name: made.variables(
            "ours", SITE_CONTENDER="ours", SERVESTATIC_STORE=place, SERVESTATIC_COMPRESS=name, SITE_LOG=place / "log"
        )
        for name, place in FRESH.items()
    }
    with (
        serve(python, "uvicorn", "benchmarks.start.site:make_asgi", variables["build"]) as alone,
        serve(python, "uvicorn", "benchmarks.start.site:make_asgi", variables["background"]) as busy,
    ):
        for server in (alone, busy):
            path = find_stylesheet(server.await_answer("/")[0])
            _stop(server)
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
    peaks, now = (alone.peak(), busy.peak()), (alone.memory(), busy.memory())
    return Busy(latencies, peaks, now, settled, worked, _count_objects(place))


def _ask_for(server: Serving, path: str, seconds: float) -> float:
    """Wake a server, ask it for a file again and again, one request after the other, and return the median time."""
    server.process.send_signal(signal.SIGCONT)
    times: list[float] = []
    with connect(server.port) as client:
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            answer = ask(client, write_request(path, "keep-alive"))
            times.append(time.perf_counter() - begun)
            assert answer.status == 200, answer
    _stop(server)
    return median(times)


def _stop(server: Serving) -> None:
    server.process.send_signal(signal.SIGSTOP)


def _count_objects(store: Path) -> int:
    return sum(1 for path in (store / "objects").glob("*/*") if not path.name.startswith("."))
