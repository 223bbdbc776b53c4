"""What the columns of a release hold, as bytes: names, texts, lists of texts, and rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from servestatic.assets.names import find_flaw
from servestatic.releases.format.blocks import Pair
from servestatic.releases.format.column import Column
from servestatic.releases.format.file import TableFile
from servestatic.releases.rows import Row

_BETWEEN = b"\0"  # no name has it


def encode(text: str) -> bytes:
    """Return a text as bytes; a path may have bytes that are not UTF-8, which Python writes as surrogates."""
    return text.encode("utf-8", "surrogatepass")


def encode_texts(texts: Mapping[str, str]) -> Iterator[Pair]:
    """Return names with a text each as pairs of a table."""
    return ((encode(name), encode(texts[name])) for name in sorted(texts))


def encode_bytes(values: Mapping[str, bytes]) -> Iterator[Pair]:
    """Return names with bytes as pairs of a table."""
    return ((encode(name), values[name]) for name in sorted(values))


def encode_lists(lists: Mapping[str, Sequence[str]]) -> Iterator[Pair]:
    """Return names with lists of texts, none of them empty, as pairs of a table."""
    return ((encode(name), _BETWEEN.join(map(encode, lists[name]))) for name in sorted(lists))


def open_rows(file: TableFile, table: str, place: Callable[[str, Row], Row]) -> Column[Row]:
    """Open a column of rows; `place` returns a row with its root, or raises ValueError if it has none."""

    def decode(name: str, packed: bytes) -> Row:
        if flaw := find_flaw(name):
            raise ValueError(flaw)  # it could lead out of the folder
        return place(name, Row.unpack(packed))

    return Column(file.table(table), decode)


def open_lists(file: TableFile, table: str) -> Column[tuple[str, ...]]:
    """Open a column of lists of texts."""
    return Column(file.table(table), lambda _, packed: tuple(packed.decode().split("\0")))


def open_texts(file: TableFile, table: str) -> Column[str]:
    """Open a column of texts."""
    return Column(file.table(table), lambda _, packed: packed.decode("utf-8", "surrogatepass"))


def open_bytes(file: TableFile, table: str) -> Column[bytes]:
    """Open a column of bytes."""
    return Column(file.table(table), lambda _, packed: packed)
