"""Reading files: the one place where the stamp, the bytes and the digest of a file are made to agree."""

import hashlib
import io
import os
import stat
from typing import NamedTuple

from servestatic.http.message import Slice, Stamp

WHOLE = 64 * 1024 * 1024  # bytes; a larger file is hashed in a stream, and not parsed, compressed or held
_CHUNK = 1024 * 1024
_TRIES = 3
# A pipe or device that took a file's place must not hang us; a child process must not inherit the descriptor.
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Reading(NamedTuple):
    """One consistent state of a file; `data` is None where the file is larger than `WHOLE`."""

    stamp: Stamp
    digest: bytes
    data: bytes | None


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file by its status."""
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def open_file(path: str) -> io.FileIO:
    """Open a file for reading, without a buffer.

    Raises:
        OSError: it is not there or may not be read.
    """
    return io.FileIO(path, "r", opener=lambda name, flags: os.open(name, flags | _FLAGS))


def open_slice(body: Slice) -> io.FileIO | None:
    """Open the file of a slice; None if it is not there or no longer the file that the stamp tells."""
    try:
        file = open_file(body.path)
    except OSError:
        return None
    if stamp_of(os.fstat(file.fileno())) == body.stamp:
        return file
    file.close()
    return None


def read_slice(body: Slice) -> bytes | None:
    """Read the bytes of a slice; None if the file is not there or another."""
    file = open_slice(body)
    if file is None:
        return None
    with file:
        file.seek(body.start)
        data = file.read(body.stop - body.start)
    return data if len(data) == body.stop - body.start else None


def read_file(path: str) -> Reading:
    """Read and digest a file, again if it changes meanwhile.

    Raises:
        OSError: it is not there, may not be read, is no regular file, or does not come to rest.
    """
    for _ in range(_TRIES):
        with open_file(path) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError(0, "it is no regular file")
            before = stamp_of(status)
            data = file.read() if before.size <= WHOLE else None
            digest = hashlib.sha256(data).digest() if data is not None else _digest(file)
            after = stamp_of(os.fstat(file.fileno()))
        if before == after and (data is None or len(data) == before.size):
            return Reading(before, digest, data)
    raise OSError(0, "it changes while it is read")


def _digest(file: io.FileIO) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()
