"""Pruning: the store is bounded, and what a live process used within a week stays.

Removing too much only costs time, since what is absent is made again. Processes go on reading and writing meanwhile.
A file is checked once more, under its lock, just before it is removed, so that one that was just made stays.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from math import inf
from pathlib import Path
from typing import NamedTuple, TypeAlias

from servestatic.errors import StoreError
from servestatic.store.directory import LOCKS, NOTES, OBJECTS, PLACES, USES
from servestatic.store.uses import DAY, read_uses, shorten

KEPT = 7 * DAY  # what was used within this time is never removed
FORGOTTEN = 60 * DAY  # what was not used for this long always is
# Between the two, the longest unused goes first, and only while the store is larger than this, so that going back to
# an older release or branch is cheap. A site of 60 MB has some 50 MB here, so this holds about twenty.
LIMIT = 1024 * 1024 * 1024  # bytes

Lock: TypeAlias = Callable[[str], AbstractContextManager[bool]]


class Pruned(NamedTuple):
    """How many files were removed (objects, notes, and others that were left behind), and their bytes on disk."""

    objects: int
    notes: int
    others: int
    size: int


class _Old(NamedTuple):
    """A file that may be removed: the seconds since it was used, and its bytes on disk."""

    age: float
    size: int
    path: str


def prune(place: Path, lock: Lock, now: float, *, everything: bool) -> Pruned:
    """Remove what is no longer used, or everything.

    Args:
        place: the store's directory.
        lock: holds the lock of a key; yields whether no other process has it.
        now: in seconds since 1970.
        everything: also remove what is used; running processes make it again.
    """
    return _Pruning(place, lock, now, everything=everything).run()


class _Pruning:
    """One walk through a store."""

    def __init__(self, place: Path, lock: Lock, now: float, *, everything: bool) -> None:
        self._place = place
        self._lock = lock
        self._now = now
        self._kept, self._limit, self._forgotten = (-1.0, -1, -1.0) if everything else (KEPT, LIMIT, FORGOTTEN)
        self._size = 0  # of what was removed

    def run(self) -> Pruned:
        total, old = 0, []
        for age, size, path in self._find():
            total += size
            if age > self._kept:
                old.append(_Old(age, size, path))
        removed = {OBJECTS: 0, NOTES: 0}
        for file in sorted(old, reverse=True):
            if file.age <= self._forgotten and total - self._size <= self._limit:
                break
            folder = OBJECTS if file.path.startswith(str(self._place / OBJECTS)) else NOTES
            removed[folder] += self._remove_locked(file)
        return Pruned(removed[OBJECTS], removed[NOTES], self._clean(), self._size)

    def _find(self) -> Iterator[_Old]:
        """Yield all objects and notes with their ages."""
        used = read_uses(self._place / USES, self._now)
        for folder in (*_scan(self._place / OBJECTS), self._place / NOTES):
            for entry in _scan(folder):
                with suppress(OSError, ValueError):  # removed since, or not a name of ours
                    status = os.lstat(entry)
                    age = min(self._age(status), used.get(shorten(entry.name), inf))
                    yield _Old(age, _size(status), str(entry))

    def _remove_locked(self, file: _Old) -> bool:
        """Remove an object or a note, unless a process makes it, or has replaced it since it was found."""
        with suppress(StoreError), self._lock(os.path.basename(file.path)) as held:
            return held and self._remove(file.path, older_than=self._kept)
        return False

    def _remove(self, path: str, older_than: float) -> bool:
        try:
            status = os.lstat(path)
            if self._age(status) <= older_than:
                return False
            os.unlink(path)
        except OSError:
            return False
        self._size += _size(status)
        return True

    def _remove_place(self, place: Path) -> None:
        """Remove what was kept of the releases of a list of sources that no process has served for a long time."""
        files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
        with suppress(OSError):
            if all(self._age(os.lstat(path)) > self._forgotten for path in files):
                self._size += sum(_size(os.lstat(path)) for path in files)
                shutil.rmtree(place)

    def _age(self, status: os.stat_result) -> float:
        return abs(self._now - status.st_mtime)  # abs: the clock may have been set back

    def _clean(self) -> int:
        """Remove what dead processes left behind, and expired uses; return how many."""
        for place in _scan(self._place / PLACES):
            self._remove_place(place)
        folders = (*_scan(self._place / OBJECTS), self._place / NOTES, self._place / USES)
        temporary = (path for folder in folders for path in _scan(folder) if path.name.startswith("."))
        left = {DAY: [*temporary, *_scan(self._place / LOCKS)], self._forgotten: _scan(self._place / USES)}
        return sum(self._remove(str(path), age) for age, paths in left.items() for path in paths)


def _scan(folder: Path) -> list[Path]:
    try:
        return [Path(entry) for entry in os.scandir(folder)]
    except OSError:
        return []


def _size(status: os.stat_result) -> int:
    """Return the bytes that a file takes on disk: thousands of small ones take more than their lengths."""
    return getattr(status, "st_blocks", 0) * 512 or status.st_size
