"""A file of tables: its head, which says where they are, and the tables themselves."""

import hashlib
import json
from collections.abc import Iterable
from struct import Struct
from typing import Any

from servestatic.disk.opened import open_at
from servestatic.errors import BuildError
from servestatic.releases.format.blocks import Blocks, Pair, Read
from servestatic.releases.format.table import Location, Table, write_table

VERSION = 4
DAMAGED = (LookupError, TypeError, ValueError, AttributeError)  # errors of reading a damaged head
_MAGIC = b"servestatic release "
_FIRST_LINE = b"%b%d\n" % (_MAGIC, VERSION)
_HEAD = Struct("<32sI")  # SHA-256 and length
_MAX_HEAD = 64 * 1024 * 1024  # bytes
_MAX_LINE = 40  # bytes of the first line, of any version


class Tables:
    """Tables that are being written, one after the other, before the head that names them."""

    def __init__(self) -> None:
        self._blocks = bytearray()
        self._locations: dict[str, list[Any]] = {}

    def add(self, name: str, pairs: Iterable[Pair]) -> None:
        """Write a table of pairs in ascending order of their keys; one without pairs takes no room.

        Raises:
            BuildError: a value is too long.
        """
        if location := write_table(pairs, self._blocks):
            self._locations[name] = location.as_json()

    def finish(self, **head: Any) -> bytes:
        """Return the file: equal heads and tables are equal bytes."""
        whole = {**head, "tables": self._locations}
        packed = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
        return b"".join((_FIRST_LINE, _HEAD.pack(hashlib.sha256(packed).digest(), len(packed)), packed, self._blocks))


class TableFile:
    """A file of tables.

    Args:
        read: reads the file.
        name: what messages call it.

    Raises:
        BuildError: it has another format or version, or its head is damaged.
    """

    def __init__(self, read: Read, name: str) -> None:
        self.name = name
        start = len(_FIRST_LINE) + _HEAD.size
        try:
            first = read(0, max(start, _MAX_LINE))
            self._check_version(first)
            digest, length = _HEAD.unpack(first[len(_FIRST_LINE) : start].ljust(_HEAD.size, b"\0"))
            head = read(start, length) if length <= _MAX_HEAD else b""
            if hashlib.sha256(head).digest() != digest:
                raise ValueError("its head has other bytes")
            self.head: dict[str, Any] = json.loads(head)
            self._locations = {name: Location.from_json(row) for name, row in self.head["tables"].items()}
        except (OSError, RecursionError, *DAMAGED) as error:
            raise self.damaged(error) from error
        self._blocks = Blocks(lambda position, size: read(start + length + position, size), name)

    def _check_version(self, first: bytes) -> None:
        line, newline, _ = first.partition(b"\n")
        version = line.removeprefix(_MAGIC)
        if newline and line != version and version.isdigit() and version != b"%d" % VERSION:
            raise BuildError(
                f"{self.name} has version {int(version)} of the release format, but this servestatic reads version"
                f" {VERSION}. Write it again with the servestatic that serves it."
            )
        if not first.startswith(_FIRST_LINE):
            raise ValueError("it is not a file of releases")

    def table(self, name: str) -> Table:
        """Return a table; one that the file does not have is empty."""
        return Table(self._blocks, self._locations.get(name))

    def verify(self) -> None:
        """Read all tables.

        Raises:
            BuildError: one is damaged.
        """
        for name in self._locations:
            for _ in self.table(name).read_leaves():
                pass

    def damaged(self, error: Exception) -> BuildError:
        """Return the error for a file that is not as it should be."""
        return BuildError(f"{self.name} is damaged: {error}. Write it again.")


def open_tables(path: str) -> TableFile:
    """Open a file of tables on disk, which stays open.

    Raises:
        OSError: it cannot be read, or is not a regular file.
        BuildError: see `TableFile`.
    """
    return TableFile(open_at(path), path)


def hold_tables(data: bytes, name: str) -> TableFile:
    """Return a file of tables that is in memory."""
    return TableFile(lambda start, size: data[start : start + size], name)
