"""Locks: who makes an object. A lock is an empty file; whoever made it has the right, for a minute.

Its owner may be dead, or stopped. Then somebody else takes over; if the owner goes on after all, both make the same.
"""

import os
from contextlib import suppress

from servestatic.disk.read import stamp_of
from servestatic.http.message import Stamp

ABANDONED = 60.0  # seconds after which nobody waits for a lock's owner


def take(path: str, now: float) -> Stamp | None:
    """Take a lock and return its stamp; None if another process has it and is not late.

    Raises:
        OSError: the disk takes no lock.
    """
    mine = _create(path)
    if mine is None and _is_abandoned(path, now):
        with suppress(FileNotFoundError):
            os.unlink(path)
        mine = _create(path)
    return mine


def release(path: str, mine: Stamp) -> None:
    """Remove a lock, unless it is that of another process by now, which took over."""
    with suppress(OSError):
        if stamp_of(os.lstat(path)) == mine:
            os.unlink(path)


def _create(path: str) -> Stamp | None:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0), 0o600)
    except FileExistsError:
        return None
    try:
        return stamp_of(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _is_abandoned(path: str, now: float) -> bool:
    try:
        return abs(now - os.lstat(path).st_mtime) > ABANDONED  # abs: the clock may have gone back
    except FileNotFoundError:
        return True
