"""The files of a build, on disk: each is whole, and none that is there and intact is written again."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from servestatic.disk.read import open_file, read_file
from servestatic.disk.temporary import remove_abandoned
from servestatic.disk.write import write_file
from servestatic.errors import BuildError
from servestatic.releases.document import inside
from servestatic.releases.intact import Intact
from servestatic.releases.layout import list_folders

PART = 1024 * 1024  # bytes of a large file that are copied at a time
Permit = Callable[[str], None]


class Sealed(NamedTuple):
    """What a build has: files, how many of them were written now, and the bytes of all."""

    files: int
    written: int
    size: int


def permit_as_made(path: str) -> None:
    """Leave a file or folder the mode that the umask has given it."""


def read_parts(path: str) -> Iterator[bytes]:
    """Yield the bytes of a file that is too large to be held.

    Raises:
        OSError: it is not there, or may not be read.
    """
    with open_file(path) as file:
        while part := file.read(PART):
            yield part


class Files:
    """What is below OUT, and what this build has of it; paths are relative to it."""

    def __init__(self, out: Path, permit: Permit, intact: Intact, suffixes: Sequence[str]) -> None:
        self._out = out
        self._suffixes = suffixes
        self._permit = permit
        self._intact = intact
        self._sizes: dict[str, int] = {}
        self._written: set[str] = set()
        self._lock = threading.Lock()
        self._entered = {""}  # folders that are ours to write into
        self.obstructed: set[str] = set()  # paths that a folder is at

    def find(self, path: str, digest: bytes) -> bool:
        """Tell whether stamps say that a file has the bytes with this SHA-256."""
        return self._intact.find(path, digest)

    def keep(self, sizes: Mapping[str, int]) -> None:
        """Let files be as they are, which have so many bytes."""
        self._sizes |= sizes

    def read(self, path: str, digest: bytes) -> bytes | None:
        """Read a file that is there; None if it is not the one with this SHA-256."""
        with suppress(OSError, BuildError):
            reading = read_file(inside(self._out, path))
            if reading.digest == digest:
                return reading.data
        return None

    def ensure(self, path: str, digest: bytes, data: bytes) -> bool:
        """Write a file as `copy` does."""
        return self.copy(path, digest, len(data), lambda: iter((data,)))

    def copy(self, path: str, digest: bytes, length: int, parts: Callable[[], Iterator[bytes]]) -> bool:
        """Write a file part by part, unless it is there and intact; False if a folder is in its place.

        Raises:
            BuildError: it would be written outside of OUT.
            OSError: the disk does not take it.
        """
        target = inside(self._out, path)
        self._enter(os.path.dirname(path))
        with suppress(OSError):
            reading = read_file(target)
            if reading.digest == digest:
                self._sizes[path] = length
                self._intact.note(path, digest, reading.stamp, written=False)
                return True
        if os.path.isdir(target) and not os.path.islink(target) and not _remove_folder(target):
            self.obstructed.add(path)
            return False
        stamp = write_file(target, parts(), mode=0o666, permit=self._permit)
        if stamp:
            self._intact.note(path, digest, stamp, written=True)
        self._sizes[path] = length
        self._written.add(path)
        return True

    def _enter(self, folder: str) -> None:
        """Make a folder below OUT, and those that it is in; what an earlier build has left in its place goes."""
        if folder in self._entered:
            return
        self._enter(os.path.dirname(folder))
        place = os.path.join(self._out, folder)
        with self._lock:
            if _leads_elsewhere(place):
                raise BuildError(f"{place} is a link: what is written there would be elsewhere. Remove it.")
            if os.path.lexists(place) and not os.path.isdir(place):
                os.unlink(place)
            if not os.path.lexists(place):
                os.mkdir(place)
                self._permit(place)
            self._entered.add(folder)

    def ensure_text(self, path: str, data: bytes) -> None:
        """Write a file of the build's own unless it is there and intact.

        Raises:
            BuildError: a folder is in its place.
        """
        if not self.ensure(path, hashlib.sha256(data).digest(), data):
            raise BuildError(f"{self._out / path} is a folder, where the build has a file. Remove it, and build again.")

    def remove(self, paths: Iterable[str]) -> None:
        """Remove what earlier builds wrote under fingerprinted names that nothing keeps any more."""
        for path in paths:
            if any(_leads_elsewhere(os.path.join(self._out, folder)) for folder in list_folders(path)):
                continue
            for each in (path, *(path + suffix for suffix in self._suffixes)):
                if each in self._sizes:
                    continue
                with suppress(OSError, BuildError):
                    os.unlink(inside(self._out, each))

    def clean(self) -> None:
        """Remove the temporary files that builds left behind which were killed."""
        for folder, _, _ in os.walk(self._out):
            remove_abandoned(folder)

    def finish(self) -> Sealed:
        """Remember what is intact, for the next build, and count."""
        self._intact.keep()
        return Sealed(len(self._sizes), len(self._written), sum(self._sizes.values()))


def _leads_elsewhere(place: str) -> bool:
    """Return whether a path is a link, or what Windows calls a junction."""
    return os.path.islink(place) or getattr(os.path, "isjunction", os.path.islink)(place)


def _remove_folder(place: str) -> bool:
    """Remove a folder if nothing is in it."""
    try:
        os.rmdir(place)
    except OSError:
        return False
    return True
