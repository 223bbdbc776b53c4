"""The files of a build, on disk: each is whole, and none that is there and intact is written again."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from servestatic.assets.codings import codings
from servestatic.disk import open_file, read_file, write_file
from servestatic.errors import BuildError
from servestatic.http.message import Stamp
from servestatic.sealed.document import inside
from servestatic.sealed.intact import Intact

PART = 1024 * 1024  # bytes of a large file that are copied at a time
Permit = Callable[[str], None]


class Sealed(NamedTuple):
    """What a build has: files, how many of them were written now, and the bytes of all."""

    files: int
    written: int
    size: int


def permit_everybody(path: str) -> None:
    """Let everybody read a file, whatever the umask."""
    os.chmod(path, 0o644)


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

    def __init__(self, out: Path, permit: Permit, intact: Intact) -> None:
        self._out = out
        self._permit = permit
        self._intact = intact
        self._sizes: dict[str, int] = {}
        self._written: set[str] = set()

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

    def ensure(self, path: str, digest: bytes, data: bytes) -> None:
        """Write a file unless it is there and intact."""
        self.copy(path, digest, len(data), lambda: iter((data,)))

    def copy(self, path: str, digest: bytes, length: int, parts: Callable[[], Iterator[bytes]]) -> None:
        """Write a file part by part, unless it is there and intact."""
        self._sizes[path] = length
        target = inside(self._out, path)
        with suppress(OSError):
            reading = read_file(target)
            if reading.digest == digest:
                self._intact.note(path, digest, reading.stamp, written=False)
                return
        try:
            stamp = self._write(target, parts())
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            stamp = self._write(target, parts())
        if stamp:
            self._intact.note(path, digest, stamp, written=True)
        self._written.add(path)

    def ensure_text(self, path: str, data: bytes) -> None:
        """Write a file of the build's own unless it is there and intact."""
        self.ensure(path, hashlib.sha256(data).digest(), data)

    def _write(self, target: str, parts: Iterator[bytes]) -> Stamp | None:
        return write_file(target, parts, mode=0o666, permit=self._permit)

    def remove(self, paths: Iterable[str]) -> None:
        """Remove what earlier builds wrote under fingerprinted names that nothing keeps any more."""
        for path in paths:
            for suffix in ("", *(coding.suffix for coding in codings())):
                with suppress(OSError, BuildError):
                    os.unlink(inside(self._out, path + suffix))

    def finish(self) -> Sealed:
        """Remember what is intact, for the next build, and count."""
        self._intact.keep()
        return Sealed(len(self._sizes), len(self._written), sum(self._sizes.values()))
