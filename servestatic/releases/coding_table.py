"""The codings of a build in its index: one base64 text per coding has all packed rows, and rows are read on demand."""

from binascii import a2b_base64
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any, NamedTuple

from servestatic.assets.coding import NAMES
from servestatic.releases.rows import check_texts, to_text

_DIGEST_SIZE = 32  # bytes of a SHA-256
ABSENT = bytes(_DIGEST_SIZE)  # instead of the SHA-256 of a coding that the build does not have
_CODED = Struct(f"<{_DIGEST_SIZE}sQ")


class Coded(NamedTuple):
    """Bytes in a coding: their path below OUT, SHA-256, length (0 where the coding is not worthwhile), and coder."""

    path: str
    digest: bytes
    length: int
    coder: str


class CodingColumn(NamedTuple):
    """One coding of everything worth encoding: the suffix of its files, its coder, and the packed rows in base64."""

    suffix: str
    coder: str
    rows: str


def pack_codings(table: Mapping[bytes, Mapping[str, Coded]], suffixes: Mapping[str, str]) -> dict[str, Any]:
    """Write codings by the SHA-256 of the bytes that they encode: one row in each column."""
    digests = sorted(table)
    columns: dict[str, list[str]] = {}
    for name, suffix in suffixes.items():
        coder = next((row[name].coder for row in table.values() if name in row), None)
        if coder is not None:
            missing = Coded("", ABSENT, 0, coder)
            column = [table[digest].get(name, missing) for digest in digests]
            columns[name] = [suffix, coder, to_text(_CODED.pack(coded.digest, coded.length) for coded in column)]
    first = [next(iter(table[digest].items())) for digest in digests]
    paths = [coded.path.removesuffix(suffixes[name]) for name, coded in first]
    return {"digests": to_text(digests), "paths": paths, "columns": columns}


class CodingsTable:
    """What `pack_codings` wrote, looked up row by row.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the table is damaged.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._digests = a2b_base64(table["digests"])
        self._paths = check_texts(table["paths"])
        columns = {name: CodingColumn(*check_texts(texts)) for name, texts in table["columns"].items()}
        self._columns = {name: column for name, column in columns.items() if name in NAMES}
        wanted = _in_text(len(self._paths) * _CODED.size)
        if any(len(column.rows) != wanted for column in self._columns.values()):
            raise ValueError("not as many codings as paths")
        if len(self._digests) != len(self._paths) * _DIGEST_SIZE:
            raise ValueError("not as many digests as paths")

    def items(self) -> Iterator[tuple[bytes, dict[str, Coded]]]:
        """Yield every digest with the codings of its bytes.

        Raises:
            ValueError: a row is damaged.
        """
        size = len(self._paths) * _CODED.size
        rows = {name: [*_CODED.iter_unpack(_cut(column.rows, 0, size))] for name, column in self._columns.items()}
        for number in range(len(self._paths)):
            row = {name: self._describe(number, column, *rows[name][number]) for name, column in self._columns.items()}
            yield self._digest(number), row

    def find(self, digest: bytes) -> dict[str, Coded] | None:
        """Return the codings of the bytes with a digest, by name; None if no coding was tried.

        Raises:
            ValueError: the row is damaged.
        """
        number = bisect_left(range(len(self._paths)), digest, key=self._digest)
        if number == len(self._paths) or self._digest(number) != digest:
            return None
        span = number * _CODED.size, _CODED.size
        return {
            name: self._describe(number, column, *_CODED.unpack(_cut(column.rows, *span)))
            for name, column in self._columns.items()
        }

    def _describe(self, number: int, column: CodingColumn, digest: bytes, length: int) -> Coded:
        return Coded(self._paths[number] + column.suffix, digest, length, column.coder)

    def _digest(self, number: int) -> bytes:
        return self._digests[number * _DIGEST_SIZE : (number + 1) * _DIGEST_SIZE]


def _in_text(size: int) -> int:
    """Return the number of characters of `size` bytes in base64."""
    return -(-size // 3) * 4


def _cut(text: str, start: int, size: int) -> bytes:
    """Decode `size` bytes of a base64 text, without decoding the rest."""
    data = a2b_base64(text[start // 3 * 4 : _in_text(start + size)])[start % 3 :][:size]
    if len(data) != size:
        raise ValueError("not base64")
    return data
