"""Locks: which process makes an object. A lock is an empty file; the process that created it holds it for a minute.

That process may have died or been stopped. Then another takes over; if the first resumes after all, both make the same.
"""

import os
from contextlib import suppress

from servestatic.disk.read import stamp_of
from servestatic.disk.system import CLOSED
from servestatic.http.message import Stamp

ABANDONED = 60.0  # seconds after which other processes no longer wait for a lock's owner


def take(path: str, now: float) -> Stamp | None:
    """Take a lock and return its stamp; None if another process has held it for less than a minute.

    Raises:
        OSError: the lock cannot be written.
    """
    mine = _create(path)
    if mine is None and _is_abandoned(path, now):
        with suppress(FileNotFoundError):
            os.unlink(path)
        mine = _create(path)
    return mine


def release(path: str, mine: Stamp) -> None:
    """Remove a lock, unless another process has taken over since."""
    with suppress(OSError):
        if stamp_of(os.lstat(path)) == mine:
            os.unlink(path)


def _create(path: str) -> Stamp | None:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | CLOSED, 0o600)
    except FileExistsError:
        return None
    try:
        return stamp_of(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _is_abandoned(path: str, now: float) -> bool:
    try:
        return abs(now - os.lstat(path).st_mtime) > ABANDONED  # abs: the clock may have been set back
    except FileNotFoundError:
        return True
