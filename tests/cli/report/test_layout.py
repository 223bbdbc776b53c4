"""The treemap: areas are bytes, nothing overlaps, and no tree is too wide or too deep for it."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servestatic.cli.report.data import Weight
from servestatic.cli.report.layout import MAX_DEPTH, MAX_TILES, WHOLE, arrange, squarify_all
from servestatic.cli.report.treemap import draw, pack

if TYPE_CHECKING:
    from servestatic.cli.report.layout import Box, Tile


def weight(path: str, size: int = 100, sent: int = 40, source: str = "static") -> Weight:
    return Weight(path, f"/{path}", source, "script", size, sent, "br", b"")


def area(box: Box) -> int:
    left, top, right, bottom = box
    return (right - left) * (bottom - top)


SIZES = st.lists(st.integers(0, 10**12) | st.integers(0, 100), max_size=40)


@given(SIZES, st.floats(0.05, 20))
def test_boxes(sizes: list[int], ratio: float) -> None:
    boxes = squarify_all(sizes, ratio)
    assert len(boxes) == len(sizes)
    for left, top, right, bottom in boxes:
        assert 0 <= left <= right <= WHOLE
        assert 0 <= top <= bottom <= WHOLE
    for one, other in combinations(boxes, 2):
        width = min(one[2], other[2]) - max(one[0], other[0])
        height = min(one[3], other[3]) - max(one[1], other[1])
        assert width <= 0 or height <= 0, "they overlap"
    for size, box in zip(sizes, boxes, strict=True):
        share = size / sum(sizes) if size else 0
        rounding = 2 * (box[2] - box[0] + box[3] - box[1]) + 4  # half a unit at each side
        assert abs(area(box) - share * WHOLE * WHOLE) <= rounding + 1e-5 * WHOLE * WHOLE * len(sizes) * max(1, share)
        assert size or not area(box)


def shape(tile: Tile) -> object:
    return {tile.name: [shape(child) for child in tile.children]} if tile.children else tile.name


TREES = [
    (["a.js"], {"": ["a.js"]}),
    (["js/a.js", "js/b.js"], {"js/": ["a.js", "b.js"]}),
    (["x/y/a.js", "x/z/b.js"], {"x/": [{"y/": ["a.js"]}, {"z/": ["b.js"]}]}),
    (["a.js", "x/y/b.js"], {"": ["a.js", {"x/y/": ["b.js"]}]}),
    (["a", "a/b.js"], {"": ["a", {"a/": ["b.js"]}]}),
    (["m/a.js", "/m/a.js"], {"": [{"/m/": ["a.js"]}, {"m/": ["a.js"]}]}),
    ([], ""),
]


@pytest.mark.parametrize(("paths", "expected"), TREES, ids=[" ".join(paths) for paths, _ in TREES])
def test_folders(paths: list[str], expected: object) -> None:
    assert shape(arrange([weight(path) for path in paths])) == expected


def test_several_sources_come_first() -> None:
    tree = arrange([weight("js/a.js", source="one"), weight("js/b.js", source="two"), weight("c.js", source="two")])
    assert shape(tree) == {"": [{"two/": ["c.js", {"js/": ["b.js"]}]}, {"one/js/": ["a.js"]}]}


def test_sums() -> None:
    tree = arrange([weight("x/a.js", 5, 3), weight("x/b.js", 7, 2), weight("c.js", 9, 9)])
    assert (tree.size, tree.sent, tree.files) == (21, 14, 3)
    assert [(child.size, child.sent, child.files) for child in tree.children] == [(9, 9, 1), (12, 5, 2)]


def test_a_wide_folder() -> None:
    tree = arrange([weight(f"{number}.js", number + 1, number) for number in range(20_000)])
    *shown, rest = tree.children
    assert (len(shown) + 1, rest.name, rest.files) == (MAX_TILES, "19,501 smaller files", 19_501)
    assert sum(tile.size for tile in tree.children) == tree.size
    assert "19,501 smaller" in draw(tree)


def test_a_deep_folder() -> None:
    deep = "/".join(f"folder{number}" for number in range(2000))
    tree = arrange([weight(f"{deep[: 9 * number]}x.js") for number in range(0, 2000, 40)])
    assert draw(tree)
    assert pack(tree)
    depth, at = 0, tree
    while at.children:
        depth, at = depth + 1, max(at.children, key=lambda tile: len(tile.children))
    assert depth <= MAX_DEPTH + 1


def test_files_without_bytes() -> None:
    tree = arrange([weight("a.js", 0, 0), weight("b.js", 0, 0)])
    assert [tile.boxes for tile in tree.children] == [((0, 0, 0, 0), (0, 0, 0, 0))] * 2
    assert draw(tree) == ""
