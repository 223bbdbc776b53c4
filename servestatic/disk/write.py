"""Writing files: whole or not at all."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from servestatic.disk.read import stamp_of
from servestatic.disk.system import REPLACES_OPEN
from servestatic.disk.temporary import create
from servestatic.http.message import Stamp


def write_file(
    path: str, *parts: bytes | Iterator[bytes], mode: int = 0o600, permit: Callable[[str], None] = lambda _: None
) -> Stamp | None:
    """Write a file whole or not at all (`os.replace` is atomic), and return its stamp; None if it was replaced since.

    The file is made with `mode`, which the umask may restrict; `permit` is called with its temporary path before it
    takes its final one.

    Raises:
        OSError: the disk cannot hold the file, or the folder does not exist.
    """
    temporary, descriptor = create(os.path.dirname(path), mode)
    try:
        with _hold(descriptor):
            inode = _fill(descriptor, parts)
            permit(temporary)
            os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    status = os.lstat(path)
    return stamp_of(status) if status.st_ino == inode else None


@contextmanager
def _hold(descriptor: int) -> Iterator[None]:
    """Hold a temporary file even after it is closed, except where an open file cannot be renamed."""
    held = os.dup(descriptor) if REPLACES_OPEN else None
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def _fill(descriptor: int, parts: Iterable[bytes | Iterator[bytes]]) -> int:
    """Write the parts of a file, close it, and return its inode."""
    try:
        for part in parts:
            for data in (part,) if isinstance(part, bytes) else part:
                _write(descriptor, data)
        return os.fstat(descriptor).st_ino
    finally:
        os.close(descriptor)  # a full disk in the network may only be reported here


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
