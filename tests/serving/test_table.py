"""The table of codings: rows that can be adopted again do not pile up, and a replaced row is a new generation."""

import sys

import pytest

from servestatic.http.message import Memory, Slice, Stamp
from servestatic.http.representation import Representation
from servestatic.serving.compression.coders import codings, encode_fast, find_fast, find_row, find_zstd
from servestatic.serving.compression.table import Codings

HELD = (Representation("br", Memory(b"x"), 1, '"held"'),)
REMEMBERED = (find_fast, find_row, find_zstd)
STORED = (Representation("br", Slice("/a", 0, 1, Stamp(1, 2, 1, 3, 4)), 1, '"stored"'),)


def test_only_what_is_in_memory_stays_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Codings, "SWEPT", 4)
    rows = Codings(lambda: None)
    for number in range(20):
        rows.add(b"%d" % number, HELD if number == 0 else STORED)
        assert rows.get(b"%d" % number)
    assert rows.get(b"0") == HELD
    assert sum(rows.get(b"%d" % number) is not None for number in range(20)) <= 4
    assert rows.generation == 0


def test_a_replaced_row() -> None:
    told: list[int] = []
    rows = Codings(lambda: told.append(rows.generation))
    rows.add(b"a", HELD)
    rows.replace(b"a", STORED)
    assert (rows.get(b"a"), told) == (STORED, [1])
    rows.drop(b"a")
    rows.drop(b"a")
    assert rows.get(b"a") is None


@pytest.mark.parametrize(
    ("missing", "names"),
    [
        (("compression.zstd", "backports.zstd"), ["br", "gzip"]),
        (("brotli",), ["zstd", "gzip"]),
        (("deflate",), ["br", "zstd", "gzip"]),
    ],
)
def test_without_a_library(missing: tuple[str, ...], names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A coding whose library is not installed is not offered; gzip has that of the standard library."""
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    for remembered in REMEMBERED:
        remembered.cache_clear()
    try:
        found = codings()
        assert [coding.name for coding in found] == names
        assert [made.coding for made in encode_fast(b"a" * 999)] == [name for name in names if name != "zstd"]
        assert all(coding.decode(coding.best(b"a" * 999), 999) == b"a" * 999 for coding in found)
    finally:
        monkeypatch.undo()
        for remembered in REMEMBERED:
            remembered.cache_clear()
