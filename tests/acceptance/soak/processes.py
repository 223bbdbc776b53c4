"""What a process holds: memory, descriptors, threads; Linux."""

from __future__ import annotations

import contextlib
import os
import statistics
import threading
from pathlib import Path
from typing import NamedTuple

_EVERY = 0.5  # seconds


class Held(NamedTuple):
    """What a process holds at a moment.

    Attributes:
        memory: bytes that are its own and in no file, whether shared with a process it was forked from or not.
        descriptors: open files and all else but sockets.
        threads: number of threads.
    """

    memory: int
    descriptors: int
    threads: int


def measure(pid: int) -> Held:
    """Return what a process holds now."""
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    status = {name: value.strip() for name, _, value in lines}
    kinds = []
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            kinds.append(os.readlink(f"/proc/{pid}/fd/{descriptor}").partition(":")[0])
    others = sum(kind != "socket" for kind in kinds)
    return Held(int(status["RssAnon"].split()[0]) * 1024, others, int(status["Threads"]))


class Sampler(threading.Thread):
    """Measures processes until it is stopped."""

    def __init__(self, pids: list[int], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.samples: dict[int, list[Held]] = {pid: [measure(pid)] for pid in pids}
        self._stop_event = stop

    def run(self) -> None:
        """Measure."""
        while not self._stop_event.wait(_EVERY):
            for pid, samples in self.samples.items():
                samples.append(measure(pid))

    def compare(self, pid: int) -> tuple[Held, Held]:
        """Return the medians of the second and of the last quarter."""
        _, second, _, last = self._quarters(pid)
        return second, last

    def describe(self, pid: int) -> str:
        """Return the medians of each quarter."""
        quarters = self._quarters(pid)
        memory = ", ".join(f"{held.memory / 1e6:.1f}" for held in quarters)
        descriptors = ", ".join(str(held.descriptors) for held in quarters)
        threads = ", ".join(str(held.threads) for held in quarters)
        return f"memory {memory} MB; descriptors {descriptors}; threads {threads}"

    def _quarters(self, pid: int) -> list[Held]:
        samples = self.samples[pid]
        length = len(samples) // 4
        return [_median(samples[number * length : (number + 1) * length]) for number in range(4)]


def _median(samples: list[Held]) -> Held:
    return Held(*(int(statistics.median(column)) for column in zip(*samples, strict=True)))
