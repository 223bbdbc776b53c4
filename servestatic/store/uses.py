"""Uses: the objects that processes use, noted so that they are not removed.

An object itself is never touched, since running processes know by its stamp that it is still the same. A use is a file
that lists objects by the first bytes of their keys, in order. Its name is its own digest, so that processes that use
the same objects share it; it was last touched when one of them was last alive.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from servestatic.disk.write import write_file
from servestatic.store.directory import is_ours

DAY = 24 * 60 * 60.0  # seconds; a file is touched at most once in it
_KEY = 8  # bytes of a key; two objects that agree in them keep each other longer, which does no harm


def shorten(key: str) -> bytes:
    """Return the beginning of a key, as lists have it.

    Raises:
        ValueError: it is not a key.
    """
    return bytes.fromhex(key[: 2 * _KEY]).ljust(_KEY, b"\0")


def list_keys(keys: Iterable[str]) -> bytes:
    """Return the content of a use: the shortened keys in order."""
    return b"".join(sorted({shorten(key) for key in keys}))


def note_use(folder: Path, listed: bytes, now: float) -> None:
    """Note that a process uses the objects of a list, at most once a day.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / hashlib.sha256(listed).hexdigest()
    if not touch(path, now):
        write_file(str(path), listed)


def touch(path: Path, now: float) -> bool:
    """Note that a file is used, unless that was noted today; False if it does not exist.

    Raises:
        OSError: it cannot be written.
    """
    try:
        if abs(now - path.stat().st_mtime) > DAY:
            os.utime(path)
    except FileNotFoundError:
        return False
    return True


def read_uses(folder: Path, now: float) -> dict[bytes, float]:
    """Return how many seconds ago each object, by the beginning of its key, was last noted as used."""
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
