"""Files that stay open, and are read by position, which any number of threads may do."""

import os
import stat
from collections.abc import Callable

from servestatic.disk.system import FLAGS, REPLACES_OPEN, read_at
from servestatic.http.message import Stamp


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
    if not REPLACES_OPEN:
        data = read_at(file.descriptor, status.st_size, 0)
        return lambda start, size: data[start : start + size]
    return lambda start, size: read_at(file.descriptor, size, start)
