"""Pruning: the store is bounded, and what a live process used within a week stays.

What goes is never missed, since what is absent is made again. Nobody waits for anybody here: processes go on reading
and writing. A file is looked at again, under its lock, just before it goes, so that none goes that was made just now.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from math import inf
from pathlib import Path
from typing import NamedTuple, TypeAlias

from servestatic.errors import StoreError
from servestatic.store.directory import COLLECTIONS, LOCKS, OBJECTS, USES
from servestatic.store.uses import DAY, read_uses, shorten

KEPT = 7 * DAY  # nothing that was of use so recently is removed
FORGOTTEN = 60 * DAY  # everything that was of no use for so long is
# Between the two, what was of use last stays as long as the store is smaller, so that going back to an older release
# or branch is cheap. A site of 60 MB has some 50 MB here, so this is room for about twenty; it is little on a disk.
LIMIT = 1024 * 1024 * 1024  # bytes

Lock: TypeAlias = Callable[[str], AbstractContextManager[bool]]


class Pruned(NamedTuple):
    """How many files were removed: objects, collections, others that were left behind; and their bytes on the disk."""

    objects: int
    collections: int
    others: int
    size: int


class _Old(NamedTuple):
    """A file that may go: the seconds since it was of use, and its bytes on the disk."""

    age: float
    size: int
    path: str


def prune(place: Path, lock: Lock, now: float, *, everything: bool) -> Pruned:
    """Remove what is of no use any more, or everything.

    Args:
        place: of the store.
        lock: holds the right to make or remove an object, if nobody else has it.
        now: in seconds since 1970.
        everything: whether what is of use goes, too; processes that run make it again.
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
        removed = {OBJECTS: 0, COLLECTIONS: 0}
        for each in sorted(old, reverse=True):
            if each.age <= self._forgotten and total - self._size <= self._limit:
                break
            folder = OBJECTS if each.path.startswith(str(self._place / OBJECTS)) else COLLECTIONS
            removed[folder] += self._remove_locked(each)
        return Pruned(removed[OBJECTS], removed[COLLECTIONS], self._clean(), self._size)

    def _find(self) -> Iterator[_Old]:
        """Yield all objects and collections with their ages."""
        used = read_uses(self._place / USES, self._now)
        for folder in (*_scan(self._place / OBJECTS), self._place / COLLECTIONS):
            for entry in _scan(folder):
                with suppress(OSError, ValueError):  # gone by now, or no name of ours
                    status = os.lstat(entry)
                    age = min(self._age(status), used.get(shorten(entry.name), inf))
                    yield _Old(age, _size(status), str(entry))

    def _remove_locked(self, each: _Old) -> bool:
        """Remove an object or a collection, unless somebody makes it, or has made it anew since we looked."""
        with suppress(StoreError), self._lock(os.path.basename(each.path)) as held:
            return held and self._remove(each.path, older_than=self._kept)
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

    def _age(self, status: os.stat_result) -> float:
        return abs(self._now - status.st_mtime)  # abs: the clock may have gone back

    def _clean(self) -> int:
        """Remove what dead processes left behind, and uses that tell nothing any more; return how many."""
        folders = (*_scan(self._place / OBJECTS), self._place / COLLECTIONS, self._place / USES)
        temporary = (path for folder in folders for path in _scan(folder) if path.name.startswith("."))
        left = {DAY: [*temporary, *_scan(self._place / LOCKS)], self._forgotten: _scan(self._place / USES)}
        return sum(self._remove(str(path), age) for age, paths in left.items() for path in paths)


def _scan(folder: Path) -> list[Path]:
    try:
        return [Path(entry) for entry in os.scandir(folder)]
    except OSError:
        return []


def _size(status: os.stat_result) -> int:
    """Return the bytes that a file takes: thousands of small ones take more than their lengths."""
    return getattr(status, "st_blocks", 0) * 512 or status.st_size
