"""Files that stay open, and are read by position, which any number of threads may do."""

import os
import stat
import sys
from collections.abc import Callable

from servestatic.disk.trust import FLAGS
from servestatic.http.message import Stamp

if sys.platform == "win32":  # which has no pread(2)

    def read_at(descriptor: int, count: int, offset: int) -> bytes:
        """Read as pread(2) does; no other thread uses the descriptor."""
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)

else:
    read_at = os.pread


class Opened:
    """A file that is open for reading until nothing refers to it; `stamp` makes it a key of caches."""

    __slots__ = ("descriptor",)

    def __init__(self, path: str, stamp: Stamp | None = None) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | FLAGS)

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        if hasattr(self, "descriptor"):
            close(self.descriptor)


def open_at(path: str) -> Callable[[int, int], bytes]:
    """Open a regular file, and return a function that reads bytes from a position: fewer at the end of the file.

    The file can be removed and replaced meanwhile; the function goes on reading what it was. On Windows, which has no
    such files, it is read into memory.

    Raises:
        OSError: it cannot be read, or is a pipe, a device or a directory.
    """
    file = Opened(path)
    status = os.fstat(file.descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is not a regular file")
    if sys.platform == "win32":
        data = read_at(file.descriptor, status.st_size, 0)
        return lambda start, size: data[start : start + size]
    return lambda start, size: read_at(file.descriptor, size, start)
