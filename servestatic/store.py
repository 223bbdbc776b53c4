"""The store: bytes that took time to make, kept on disk for the next start and for other processes of this user.

An object is one file: a header, the SHA-256 of its data, the data. Its name is a key: a digest of what it is made from
and how. A collection is one document of what a start found out: which file, by its stamp, has which digest and
references. Nothing is ever changed in place, so readers need no lock; whatever is damaged counts as absent. The
directory is this user's alone. Where that cannot be had there is no store, and nothing is lost but time.
"""

import hashlib
import json
import logging
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from servestatic.disk import read_file, read_slice, stamp_of
from servestatic.http.message import Slice

_HEADER = b"servestatic object 1\n"
_START = len(_HEADER) + hashlib.sha256().digest_size  # where an object's data begins
_log = logging.getLogger("servestatic")
_ABANDONED = 60.0  # seconds after which nobody waits for a lock's owner


class Stored(NamedTuple):
    """An object's data as it is on disk, with its SHA-256."""

    body: Slice
    digest: bytes


class StoreError(Exception):
    """There is no store to be had at a place, and why."""


def usual_place() -> Path:
    """Return where the store is by default: in the user's cache directory, else in the directory of temporary files."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    existing = cache
    while not os.path.lexists(existing) and existing != os.path.dirname(existing):
        existing = os.path.dirname(existing)
    if os.path.isabs(cache) and os.path.isdir(existing) and os.access(existing, os.W_OK | os.X_OK):
        return Path(cache) / "servestatic"
    return Path(tempfile.gettempdir()) / f"servestatic-{os.getuid()}"


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

    Raises:
        StoreError: the directory cannot be made, is a link, or others may write it.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._verified: dict[str, Stored] = {}
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = os.lstat(place)
            if not stat.S_ISDIR(status.st_mode):
                raise StoreError(f"{place} is no directory")
            if status.st_uid != os.getuid() or status.st_mode & 0o022:
                raise StoreError(f"{place} belongs to somebody else, or others may write it")
            for name in ("objects", "collections", "locks"):
                (place / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{place}: {error.strerror}") from error

    # ------------------------------------------------------------------------------------------- objects

    def get(self, key: str) -> Stored | None:
        """Return an object, verified once in each process; None if absent or damaged."""
        path = self._object(key)
        try:
            status = os.lstat(path)
        except OSError:
            return None
        body = Slice(str(path), _START, status.st_size, stamp_of(status))
        known = self._verified.get(key)
        if known is not None and known.body == body:
            return known
        digest = _verify(body) if stat.S_ISREG(status.st_mode) else None
        if digest is None:
            with suppress(OSError):
                path.unlink()
            return None
        self._verified[key] = Stored(body, digest)
        return self._verified[key]

    def put(self, key: str, data: bytes) -> Stored | None:
        """Write an object and return it; None where the disk does not take it."""
        path, digest = self._object(key), hashlib.sha256(data).digest()
        content = _HEADER + digest + data
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _replace(path, content)
            status = os.lstat(path)
        except OSError:
            return None
        self._verified[key] = Stored(Slice(str(path), _START, status.st_size, stamp_of(status)), digest)
        return self._verified[key]

    def objects(self) -> Iterator[Path]:
        """Yield the files of all objects; their names are the keys."""
        return (path for path in (self.place / "objects").glob("*/*") if not path.name.startswith("."))

    def _object(self, key: str) -> Path:
        return self.place / "objects" / key[:2] / key

    # --------------------------------------------------------------------------------------------- locks

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Hold the only right to make an object, or say that another process has it and is not late."""
        path = self.place / "locks" / key
        held = _create(path) or (_is_abandoned(path) and _take_over(path))
        try:
            yield held
        finally:
            if held:
                with suppress(OSError):
                    path.unlink()

    # --------------------------------------------------------------------------------------- collections

    def load(self, key: str) -> object:
        """Read a collection's document; None if absent or damaged. The caller checks its shape."""
        try:
            content = read_file(str(self.place / "collections" / key)).data or b""
            digest, _, document = content.partition(b"\n")
            if digest.decode() != hashlib.sha256(document).hexdigest():
                return None
            loaded: object = json.loads(document)
        except (OSError, ValueError, RecursionError):
            return None
        return loaded

    def save(self, key: str, document: object) -> None:
        """Write a collection's document, as far as the disk takes it."""
        text = json.dumps(document, separators=(",", ":")).encode("ascii")
        with suppress(OSError):
            _replace(self.place / "collections" / key, hashlib.sha256(text).hexdigest().encode() + b"\n" + text)


def _verify(body: Slice) -> bytes | None:
    whole = read_slice(body._replace(start=0))
    if whole is None or not whole.startswith(_HEADER):
        return None
    digest = hashlib.sha256(memoryview(whole)[_START:]).digest()
    return digest if whole[len(_HEADER) : _START] == digest else None


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all (`os.replace` is atomic).

    Raises:
        OSError: the disk does not take it.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _create(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError:
        return False
    return True


def _is_abandoned(path: Path) -> bool:
    try:
        return abs(time.time() - os.lstat(path).st_mtime) > _ABANDONED  # abs: the clock may have gone back
    except OSError:
        return False


def _take_over(path: Path) -> bool:
    with suppress(OSError):
        path.unlink()
    return _create(path)
