"""Reading files: the only module in which the stamp, the bytes and the digest of a file are made to agree."""

import hashlib
import io
import os
import stat
import time
from functools import lru_cache
from typing import NamedTuple

from servestatic.disk.opened import Opened
from servestatic.disk.system import REPLACES_OPEN, read_at
from servestatic.disk.trust import Within, inode_of, open_within
from servestatic.http.message import Memory, Slice, Stamp

WHOLE = 64 * 1024 * 1024  # bytes; a larger file is hashed in chunks, and not parsed, compressed or held in memory
_DIGESTED = 1024 * 1024  # bytes digested at a time
TRIES = 3  # times that a file is read if it changes meanwhile
_RACY = 2_000_000_000  # nanoseconds
_FIRST, _LAST = -(2**63), 2**63 - 1  # nanoseconds, in 1677 and 2262: packed stamps have 64 bits


class Reading(NamedTuple):
    """A consistent state of a file; `data` is None if the file is larger than `WHOLE`."""

    stamp: Stamp
    digest: bytes
    data: bytes | None
    steady: bool = True  # False if other bytes may have the same stamp: see `is_steady`


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file, given its status; a time that 64 bits cannot hold becomes the nearest they can."""
    mtime_ns, ctime_ns = status.st_mtime_ns, status.st_ctime_ns
    if not (_FIRST <= mtime_ns <= _LAST and _FIRST <= ctime_ns <= _LAST):
        mtime_ns, ctime_ns = (min(max(time_ns, _FIRST), _LAST) for time_ns in (mtime_ns, ctime_ns))
    return Stamp(status.st_dev, status.st_ino, status.st_size, mtime_ns, ctime_ns)


def find_stamp(path: str) -> Stamp | None:
    """Return the stamp of the file at a path; None if it does not exist."""
    try:
        return stamp_of(os.stat(path))
    except (OSError, ValueError):  # ValueError: a null byte in the path
        return None


def is_steady(stamp: Stamp, at: int) -> bool:
    """Return whether a file that was read with this stamp at time `at` must get another stamp when it changes.

    A file that changed shortly before may change again within one tick of the file system's clock (git's racy rule).
    `at` is in nanoseconds since 1970.
    """
    return max(stamp.mtime_ns, stamp.ctime_ns) < at - _RACY


def open_file(path: str, within: Within = None) -> io.FileIO:
    """Open a file for unbuffered reading: see `trust.open_within`.

    Raises:
        OSError: it does not exist or may not be read, or links lead elsewhere.
    """
    return io.FileIO(path, "r", opener=lambda name, flags: open_within(name, flags, within))


def open_slice(body: Slice) -> io.FileIO | None:
    """Open the file of a slice; None if it does not exist or has changed."""
    try:
        file = open_file(body.path)
    except OSError:
        return None
    if stamp_of(os.fstat(file.fileno())) == body.stamp:
        return file
    file.close()
    return None


def read_slice(body: Slice) -> bytes | None:
    """Read the bytes of a slice; None if its file does not exist or has changed."""
    try:
        return _read_slice(Opened(body.path, body.stamp), body)
    except OSError:
        return None


def read_body(body: Memory | Slice) -> bytes | None:
    """Return the bytes of a body; None if its file does not exist or has changed."""
    return body.data if isinstance(body, Memory) else read_slice(body)


def read_blob(body: Memory | Slice, digest: bytes) -> bytes | None:
    """Return the bytes of a body if they have this SHA-256, otherwise None."""
    data = read_body(body)
    return data if data is not None and hashlib.sha256(data).digest() == digest else None


def read_again(body: Slice) -> bytes | None:
    """Read as `read_slice` does, and keep the file open for the next time, where the system allows it.

    Removing, replacing or changing a file changes its stamp, with few exceptions; it is then closed together with all
    others that were kept open. In the exceptions (a folder above it was moved, or it is in a lower layer of overlayfs)
    the open file still has the right bytes.
    """
    try:
        data = _read_slice(_keep_open(body.path, body.stamp), body)
    except OSError:
        data = None
    if data is None:
        close_kept()
    return data


MAX_OPEN = 64  # files
_keep_open = lru_cache(maxsize=MAX_OPEN if REPLACES_OPEN else 0)(Opened)
close_kept = _keep_open.cache_clear


def _read_slice(file: Opened, body: Slice) -> bytes | None:
    """Read, and check the file before and after: bytes that are read while it is written mix two states."""
    if stamp_of(os.fstat(file.descriptor)) != body.stamp:
        return None
    data = read_at(file.descriptor, body.stop - body.start, body.start)
    whole = len(data) == body.stop - body.start
    return data if whole and is_intact(os.fstat(file.descriptor), body.stamp) else None


class ChangingError(OSError):
    """A file changed at each attempt to read it."""

    def __init__(self) -> None:
        super().__init__(0, "it changed while it was read")


def read_file(path: str, within: Within = None, seen: Stamp | None = None) -> Reading:
    """Read and digest a file, and start over if it changes meanwhile.

    Unless it still is the file that was `seen`, links may only lead to it from `within` those directories (None: from
    anywhere).

    Raises:
        ChangingError: it changes at each attempt.
        OSError: it does not exist, may not be read, or is not a regular file, or links lead elsewhere.
    """
    for _ in range(TRIES):
        with open_file(path, None if seen else within) as file:
            status = os.fstat(file.fileno())
            if seen and within is not None and inode_of(status) != (seen.device, seen.inode):
                return read_file(path, within)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(0, "it is not a regular file")
            before, at = stamp_of(status), time.time_ns()
            data = file.read() if before.size <= WHOLE else None
            digest = hashlib.sha256(data).digest() if data is not None else _digest(file)
            after = stamp_of(os.fstat(file.fileno()))
        if before == after and (data is None or len(data) == before.size):
            return Reading(before, digest, data, is_steady(before, at))
    raise ChangingError


def read_settled(path: str, within: Within) -> Reading:
    """Read a file that changes while it is served: twice, if it has just changed.

    A change gives a file its new stamp before it gives the new bytes.

    Raises:
        OSError: as `read_file` does.
    """
    reading = read_file(path, within)
    for _ in range(TRIES):
        if reading.steady:
            return reading
        before, reading = reading, read_file(path, within)
        if (before.stamp, before.digest) == (reading.stamp, reading.digest):
            return reading
    raise ChangingError


def _digest(file: io.FileIO) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(_DIGESTED):
        digest.update(chunk)
    return digest.digest()


# ------------------------------------------------------------------------------------------------------ sending

CHUNK = 128 * 1024  # bytes that an adapter reads at a time; a server holds up to two such chunks for a slow client


def check_sent(file: io.FileIO, body: Slice, *, ended: bool, last: bool) -> None:
    """Abort a body that no longer matches its fields, while the client can still notice that it is incomplete.

    A file that was removed or replaced meanwhile keeps its bytes as long as it is open.

    Raises:
        OSError: the file ended too early, or has changed before its last bytes are sent.
    """
    if ended or (last and not is_intact(os.fstat(file.fileno()), body.stamp)):
        raise OSError(f"{body.path} changed while it was sent; the response is aborted")


def is_intact(status: os.stat_result, stamp: Stamp) -> bool:
    """Return whether an open file still has the bytes that it had when this was its stamp."""
    if stamp_of(status) == stamp:
        return True
    ctime_ns = stamp.ctime_ns if status.st_nlink == 0 else status.st_ctime_ns  # removing a file changes its ctime
    return stamp_of(status)._replace(ctime_ns=ctime_ns) == stamp
