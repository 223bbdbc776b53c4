"""Announcements in a place: what a process is doing there, as a file that is written again while it goes on.

A put and a prune exclude each other: each announces itself before it looks for the other.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from servestatic.releases.document import PENDING, PRUNING
from servestatic.releases.place import Listed, Place
from servestatic.runtime.threads import start

ABANDONED = 10 * 60.0  # seconds since the last renewal, by the clocks of two machines, after which the process is dead
_SILENT = 4.0  # seconds without renewal, as seen by a process that watches, after which it is, too
_RENEWED = {PENDING: 60.0, PRUNING: 1.0}  # seconds from one renewal to the next; only a prune keeps others waiting


def list_announced(place: Place, folder: str, within: float = ABANDONED) -> set[str]:
    """Return the names that are announced in a folder, by any process, and were renewed within so many seconds.

    Raises:
        OSError: the place cannot be reached.
    """
    return {each.path.rpartition("/")[2].partition(".")[0] for each in _list_fresh(place, folder, within)}


def _list_fresh(place: Place, folder: str, within: float) -> list[Listed]:
    now = time.time()
    return [each for each in place.list(folder) if abs(now - each.modified) < within]


@contextmanager
def announce(place: Place, folder: str, name: str) -> Iterator[Callable[[], bool]]:
    """Announce a name until the work is done, and renew it in a thread.

    Yields a function that returns whether no other process that waits can have taken this one for dead. Each process
    has an announcement of its own, so that none ends that of another.

    Raises:
        OSError: the place cannot be reached or written.
    """
    path = f"{folder}/{name}.{os.urandom(8).hex()}"
    renewed, held_up, ended = time.monotonic(), False, threading.Event()
    place.replace(path, b"")

    def renew() -> None:
        nonlocal renewed, held_up
        while not ended.wait(_RENEWED[folder]):
            now = time.monotonic()
            with suppress(OSError):
                place.replace(path, b"")
                held_up = held_up or now > renewed + _SILENT / 2
                renewed = now

    thread = threading.Thread(target=renew, name="servestatic releases", daemon=True)
    started = start(thread)
    try:
        yield lambda: not held_up and time.monotonic() <= renewed + _SILENT / 2
    finally:
        ended.set()
        if started:
            thread.join()
        with suppress(OSError):
            place.delete(path)


def wait_for_end(place: Place, folder: str, within: float) -> bool:
    """Wait until nothing is announced in a folder; False if that takes longer than so many seconds.

    What is not renewed meanwhile is of a process that has died, and is removed.

    Raises:
        OSError: the place cannot be reached or written.
    """
    began = time.monotonic()
    seen: dict[tuple[str, float], float] = {}  # when a renewal of an announcement was first seen
    while announced := _list_fresh(place, folder, ABANDONED):
        now = time.monotonic()
        for path, _, modified in announced:
            if now > seen.setdefault((path, modified), now) + _SILENT:
                place.delete(path)
        if now > began + within:
            return False
        time.sleep(min(place.pause, _RENEWED[folder] / 2))
    return True
