"""What was done to files and workers, and when: it tells documented outcomes from all others.

All times are `time.monotonic()`, of one process.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WRITTEN, TOUCHED, REPLACED, ABSENT = "written", "touched", "replaced", "absent"
CHANGES = (WRITTEN, TOUCHED, REPLACED, ABSENT)

_REMEMBERED = 200  # intervals for each file
# Seconds after a file was written in place in which a plain URL may serve what was read meanwhile: it is compared once
# a second, and read again two seconds later; the rest is for a machine that is busy.
HALF_WRITTEN = 8.0


class Interval(NamedTuple):
    """From when to when something was done."""

    start: float
    stop: float

    def meets(self, start: float, stop: float) -> bool:
        """Return whether it has a moment in common with another."""
        return self.start <= stop and start <= self.stop


class Kill(NamedTuple):
    """A worker that was killed, and the interval in which it died."""

    pid: int
    died: Interval


class Journal:
    """A record of faults, that all threads share.

    What happens to a file is `WRITTEN` in place, only `TOUCHED`, `REPLACED` by another, or that it is `ABSENT`.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.kills: list[Kill] = []
        self._lock = threading.Lock()
        self._intervals: dict[tuple[str, str], deque[Interval]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def count(self, fault: str) -> None:
        """Count a fault."""
        with self._lock:
            self.counts[fault] += 1

    @contextlib.contextmanager
    def noting(self, what: str, name: str) -> Iterator[None]:
        """Note that something happens to a file meanwhile."""
        self.begin(what, name)
        yield
        self.end(what, name)

    def begin(self, what: str, name: str) -> None:
        """Note that something happens to a file from now on."""
        with self._lock:
            self._intervals[what, name].append(Interval(time.monotonic(), math.inf))

    def end(self, what: str, name: str) -> None:
        """Note that it has ended."""
        with self._lock:
            intervals = self._intervals[what, name]
            intervals.append(Interval(intervals.pop().start, time.monotonic()))

    def happened(self, whats: Iterable[str], name: str, start: float, stop: float) -> bool:
        """Return whether one of some things happened to a file in an interval."""
        with self._lock:
            return any(interval.meets(start, stop) for what in whats for interval in self._intervals[what, name])

    def excuses(self, worker: int | None, opened: float, failed: float) -> bool:
        """Return whether a connection failed because its worker was killed while it was open.

        One that has had an answer has a known worker, which must be the one that was killed. One that has had none
        may have been in the queue of any.
        """
        return any(worker in (None, kill.pid) and kill.died.meets(opened, failed) for kill in [*self.kills])
