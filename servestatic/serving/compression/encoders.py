"""Encoders fill rows of the table of codings, and limit how much of them is in memory."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Protocol

from servestatic.disk.read import read_file
from servestatic.errors import BuildError
from servestatic.http.message import Blob, Slice
from servestatic.http.representation import Representation, represent
from servestatic.releases.coding_table import Coded, CodingTable
from servestatic.releases.document import inside, is_build
from servestatic.releases.load import open_documents
from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new
from servestatic.serving.compression.coders import encode_fast

MAX_FAST = 32 * 1024 * 1024  # bytes of fast codings in memory; beyond it, identity is sent

_log = get_log()


class Encoder(Protocol):
    """Makes rows of the table of codings."""

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the finished row for the bytes with this SHA-256, if it was made before."""

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Make a row for the first request, in milliseconds."""

    def has_room(self) -> bool:
        """Return whether another row may be held in memory."""

    def drop(self, digest: bytes) -> None:
        """Note that a row was dropped: its room is free."""

    def settle_at_start(self) -> None:
        """Make the best codings of everything now, if there is a store to keep them."""


class Room:
    """How many bytes are held in memory for each digest, and whether there is room for more."""

    def __init__(self, size: int = MAX_FAST) -> None:
        self._size = size
        self._held: dict[bytes, int] = {}

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._held

    def has_room(self) -> bool:
        """Return whether more may be held."""
        return sum([*self._held.values()]) < self._size

    def add(self, digest: bytes, size: int) -> None:
        """Note that `size` bytes are held."""
        self._held[digest] = size

    def drop(self, digest: bytes) -> None:
        """Note that nothing is held for a digest any more."""
        self._held.pop(digest, None)


class FastEncoder:
    """An encoder without a store: codings of a build, otherwise fast ones, made in each process within `room`."""

    def __init__(self, build: "BuildCodings | None" = None, room: int = MAX_FAST) -> None:
        self._build = build
        self._room = Room(room)

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return what the build has."""
        return self._build.find(digest) if self._build else None

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Make fast codings, if there is room in memory."""
        made = encode_fast(data) if self._room.has_room() else ()
        self._room.add(digest, sum(representation.length for representation in made))
        return made

    def has_room(self) -> bool:
        """Return whether more codings may be made."""
        return self._room.has_room()

    def drop(self, digest: bytes) -> None:
        """Free the room of a row."""
        self._room.drop(digest)

    def settle_at_start(self) -> None:
        """Do nothing: without a store, the best codings would all be held in memory."""


class BuildCodings:
    """The codings of a build, each checked on first use.

    Args:
        out: the directory of the build.
        read: reads the tables of its releases, on first use.
        whole: ignore rows of which a coding is not intact.
    """

    def __init__(self, out: Path, read: Callable[[], list[CodingTable]], *, whole: bool = False) -> None:
        self._out = out
        self._read = read
        self._whole = whole

    @cached_property
    def _tables(self) -> list[CodingTable]:
        return self._read()

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, bytes) and self._row(digest) is not None

    def find(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the codings that are intact; None if the build has no row for these bytes."""
        row = self._row(digest)
        if row is None:
            return None
        wanted = [(name, coded) for name, coded in row.items() if coded.length]
        found = [_find_intact(self._out, name, coded) for name, coded in wanted]
        intact = tuple(representation for representation in found if representation is not None)
        return None if self._whole and len(intact) < len(wanted) else intact

    def _row(self, digest: bytes) -> dict[str, Coded] | None:
        for table in self._tables:
            with suppress(BuildError):  # a damaged row
                if row := table.find(digest):
                    return row
        return None


def _find_intact(out: Path, coding: str, coded: Coded) -> Representation | None:
    with suppress(OSError, BuildError):
        reading = read_file(inside(out, coded.path))
        intact = reading.digest == coded.digest and reading.stamp.size == coded.length
        if is_new(("damaged", out, coded.path), None if intact else reading.digest):
            _log.warning("%s does not match the build's document, so it is not served", out / coded.path)
        if intact:
            body = Slice(str(out / coded.path), 0, coded.length, reading.stamp, fixed=True)
            return represent(coding, Blob(body, coded.length, coded.digest))
    return None


def codings_beside(static_root: str | os.PathLike[str]) -> BuildCodings:
    """Return the codings of the build that collectstatic left in STATIC_ROOT, if any: they only save work."""
    out = Path(os.path.realpath(static_root))

    def read() -> list[CodingTable]:
        if not is_build(out):
            return []
        try:
            return [document.codings for document in open_documents(out)]
        except BuildError as error:
            _log.warning("the codings in %s are not used: %s", out, error)
            return []

    return BuildCodings(out, read, whole=True)
