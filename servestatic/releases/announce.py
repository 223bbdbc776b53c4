"""Announcements in a place: what a process is doing there, as a file that it renews while it goes on.

A put and a prune exclude each other: each announces itself before it looks for the other.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from servestatic.releases.place import Place

ABANDONED = 10 * 60.0  # seconds without renewal after which the process is taken for dead
_RENEWED = 60.0  # seconds


def list_announced(place: Place, folder: str, within: float = ABANDONED) -> set[str]:
    """Return the names that are announced in a folder, by any process, and were renewed within so many seconds.

    Raises:
        OSError: the place cannot be reached.
    """
    now = time.time()
    fresh = (each.path for each in place.list(folder) if abs(now - each.modified) < within)
    return {path.rpartition("/")[2].partition(".")[0] for path in fresh}


@contextmanager
def announce(place: Place, folder: str, name: str) -> Iterator[Callable[[], None]]:
    """Announce a name until the work is done; yields a function that renews it, to be called now and then.

    Each process has an announcement of its own, so that none ends that of another.

    Raises:
        OSError: the place cannot be reached or written.
    """
    path = f"{folder}/{name}.{secrets.token_hex(8)}"
    place.replace(path, b"")
    last = time.monotonic()

    def renew() -> None:
        nonlocal last
        if time.monotonic() > last + _RENEWED:
            place.replace(path, b"")
            last = time.monotonic()

    try:
        yield renew
    finally:
        with suppress(OSError):
            place.delete(path)
