"""Uses: the objects that processes say they use, so that nobody removes them.

An object itself is never touched, since its stamp tells running processes that it is still the same. A use is a file
that lists objects by the first bytes of their keys, in order; it is called after its own digest, so that processes
that use the same objects share it; the last time it was touched is the last time that one of them was alive.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from servestatic.disk.write import write_file
from servestatic.store.directory import is_ours

DAY = 24 * 60 * 60.0  # seconds; within it a file is touched once
_KEY = 8  # bytes of a key; that two objects agree in them keeps one of them longer, which does no harm


def shorten(key: str) -> bytes:
    """Return what stands for a key in a list.

    Raises:
        ValueError: it is no key.
    """
    return bytes.fromhex(key[: 2 * _KEY]).ljust(_KEY, b"\0")


def list_keys(keys: Iterable[str]) -> bytes:
    """Return the list of objects that a use consists of."""
    return b"".join(sorted({shorten(key) for key in keys}))


def note_use(folder: Path, listed: bytes, now: float) -> None:
    """Say that a process uses the objects of a list, at most once in a day.

    Raises:
        OSError: the disk does not take it.
    """
    path = folder / hashlib.sha256(listed).hexdigest()
    if not touch(path, now):
        write_file(str(path), listed)


def touch(path: Path, now: float) -> bool:
    """Note that a file is of use, unless that was noted today; False if it is not there.

    Raises:
        OSError: the disk does not take it.
    """
    try:
        if abs(now - path.stat().st_mtime) > DAY:
            os.utime(path)
    except FileNotFoundError:
        return False
    return True


def read_uses(folder: Path, now: float) -> dict[bytes, float]:
    """Return for each object, by the first bytes of its key, how many seconds ago somebody said that it is used."""
    ages: dict[bytes, float] = {}
    for path, age in _ages(folder, now):
        with suppress(OSError):
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() == path.name:
                keys = (content[start : start + _KEY] for start in range(0, len(content), _KEY))
                ages |= {key: age for key in keys if age <= ages.get(key, age)}
    return ages


def _ages(folder: Path, now: float) -> Iterator[tuple[Path, float]]:
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            status = os.lstat(path)
            if is_ours(status):
                yield path, abs(now - status.st_mtime)
