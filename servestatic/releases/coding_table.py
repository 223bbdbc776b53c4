"""What a build's index says of codings, as JSON: one text has the packed rows of all, and is read where it is asked."""

from binascii import a2b_base64
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any, NamedTuple

from servestatic.assets.coding import NAMES
from servestatic.releases.rows import check_texts, to_text

_DIGEST_SIZE = 32  # bytes of a SHA-256
ABSENT = bytes(_DIGEST_SIZE)  # in place of the SHA-256 of a coding that the build does not have
_CODED = Struct(f"<{_DIGEST_SIZE}sQ")


class Coded(NamedTuple):
    """Bytes in a coding: their file below OUT, SHA-256 and length, 0 where the coding is not worthwhile; the coder."""

    path: str
    digest: bytes
    length: int
    coder: str


class Column(NamedTuple):
    """One coding of all that is worth a try: the suffix of its files, its coder, and the packed rows in base64."""

    suffix: str
    coder: str
    rows: str


def pack_codings(table: Mapping[bytes, Mapping[str, Coded]], suffixes: Mapping[str, str]) -> dict[str, Any]:
    """Write what there is of each coding, by the SHA-256 of the bytes as they are: one row in each column."""
    digests = sorted(table)
    columns: dict[str, list[str]] = {}
    for name, suffix in suffixes.items():
        coder = next((row[name].coder for row in table.values() if name in row), None)
        if coder is not None:
            missing = Coded("", ABSENT, 0, coder)
            column = [table[digest].get(name, missing) for digest in digests]
            columns[name] = [suffix, coder, to_text(_CODED.pack(each.digest, each.length) for each in column)]
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
        columns = {name: Column(*check_texts(texts)) for name, texts in table["columns"].items()}
        self._columns = {name: each for name, each in columns.items() if name in NAMES}
        wanted = _in_text(len(self._paths) * _CODED.size)
        if any(len(column.rows) != wanted for column in self._columns.values()):
            raise ValueError("not as many codings as paths")
        if len(self._digests) != len(self._paths) * _DIGEST_SIZE:
            raise ValueError("not as many digests as paths")

    def items(self) -> Iterator[tuple[bytes, dict[str, Coded]]]:
        """Yield all digests, each with the codings of its bytes.

        Raises:
            ValueError: a row is damaged.
        """
        size = len(self._paths) * _CODED.size
        rows = {name: [*_CODED.iter_unpack(_cut(each.rows, 0, size))] for name, each in self._columns.items()}
        for number in range(len(self._paths)):
            row = {name: self._describe(number, each, *rows[name][number]) for name, each in self._columns.items()}
            yield self._digest(number), row

    def find(self, digest: bytes) -> dict[str, Coded] | None:
        """Return the codings of the bytes with a digest, by name; None if none was tried.

        Raises:
            ValueError: the row is damaged.
        """
        number = bisect_left(range(len(self._paths)), digest, key=self._digest)
        if number == len(self._paths) or self._digest(number) != digest:
            return None
        place = number * _CODED.size, _CODED.size
        return {
            name: self._describe(number, each, *_CODED.unpack(_cut(each.rows, *place)))
            for name, each in self._columns.items()
        }

    def _describe(self, number: int, column: Column, digest: bytes, length: int) -> Coded:
        return Coded(self._paths[number] + column.suffix, digest, length, column.coder)

    def _digest(self, number: int) -> bytes:
        return self._digests[number * _DIGEST_SIZE : (number + 1) * _DIGEST_SIZE]


def _in_text(size: int) -> int:
    """Return how many characters so many bytes have in base64."""
    return -(-size // 3) * 4


def _cut(text: str, start: int, size: int) -> bytes:
    """Read some bytes of a text in base64 without the others."""
    data = a2b_base64(text[start // 3 * 4 : _in_text(start + size)])[start % 3 :][:size]
    if len(data) != size:
        raise ValueError("no base64")
    return data
