"""Temporary files, in which files are written before they get their final paths.

One that no process holds was left behind by a process that was killed.
"""

import os
import re
import stat
import time
from contextlib import suppress

from servestatic.disk.system import CLOSED, FLAGS, NO_LINK, REPLACES_OPEN, hold

PREFIX = ".servestatic-"  # of their names
_NAME = re.compile(rf"{re.escape(PREFIX)}[0-9a-f]{{16}}\Z")
_ABANDONED = 60 * 60  # seconds without a change; only used if the file system has no locks


def create(folder: str, mode: int) -> tuple[str, int]:
    """Create a temporary file in a folder; return its path, and a descriptor that holds it until it is closed.

    Raises:
        OSError: the disk is full or not writable, or the folder does not exist.
    """
    while True:
        path = os.path.join(folder, f"{PREFIX}{os.urandom(8).hex()}")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | CLOSED, mode)
        if hold(descriptor) is not False and os.fstat(descriptor).st_nlink:
            return path, descriptor
        os.close(descriptor)  # another process considered it abandoned before it was held


def remove_abandoned(folder: str) -> None:
    """Remove the temporary files in a folder that no process holds."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _NAME.match(entry.name) and not entry.is_symlink():
                with suppress(OSError):
                    _remove(entry.path)


def _remove(path: str) -> None:
    if not REPLACES_OPEN:
        if _is_old(os.lstat(path)):
            os.unlink(path)
        return
    descriptor = os.open(path, os.O_RDWR | FLAGS | NO_LINK)
    try:
        status, held = os.fstat(descriptor), hold(descriptor)
        if stat.S_ISREG(status.st_mode) and (held or (held is None and _is_old(status))):
            os.unlink(path)
    finally:
        os.close(descriptor)


def _is_old(status: os.stat_result) -> bool:
    return time.time() - status.st_mtime > _ABANDONED
