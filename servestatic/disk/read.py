"""Reading and writing files: the one place where the stamp, the bytes and the digest of a file are made to agree."""

import hashlib
import io
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from servestatic.disk.temporary import create
from servestatic.disk.trust import FLAGS, Within, inode_of, open_within
from servestatic.http.message import Memory, Slice, Stamp

WHOLE = 64 * 1024 * 1024  # bytes; a larger file is hashed in a stream, and not parsed, compressed or held
_DIGESTED = 1024 * 1024  # bytes that are digested at a time
TRIES = 3  # readings of a file that changes meanwhile
_RACY = 2_000_000_000  # nanoseconds
_FIRST, _LAST = -(2**63), 2**63 - 1  # nanoseconds: of 1677 and 2262; packed stamps have 64 bits


class Reading(NamedTuple):
    """One consistent state of a file; `data` is None where the file is larger than `WHOLE`."""

    stamp: Stamp
    digest: bytes
    data: bytes | None
    steady: bool = True  # if not, other bytes may have the same stamp: see `is_steady`


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file by its status; a date that 64 bits cannot hold becomes the nearest that they can."""
    mtime_ns, ctime_ns = status.st_mtime_ns, status.st_ctime_ns
    if not (_FIRST <= mtime_ns <= _LAST and _FIRST <= ctime_ns <= _LAST):
        mtime_ns, ctime_ns = (min(max(each, _FIRST), _LAST) for each in (mtime_ns, ctime_ns))
    return Stamp(status.st_dev, status.st_ino, status.st_size, mtime_ns, ctime_ns)


def is_steady(stamp: Stamp, at: int) -> bool:
    """Tell whether something with this stamp, read at a time, has another stamp if it is another by now.

    What changed shortly before may change again within one tick of the file system's clock (git's racy rule). The time
    is in nanoseconds since 1970.
    """
    return max(stamp.mtime_ns, stamp.ctime_ns) < at - _RACY


def open_file(path: str, within: Within = None) -> io.FileIO:
    """Open a file for reading, without a buffer: see `trust.open_within`.

    Raises:
        OSError: it is not there or may not be read, or links lead elsewhere.
    """
    return io.FileIO(path, "r", opener=lambda name, flags: open_within(name, flags, within))


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
    try:
        return _read_slice(_Opened(body.path, body.stamp), body)
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
    """Read as `read_slice` does, and keep the file open, where the system allows it: it will be wanted again.

    Who removes, replaces or changes a file changes its stamp, mostly. Then it is closed, and so are all the others.
    Where that is not so (a folder above was moved; the file is of a layer below overlayfs), it has the right bytes.
    """
    try:
        data = _read_slice(_keep_open(body.path, body.stamp), body)
    except OSError:
        data = None
    if data is None:
        close_kept()
    return data


class _Opened:
    """A file that is open for reading until nobody has it any more; `stamp` is for who wants it in that state."""

    __slots__ = ("descriptor",)

    def __init__(self, path: str, stamp: Stamp) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | FLAGS)

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        if hasattr(self, "descriptor"):
            close(self.descriptor)


KEPT_OPEN = 64  # files; nobody can tell when the last request for one has been
if sys.platform == "win32":  # without pread(2); and what is open there cannot be removed
    _keep_open = _Opened

    def close_kept() -> None:
        """Close the files that are kept open: none."""

    def read_at(descriptor: int, count: int, offset: int) -> bytes:
        """Read as pread(2) does; nobody else has the descriptor."""
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)

else:
    _keep_open = lru_cache(maxsize=KEPT_OPEN)(_Opened)
    close_kept = _keep_open.cache_clear
    read_at = os.pread


def _read_slice(file: _Opened, body: Slice) -> bytes | None:
    """Read, and look at the file before and after: what is written in place meanwhile is of two states."""
    if stamp_of(os.fstat(file.descriptor)) != body.stamp:
        return None
    data = read_at(file.descriptor, body.stop - body.start, body.start)
    whole = len(data) == body.stop - body.start
    return data if whole and is_intact(os.fstat(file.descriptor), body.stamp) else None


def read_file(path: str, within: Within = None, seen: Stamp | None = None) -> Reading:
    """Read and digest a file, again if it changes meanwhile.

    If it is not the file that was `seen`, links may lead to it from `within` those places alone (None: from anywhere).

    Raises:
        OSError: it is not there, may not be read, is no regular file, or does not come to rest; links lead elsewhere.
    """
    for _ in range(TRIES):
        with open_file(path, None if seen else within) as file:
            status = os.fstat(file.fileno())
            if seen and within is not None and inode_of(status) != (seen.device, seen.inode):
                return read_file(path, within)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(0, "it is no regular file")
            before, at = stamp_of(status), time.time_ns()
            data = file.read() if before.size <= WHOLE else None
            digest = hashlib.sha256(data).digest() if data is not None else _digest(file)
            after = stamp_of(os.fstat(file.fileno()))
        if before == after and (data is None or len(data) == before.size):
            return Reading(before, digest, data, is_steady(before, at))
    raise OSError(0, "it changes while it is read")


def _digest(file: io.FileIO) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(_DIGESTED):
        digest.update(chunk)
    return digest.digest()


# ------------------------------------------------------------------------------------------------------ writing


def write_file(
    path: str, *parts: bytes | Iterator[bytes], mode: int = 0o600, permit: Callable[[str], None] = lambda _: None
) -> Stamp | None:
    """Write a file whole or not at all (`os.replace` is atomic), and return its stamp; None if it is another by then.

    It is made with `mode`, as far as the umask lets it; `permit` is told where it is before it takes its place.

    Raises:
        OSError: the disk does not take it, or the folder is not there.
    """
    temporary, descriptor = create(os.path.dirname(path), mode)
    try:
        # Still held when it takes its place; not on Windows, where that must not be open.
        held = None if sys.platform == "win32" else os.dup(descriptor)
        try:
            inode = _fill(descriptor, parts)
            permit(temporary)
            os.replace(temporary, path)
        finally:
            if held is not None:
                os.close(held)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    status = os.lstat(path)
    return stamp_of(status) if status.st_ino == inode else None


def _fill(descriptor: int, parts: Iterable[bytes | Iterator[bytes]]) -> int:
    """Write a file, close it, and return its inode."""
    try:
        for part in parts:
            for data in (part,) if isinstance(part, bytes) else part:
                _write(descriptor, data)
        return os.fstat(descriptor).st_ino
    finally:
        os.close(descriptor)  # which may be the first to say that a disk in the network is full


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


# ------------------------------------------------------------------------------------------------------ sending

CHUNK = 128 * 1024  # bytes that an adapter reads at a time; a server holds up to two of them for a slow client


def check_sent(file: io.FileIO, body: Slice, *, ended: bool, last: bool) -> None:
    """Break off a body that is no longer what its fields say, while the client can still see that it is incomplete.

    A file that was removed or replaced meanwhile still has its bytes for those who have it open.

    Raises:
        OSError: the file ended too early, or before its last bytes are sent it is another than it was.
    """
    if ended or (last and not is_intact(os.fstat(file.fileno()), body.stamp)):
        raise OSError(f"{body.path} changed while it was sent; the answer is broken off")


def is_intact(status: os.stat_result, stamp: Stamp) -> bool:
    """Return whether an open file still has the bytes that it had when this was its stamp."""
    if stamp_of(status) == stamp:
        return True
    ctime_ns = stamp.ctime_ns if status.st_nlink == 0 else status.st_ctime_ns  # removing a file changes its ctime, too
    return stamp_of(status)._replace(ctime_ns=ctime_ns) == stamp
