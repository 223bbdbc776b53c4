"""The files of a build on disk: each is written whole, and one that exists and is intact is not written again."""

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
from servestatic.http.message import Slice
from servestatic.releases.document import inside
from servestatic.releases.intact import Intact
from servestatic.releases.layout import list_folders

PART = 1024 * 1024  # bytes of a large file that are copied at a time
Permit = Callable[[str], None]


class Sealed(NamedTuple):
    """A finished build: how many files it has, how many of them were written now, and the bytes of all."""

    files: int
    written: int
    size: int


def permit_as_made(path: str) -> None:
    """Leave the mode of a file or folder as the umask made it."""


def read_parts(body: Slice) -> Iterator[bytes]:
    """Yield the bytes of a slice as they are now, whether or not its file has changed.

    Raises:
        OSError: it does not exist, or cannot be read.
    """
    with open_file(body.path) as file:
        file.seek(body.start)
        left = body.stop - body.start
        while part := file.read(min(PART, left)):
            yield part
            left -= len(part)


class BuildFiles:
    """The files below OUT, and which of them belong to this build; paths are relative to OUT."""

    def __init__(self, out: Path, permit: Permit, intact: Intact, suffixes: Sequence[str]) -> None:
        self._out = out
        self._suffixes = suffixes
        self._permit = permit
        self._intact = intact
        self._sizes: dict[str, int] = {}
        self._written: set[str] = set()
        self._lock = threading.Lock()
        self._entered = {""}  # folders that this build may write into
        self.obstructed: set[str] = set()  # paths at which there is a folder

    def find(self, path: str, digest: bytes) -> bool:
        """Return whether a file has the bytes with this SHA-256, as known by its stamp."""
        return self._intact.find(path, digest)

    def has_room(self, path: str) -> bool:
        """Return whether a file can be added: this build has none at its path, nor at that of a folder of it."""
        return not self._sizes.keys() & {path, *list_folders(path)}

    def keep(self, sizes: Mapping[str, int]) -> None:
        """Keep existing files as part of this build; `sizes` has their bytes by path."""
        self._sizes |= sizes

    def read(self, path: str, digest: bytes) -> bytes | None:
        """Read an existing file; None if its bytes do not have this SHA-256."""
        with suppress(OSError, BuildError):
            reading = read_file(inside(self._out, path))
            if reading.digest == digest:
                return reading.data
        return None

    def ensure(self, path: str, digest: bytes, data: bytes) -> bool:
        """Write bytes as `copy` does."""
        return self.copy(path, digest, len(data), lambda: iter((data,)))

    def copy(self, path: str, digest: bytes, length: int, parts: Callable[[], Iterator[bytes]]) -> bool:
        """Write a file part by part, unless it exists and is intact; False if a folder is at its path.

        Raises:
            BuildError: it would be written outside of OUT.
            OSError: the disk is full, or read-only.
        """
        target = inside(self._out, path)
        self._enter(os.path.dirname(path))
        with suppress(OSError):
            reading = read_file(target)
            if reading.digest == digest:
                self._sizes[path] = length
                self._intact.note(path, digest, reading.stamp, written=False)
                return True
        if os.path.isdir(target) and not os.path.islink(target):
            try:
                os.rmdir(target)
            except OSError:  # it is not empty
                self.obstructed.add(path)
                return False
        if stamp := write_file(target, parts(), mode=0o666, permit=self._permit):
            self._intact.note(path, digest, stamp, written=True)
        self._sizes[path] = length
        self._written.add(path)
        return True

    def _enter(self, folder: str) -> None:
        """Create a folder below OUT with its parents, in place of what an earlier build left at its path."""
        if folder in self._entered:
            return
        self._enter(os.path.dirname(folder))
        path = os.path.join(self._out, folder)
        with self._lock:
            if _leads_elsewhere(path):
                raise BuildError(f"{path} is a link: files written to it would be elsewhere. Remove it.")
            if os.path.lexists(path) and not os.path.isdir(path):
                os.unlink(path)
            if not os.path.lexists(path):
                os.mkdir(path)
                self._permit(path)
            self._entered.add(folder)

    def ensure_text(self, path: str, data: bytes, modified: float | None = None) -> None:
        """Write a document of the build unless it exists and is intact; `modified` dates it, in seconds since 1970.

        Raises:
            BuildError: a folder is at its path.
        """
        if not self.ensure(path, hashlib.sha256(data).digest(), data):
            raise BuildError(
                f"{self._out / path} is a folder, but the build has a file of that name. Remove it, and build again."
            )
        if modified is not None:
            os.utime(self._out / path, (modified, modified))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove fingerprinted files of earlier builds, with their codings, unless this build has them."""
        for path in paths:
            if any(_leads_elsewhere(os.path.join(self._out, folder)) for folder in list_folders(path)):
                continue
            for removed in {path, *(path + suffix for suffix in self._suffixes)} - self._sizes.keys():
                with suppress(OSError, BuildError):
                    os.unlink(inside(self._out, removed))

    def clean(self) -> None:
        """Remove the temporary files of builds that were killed."""
        for folder, _, _ in os.walk(self._out):
            remove_abandoned(folder)

    def finish(self) -> Sealed:
        """Save what is intact for the next build, and return the counts."""
        self._intact.keep()
        return Sealed(len(self._sizes), len(self._written), sum(self._sizes.values()))


def _leads_elsewhere(path: str) -> bool:
    """Return whether a path is a link, or what Windows calls a junction."""
    return os.path.islink(path) or getattr(os.path, "isjunction", os.path.islink)(path)
