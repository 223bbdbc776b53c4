"""Store: objects, collections and locks, each a file."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from servestatic.disk.read import read_slice, stamp_of
from servestatic.disk.write import write_file
from servestatic.errors import StoreError
from servestatic.http.message import Blob, Slice
from servestatic.runtime.log import get_log
from servestatic.store import locks
from servestatic.store.directory import (
    LOCKS,
    NOTES,
    OBJECTS,
    USES,
    check,
    is_ours,
    prepare,
    usual_place,
)
from servestatic.store.uses import DAY, list_keys, note_use, touch

if TYPE_CHECKING:
    from servestatic.store.prune import Pruned

_HEADER = b"servestatic object 2 %b\n"  # with the key: an object at the path of another counts as damaged
_AT_ONCE = 64  # objects that threads of a process write at a time
_TRIES = 3  # attempts to read a file that other processes replace meanwhile
_MAX_VERIFIED = 4096  # objects that are remembered as verified; at one more, all are verified again on use
_T = TypeVar("_T")
_log = get_log()


def open_store(setting: str) -> "Store | None":
    """Open the store that the setting names; None, with a warning, where there cannot be one."""
    if setting == "none":
        return None
    try:
        return Store(Path(setting).absolute() if setting else usual_place())
    except (StoreError, OSError) as error:
        _log.warning("no store: %s. Files are compressed in memory, and again at each start.", error)
        return None


class Store:
    """A directory of objects and notes that only this user can write.

    `now` returns the seconds since 1970, by which the age of files is measured.

    Raises:
        StoreError: the directory cannot be created, is a link, or others may write it.
    """

    def __init__(self, place: Path, *, now: Callable[[], float] = time.time) -> None:
        self.place = place
        self._now = now
        self._verified: dict[str, Blob] = {}
        self._turns = [threading.Lock() for _ in range(_AT_ONCE)]  # of threads that may be writing the same object
        self._objects, self._locks = (os.path.join(place, folder, "") for folder in (OBJECTS, LOCKS))
        prepare(place)

    # ------------------------------------------------------------------------------------------- objects

    def has(self, key: str) -> bool:
        """Return whether an object exists, without reading it."""
        try:
            return is_ours(os.lstat(self._object(key)))
        except OSError:
            return False

    def get(self, key: str) -> Blob | None:
        """Return an object, verified once in each process; None if absent or damaged."""
        path = self._object(key)
        for _ in range(_TRIES):
            try:
                status = os.lstat(path)
            except OSError:
                return None
            body = Slice(path, _find_start(key), status.st_size, stamp_of(status), fixed=True)
            known = self._verified.get(key)
            if known is not None and known.body == body:
                return known
            content = read_slice(body._replace(start=0)) if is_ours(status) else b""
            if content is not None and (digest := _check(key, content)):
                return self._know(key, Blob(body, body.stop - body.start, digest))
            if content is not None:
                self._discard(key, body)
                break
        return None

    def put(self, key: str, data: bytes) -> Blob | None:
        """Write an object, unless it exists, and return it; None if it cannot be written.

        What exists is never replaced, not even by the same bytes: an answer may be about to read it.
        """
        path, header, digest = self._object(key), _HEADER % key.encode(), hashlib.sha256(data).digest()
        write = partial(write_file, path, header, digest, data, permit=lambda _: self._check_absent(key))
        try:
            with self._turns[hash(key) % _AT_ONCE]:
                stamp = self._write(write, os.path.dirname(path))
        except FileExistsError:
            return self.get(key)
        except (StoreError, OSError):
            return None
        if stamp is None:
            return self.get(key)  # another process has replaced it since
        body = Slice(path, _find_start(key), stamp.size, stamp, fixed=True)
        return self._know(key, Blob(body, len(data), digest))

    def _check_absent(self, key: str) -> None:
        if self.has(key):
            raise FileExistsError(key)

    def key_of(self, body: Slice) -> str | None:
        """Return the key of the object whose bytes a body has; None if it is not an object of this store."""
        key = os.path.basename(body.path)
        return key if body.path == self._object(key) else None

    def objects(self) -> Iterator[Path]:
        """Yield the files of all objects; their names are the keys."""
        return (path for path in (self.place / OBJECTS).glob("*/*") if not path.name.startswith("."))

    def _object(self, key: str) -> str:
        return os.path.join(self._objects, key[:2], key)

    def _know(self, key: str, blob: Blob) -> Blob:
        if len(self._verified) >= _MAX_VERIFIED:
            self._verified.clear()
        self._verified[key] = blob
        return blob

    def _discard(self, key: str, body: Slice) -> None:
        """Remove a damaged object, unless another process replaces it."""
        with suppress(StoreError, OSError), self.lock(key) as held:
            if held and stamp_of(os.lstat(body.path)) == body.stamp:
                os.unlink(body.path)

    # --------------------------------------------------------------------------------------------- locks

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Hold the lock of an object; yields False if another process has it.

        Raises:
            StoreError: nothing can be written, so that there is no point in making an object.
        """
        path = self._locks + key
        try:
            mine = self._write(lambda: locks.take(path, self._now()))
        except OSError as error:
            raise StoreError(f"{self.place}: {error.strerror}") from error
        try:
            yield mine is not None
        finally:
            if mine is not None:
                locks.release(path, mine)

    def _write(self, write: Callable[[], _T], *folders: str) -> _T:
        """Call `write`; once more if the store was deleted meanwhile. `folders` must exist besides the usual ones.

        Raises:
            StoreError: the directory has been replaced by something else.
            OSError: the disk is full, or read-only.
        """
        try:
            check(self.place)
            return write()
        except FileNotFoundError:
            prepare(self.place, *folders)
            return write()

    # --------------------------------------------------------------------------------------- notes

    def find_note(self, key: str) -> str | None:
        """Return the path of a note; None if there is none. The caller checks its bytes."""
        path = self.place / NOTES / key
        try:
            return str(path) if is_ours(os.lstat(path)) and touch(path, self._now()) else None
        except OSError:
            return None

    def save_note(self, key: str, content: bytes) -> str | None:
        """Write a note and return its path; None if it cannot be written."""
        path = os.path.join(self.place, NOTES, key)
        try:
            self._write(lambda: write_file(path, content))
        except (StoreError, OSError):
            return None
        return path

    # ----------------------------------------------------------------------------------- uses and pruning

    def note_use(self, keys: Iterable[str]) -> None:
        """Note that this process uses objects, if that can be written: they stay for a week."""
        listed = list_keys(keys)
        with suppress(StoreError, OSError):
            self._write(lambda: note_use(self.place / USES, listed, self._now()))

    def prune(self, *, everything: bool = False) -> "Pruned":
        """Remove what was not used for a long time, or everything: it is made again on demand."""
        from servestatic.store.prune import prune  # once a day, in one process of all

        return prune(self.place, self.lock, self._now(), everything=everything)

    def prune_daily(self) -> "Pruned | None":
        """Prune; None if a process already has within a day."""
        with suppress(StoreError, OSError):
            return self.do_daily("prune", self.prune)
        return None

    def do_daily(self, key: str, work: Callable[[], _T | None]) -> _T | None:
        """Do what one process of all does each day, holding the lock of a key; return what `work` does.

        None if another process is doing it, or has within a day. If `work` returns None, it could not be done, and
        remains due.

        Raises:
            StoreError: nothing can be written.
        """
        note = hashlib.sha256(b"daily\n" + key.encode()).hexdigest()
        with self.lock(key) as held:
            due = held and self._age(self.place / NOTES / note) >= DAY
            done = work() if due else None
            if done is not None:
                self.save_note(note, b"")
            return done

    def _age(self, path: Path) -> float:
        try:
            return abs(self._now() - os.lstat(path).st_mtime)  # abs: the clock may have been set back
        except OSError:
            return inf


def _find_start(key: str) -> int:
    """Return where the data of an object begins."""
    return len(_HEADER % key.encode()) + hashlib.sha256().digest_size


def _check(key: str, content: bytes) -> bytes | None:
    """Return the digest of a whole object's data; None if it is damaged, or has another key."""
    start = _find_start(key)
    digest = hashlib.sha256(memoryview(content)[start:]).digest()
    return digest if content[:start] == _HEADER % key.encode() + digest else None
