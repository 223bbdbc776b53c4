"""What a build's index says of codings, as JSON: one text has the packed rows of all, which stay so until asked for."""

from binascii import a2b_base64
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any, NamedTuple

from servestatic.assets.rows import check_texts, to_text

_DIGEST_SIZE = 32  # bytes of a SHA-256
_CODED = Struct(f"<{_DIGEST_SIZE}sQ")


class Coded(NamedTuple):
    """Bytes in a coding: their file below OUT, SHA-256 and length, 0 where the coding is not worthwhile; the coder."""

    path: str
    digest: bytes
    length: int
    coder: str


class Column(NamedTuple):
    """One coding of all that is worth a try: the suffix of its files, its coder, and the packed rows."""

    suffix: str
    coder: str
    rows: bytes


def pack_codings(table: Mapping[bytes, Mapping[str, Coded]], suffixes: Mapping[str, str]) -> dict[str, Any]:
    """Write what there is of each coding, by the SHA-256 of the bytes as they are: one row in each column."""
    digests = sorted(table)
    columns: dict[str, list[str]] = {}
    for name in table[digests[0]] if digests else ():
        column = [table[digest][name] for digest in digests]
        rows = to_text(_CODED.pack(each.digest, each.length) for each in column)
        columns[name] = [suffixes[name], column[0].coder, rows]
    first = [next(iter(table[digest].items())) for digest in digests]
    paths = [each.path.removesuffix(suffixes[name]) for name, each in first]
    return {"digests": to_text(digests), "paths": paths, "columns": columns}


class CodingsTable:
    """What `pack_codings` has written, looked up row by row.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the table is damaged.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._digests = a2b_base64(table["digests"])
        self._paths = check_texts(table["paths"])
        self._columns = {
            name: Column(suffix, coder, a2b_base64(rows)) for name, (suffix, coder, rows) in table["columns"].items()
        }
        wanted = len(self._paths)
        lengths = [len(column.rows) for column in self._columns.values()]
        if len(self._digests) != wanted * _DIGEST_SIZE or any(each != wanted * _CODED.size for each in lengths):
            raise ValueError("not as many codings as digests")

    def items(self) -> Iterator[tuple[bytes, dict[str, Coded]]]:
        """Yield all digests, each with the codings of its bytes."""
        return ((self._digest(number), self._row(number)) for number in range(len(self._paths)))

    def find(self, digest: bytes) -> dict[str, Coded] | None:
        """Return the codings of the bytes with a digest, by name; None if none was tried."""
        number = bisect_left(range(len(self._paths)), digest, key=self._digest)
        if number == len(self._paths) or self._digest(number) != digest:
            return None
        return self._row(number)

    def _row(self, number: int) -> dict[str, Coded]:
        return {name: self._unpack(number, column) for name, column in self._columns.items()}

    def _unpack(self, number: int, column: Column) -> Coded:
        coded, length = _CODED.unpack_from(column.rows, number * _CODED.size)
        return Coded(self._paths[number] + column.suffix, coded, length, column.coder)

    def _digest(self, number: int) -> bytes:
        return self._digests[number * _DIGEST_SIZE : (number + 1) * _DIGEST_SIZE]
