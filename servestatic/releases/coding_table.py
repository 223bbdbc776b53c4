"""The codings of a release in its document: a row for the bytes that each SHA-256 names."""

from collections.abc import Callable, Iterator, Mapping
from struct import Struct
from typing import Any, NamedTuple, TypeAlias

from servestatic.assets.coding import NAMES, ContentCoding
from servestatic.releases.format.blocks import Pair
from servestatic.releases.format.table import Table

_CODED = Struct("<32sQ")  # SHA-256 and length
ABSENT = bytes(32)  # instead of the SHA-256 of a coding that the build does not have


class Coded(NamedTuple):
    """Bytes in a coding: their path below OUT, SHA-256, length (0 where the coding is not worthwhile), and coder."""

    path: str
    digest: bytes
    length: int
    coder: str


NEVER_MADE = Coded("", ABSENT, 0, "")
MakeCoding: TypeAlias = Callable[[bytes, ContentCoding, bytes], bytes]  # of bytes with a SHA-256


def encode_best(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
    """Encode as small as is sensible; other functions of this type look the result up by the digest."""
    return coding.best(data)


class Coder(NamedTuple):
    """A column of the table: the name of a coding, the suffix of its files, and the coder that made them."""

    name: str
    suffix: str
    coder: str


def list_coders(table: Mapping[bytes, Mapping[str, Coded]], suffixes: Mapping[str, str]) -> list[Coder]:
    """Return the columns of a table, whose rows have the same coder for each coding."""
    coders = {name: coded.coder for row in table.values() for name, coded in row.items()}
    return [Coder(name, suffix, coders[name]) for name, suffix in suffixes.items() if name in coders]


def pack_codings(table: Mapping[bytes, Mapping[str, Coded]], coders: list[Coder]) -> Iterator[Pair]:
    """Return codings, by the SHA-256 of the bytes that they encode, as pairs of a table."""
    suffixes = {name: suffix for name, suffix, _ in coders}
    for digest in sorted(table):
        row = table[digest]
        name, coded = next(iter(row.items()))
        codings = [row.get(name, NEVER_MADE) for name in suffixes]
        base = coded.path.removesuffix(suffixes[name])
        yield digest, b"".join(_CODED.pack(coded.digest, coded.length) for coded in codings) + base.encode()


class CodingTable:
    """What `pack_codings` wrote, looked up row by row.

    Raises:
        TypeError, ValueError: the description of the coders is damaged.
    """

    def __init__(self, table: Table, coders: Any) -> None:
        self._table = table
        self._coders = [Coder(*map(str, row)) for row in coders]

    def items(self) -> Iterator[tuple[bytes, dict[str, Coded]]]:
        """Yield every digest with the codings of its bytes.

        Raises:
            BuildError: a row is damaged.
        """
        return ((digest, self._describe(packed)) for digest, packed in self._table.items())

    def find(self, digest: bytes) -> dict[str, Coded] | None:
        """Return the codings of the bytes with a digest, by name; None if no coding was tried.

        Raises:
            BuildError: the row is damaged.
        """
        packed = self._table.find(digest)
        return None if packed is None else self._describe(packed)

    def _describe(self, packed: bytes) -> dict[str, Coded]:
        size = _CODED.size * len(self._coders)
        try:
            base = packed[size:].decode()
            rows = zip(self._coders, _CODED.iter_unpack(packed[:size].ljust(size, b"\0")), strict=True)
            return {
                name: Coded(base + suffix, digest, length, coder)
                for (name, suffix, coder), (digest, length) in rows
                if name in NAMES
            }
        except ValueError as error:
            raise self._table.damaged(error) from error
