"""Store: objects, collections and locks, each a file."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from servestatic.disk.read import read_slice, stamp_of
from servestatic.disk.write import write_file
from servestatic.errors import StoreError
from servestatic.http.message import Blob, Slice
from servestatic.store import locks
from servestatic.store.directory import (
    COLLECTIONS,
    LOCKS,
    OBJECTS,
    USES,
    check,
    is_ours,
    prepare,
    usual_place,
)
from servestatic.store.prune import Pruned, prune
from servestatic.store.uses import DAY, list_keys, note_use, touch

_HEADER = b"servestatic object 2 %b\n"  # with the key: an object that took another one's place counts as damaged
_TRIES = 3  # readings of a file that others replace meanwhile
_MOST_VERIFIED = 4096  # objects that are remembered as verified; one more, and they are verified again on use
_T = TypeVar("_T")
_log = logging.getLogger("servestatic")


def open_store(setting: str) -> "Store | None":
    """Open the store that the setting names; without one, say so once and go on."""
    if setting == "none":
        return None
    try:
        return Store(Path(setting).absolute() if setting else usual_place())
    except (StoreError, OSError) as error:
        _log.warning("no store: %s. Codings are made in memory, and anew at each start.", error)
        return None


class Store:
    """A directory of objects and collections that only this user can write.

    `now` tells the seconds since 1970, which the age of files is measured with.

    Raises:
        StoreError: the directory cannot be made, is a link, or others may write it.
    """

    def __init__(self, place: Path, *, now: Callable[[], float] = time.time) -> None:
        self.place = place
        self._now = now
        self._verified: dict[str, Blob] = {}
        self._objects, self._locks = (os.path.join(place, folder, "") for folder in (OBJECTS, LOCKS))
        prepare(place)

    # ------------------------------------------------------------------------------------------- objects

    def has(self, key: str) -> bool:
        """Tell whether an object is there, without a look into it."""
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
        """Write an object and return it; None where the disk does not take it."""
        path, header, digest = self._object(key), _HEADER % key.encode(), hashlib.sha256(data).digest()
        try:
            stamp = self._write(lambda: write_file(path, header, digest, data), os.path.dirname(path))
        except (StoreError, OSError):
            return None
        if stamp is None:
            return self.get(key)  # of another process, which was later
        body = Slice(path, _find_start(key), stamp.size, stamp, fixed=True)
        return self._know(key, Blob(body, len(data), digest))

    def key_of(self, body: Slice) -> str | None:
        """Return the key of the object that a body is of; None if it is no object of this store."""
        key = os.path.basename(body.path)
        return key if body.path == self._object(key) else None

    def objects(self) -> Iterator[Path]:
        """Yield the files of all objects; their names are the keys."""
        return (path for path in (self.place / OBJECTS).glob("*/*") if not path.name.startswith("."))

    def _object(self, key: str) -> str:
        return os.path.join(self._objects, key[:2], key)

    def _know(self, key: str, blob: Blob) -> Blob:
        if len(self._verified) >= _MOST_VERIFIED:
            self._verified.clear()
        self._verified[key] = blob
        return blob

    def _discard(self, key: str, body: Slice) -> None:
        """Remove a damaged object, unless somebody makes it anew."""
        with suppress(StoreError, OSError), self.lock(key) as held:
            if held and stamp_of(os.lstat(body.path)) == body.stamp:
                os.unlink(body.path)

    # --------------------------------------------------------------------------------------------- locks

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Hold the only right to make an object, or say that another process has it and is not late.

        Raises:
            StoreError: the disk takes nothing, so that there is no point in making an object.
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
        """Write something; once more if the store is deleted meanwhile. `folders` must be there, besides the usual.

        Raises:
            StoreError: there is something else by now where the store was.
            OSError: the disk does not take it.
        """
        try:
            check(self.place)
            return write()
        except FileNotFoundError:
            prepare(self.place, *folders)
            return write()

    # --------------------------------------------------------------------------------------- collections

    def load(self, key: str) -> object:
        """Read a collection's document; None if absent or damaged. The caller checks its shape."""
        path = self.place / COLLECTIONS / key
        try:
            if not is_ours(os.lstat(path)):
                return None
            digest, _, document = path.read_bytes().partition(b"\n")
            if digest != _seal(key, document):
                return None
            touch(path, self._now())
            loaded: object = json.loads(document)
        except (OSError, ValueError, RecursionError):
            return None
        return loaded

    def save(self, key: str, document: object) -> None:
        """Write a collection's document, as far as the disk takes it."""
        text = json.dumps(document, separators=(",", ":")).encode("ascii")
        parts = _seal(key, text), b"\n", text
        with suppress(StoreError, OSError):
            self._write(lambda: write_file(os.path.join(self.place, COLLECTIONS, key), *parts))

    # ----------------------------------------------------------------------------------- how long things stay

    def note_use(self, keys: Iterable[str]) -> None:
        """Say that this process uses objects, as far as the disk takes it: they stay for a week."""
        listed = list_keys(keys)
        with suppress(StoreError, OSError):
            self._write(lambda: note_use(self.place / USES, listed, self._now()))

    def prune(self, *, everything: bool = False) -> Pruned:
        """Remove what was of no use for a long time, or everything: what is missed is made again."""
        return prune(self.place, self.lock, self._now(), everything=everything)

    def prune_daily(self) -> Pruned | None:
        """Prune unless some process did within a day; None if so."""
        noted = self.place / "pruned"
        with suppress(StoreError, OSError), self.lock("prune") as held:
            if held and not (noted.exists() and abs(self._now() - noted.stat().st_mtime) < DAY):
                write_file(str(noted))
                return self.prune()
        return None


def _find_start(key: str) -> int:
    """Return where the data of an object begins."""
    return len(_HEADER % key.encode()) + hashlib.sha256().digest_size


def _check(key: str, content: bytes) -> bytes | None:
    """Return the digest of a whole object's data; None if it is damaged, or has another key."""
    start = _find_start(key)
    digest = hashlib.sha256(memoryview(content)[start:]).digest()
    return digest if content[:start] == _HEADER % key.encode() + digest else None


def _seal(key: str, document: bytes) -> bytes:
    made = hashlib.sha256(key.encode() + b"\n")  # a document in the place of another has another checksum
    made.update(document)
    return made.hexdigest().encode()
