"""Places: where releases of several processes or machines are kept. A directory or a bucket; nothing else knows which.

A path is relative and `/`-separated. What is written is written whole, and content-named, so it never changes.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from servestatic.assets.keys import make_key
from servestatic.disk.trust import read_bounded
from servestatic.disk.write import write_file
from servestatic.errors import BuildError
from servestatic.http.message import Fields
from servestatic.store import Store
from servestatic.store.directory import PLACES


class Listed(NamedTuple):
    """A file in a place: its path, its bytes, and when it was written, in seconds since 1970."""

    path: str
    size: int
    modified: float


class Place(Protocol):
    """Five verbs.

    Every one raises OSError if the place cannot be reached, or refuses.
    """

    name: str
    pause: float  # seconds between two lists that a process asks for
    at_once: int  # files that are written at a time
    near: bool  # reading takes microseconds
    keeps: frozenset[str]  # names of the fields that are kept with a file

    def list(self, under: str = "") -> Iterator[Listed]:
        """Yield the files below a folder."""

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file; None if there is none, or if it has more than `limit`."""

    def create(self, path: str, parts: Iterable[bytes], fields: Fields = ()) -> bool:
        """Write a file with the fields it is served with; False if there is one already, which stays."""

    def replace(self, path: str, data: bytes, fields: Fields = ()) -> None:
        """Write a file with its fields, over another if there is one."""

    def delete(self, path: str) -> None:
        """Remove a file, if there is one."""


class DirectoryPlace:
    """A directory, which may be shared by machines. Files do not have fields there."""

    pause = 0.2
    at_once = 1
    near = True
    keeps = frozenset[str]()

    def __init__(self, root: str | os.PathLike[str], *, mode: int = 0o666, folder_mode: int = 0o777) -> None:
        """Keep files below `root`, which is created when the first one is; the umask restricts both modes."""
        self.name = os.fspath(root)
        self._root = Path(root)
        self._mode = mode
        self._folder_mode = folder_mode

    def list(self, under: str = "") -> Iterator[Listed]:
        """Yield the files below a folder; links are not followed."""
        for folder, folders, names in os.walk(self._root / under):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                with suppress(FileNotFoundError):
                    status = os.lstat(path)
                    if stat.S_ISREG(status.st_mode):
                        below = os.path.relpath(path, self._root).replace(os.sep, "/")
                        yield Listed(below, status.st_size, status.st_mtime)

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a regular file."""
        try:
            return read_bounded(self._locate(path), limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == 0:  # a pipe, or too long
                return None
            raise

    def create(self, path: str, parts: Iterable[bytes], fields: Fields = ()) -> bool:
        """Write a file whole, unless there is one."""
        target = self._locate(path)
        if os.path.lexists(target):
            return False
        self._write(target, parts)
        return True

    def replace(self, path: str, data: bytes, fields: Fields = ()) -> None:
        """Write a file whole."""
        self._write(self._locate(path), (data,))

    def delete(self, path: str) -> None:
        """Remove a file."""
        with suppress(FileNotFoundError):
            os.unlink(self._locate(path))

    def _write(self, target: str, parts: Iterable[bytes]) -> None:
        folder = os.path.dirname(target)
        os.makedirs(folder, mode=self._folder_mode, exist_ok=True)
        try:
            write_file(target, iter(parts), mode=self._mode)
        except FileNotFoundError:  # the folder was removed meanwhile
            os.makedirs(folder, mode=self._folder_mode, exist_ok=True)
            write_file(target, iter(parts), mode=self._mode)

    def _locate(self, path: str) -> str:
        if path.startswith("/") or "\0" in path or {"", ".", ".."} & {*path.split("/")}:
            raise BuildError(f"{path!r} is not the path of a file in {self.name}.")
        return os.path.join(self._root, path)


def open_place(setting: str) -> Place:
    """Open the place that a setting names: the URL of a bucket, or a directory.

    Raises:
        SettingError: the bucket needs a package that is not installed.
    """
    if "://" in setting:
        from servestatic.releases.bucket import BucketPlace

        return BucketPlace(setting)
    return DirectoryPlace(os.path.abspath(setting))


def open_store_place(store: Store, sources: Iterable[str]) -> DirectoryPlace:
    """Return the place in a store, for this user alone, of the releases of a list of sources."""
    return DirectoryPlace(store.place / PLACES / make_key("place", *sources), mode=0o600, folder_mode=0o700)
