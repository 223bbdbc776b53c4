"""The treemap: folders within folders, each file an area of its bytes.

A box is in thousandths of what its folder has room for, so that the picture fits any size, and any folder can fill it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import squarify

from servestatic.cli.report.data import Weight

MAX_DEPTH = 24  # folders within folders; what is deeper keeps its path in its name
MAX_TILES = 500  # of one folder; the smallest of more share one
WHOLE = 1000  # the side of a folder, in units of a box
_SMALLEST = 1e-5  # of its folder's area: less would only be a source of rounding errors
RATIO = 1.6  # width of the picture to its height

Box: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom


class Tile(NamedTuple):
    """A file, or a folder with what is in it.

    Attributes:
        name: relative to the folder around it.
        kind: of a file; empty for a folder, "rest" for the smallest files of one.
        files: how many files there are in a folder.
        children: the largest first.
        boxes: where it is in its folder, with areas of `size` and of `sent`.
    """

    name: str
    kind: str
    size: int
    sent: int
    files: int
    children: tuple["Tile", ...] = ()
    boxes: tuple[Box, Box] = ((0, 0, 0, 0), (0, 0, 0, 0))


class _Folder(NamedTuple):
    """The folders and the files of a folder, by name; the names of folders end in a slash."""

    folders: "dict[str, _Folder]"
    files: dict[str, Weight]


def arrange(files: Sequence[Weight]) -> Tile:
    """Arrange files by source, if there are several, and by folder."""
    root = _Folder({}, {})
    several = len({file.source for file in files}) > 1
    for file in files:
        mount = file.path[: file.path.startswith("/")]
        *parts, name = file.path.removeprefix(mount).split("/", MAX_DEPTH)
        parts[:1] = [mount + first for first in parts[:1]]
        folder = root
        for part in [file.source] * several + parts:
            folder = folder.folders.setdefault(f"{part}/", _Folder({}, {}))
        folder.files[name] = file
    return _place(_measure("", root), RATIO, RATIO)


def _measure(name: str, folder: _Folder) -> Tile:
    """Make the tile of a folder; a folder that only has a folder is joined with it."""
    if len(folder.folders) == 1 and not folder.files:
        [(inner_name, inner)] = folder.folders.items()
        return _measure(name + inner_name, inner)
    children = [_measure(inner_name, inner) for inner_name, inner in folder.folders.items()]
    children += [Tile(file_name, file.kind, file.size, file.sent, 1) for file_name, file in folder.files.items()]
    children.sort(key=lambda tile: (-tile.size - tile.sent, tile.name))
    return Tile(name, "", *_add(children), tuple(_merge_smallest(children)))


def _add(tiles: Iterable[Tile]) -> tuple[int, int, int]:
    """Return size, sent and files of some tiles together."""
    sums = [0, 0, 0]
    for tile in tiles:
        sums = [sums[0] + tile.size, sums[1] + tile.sent, sums[2] + tile.files]
    return sums[0], sums[1], sums[2]


def _merge_smallest(children: list[Tile]) -> list[Tile]:
    if len(children) <= MAX_TILES:
        return children
    rest = children[MAX_TILES - 1 :]
    size, sent, files = _add(rest)
    return [*children[: MAX_TILES - 1], Tile(f"{files:,} smaller files", "rest", size, sent, files)]


def _place(folder: Tile, by_size: float, by_sent: float) -> Tile:
    """Give the tiles of a folder their boxes; the numbers are its width to its height."""
    if not folder.children:
        return folder
    sizes = squarify_all([tile.size for tile in folder.children], by_size)
    sents = squarify_all([tile.sent for tile in folder.children], by_sent)
    placed = (
        _place(tile._replace(boxes=(boxes[0], boxes[1])), by_size * _ratio(boxes[0]), by_sent * _ratio(boxes[1]))
        for tile, *boxes in zip(folder.children, sizes, sents, strict=True)
    )
    return folder._replace(children=tuple(placed))


def _ratio(box: Box) -> float:
    left, top, right, bottom = box
    return max(right - left, 1) / max(bottom - top, 1)


def squarify_all(sizes: Sequence[int], ratio: float) -> list[Box]:
    """Return a box for each size, in the same order; one without area for a size of 0."""
    total = sum(sizes)
    known: Mapping[int, float] = {number: max(size / total, _SMALLEST) for number, size in enumerate(sizes) if size > 0}
    order = sorted(known, key=lambda number: -known[number])
    areas = squarify.normalize_sizes([known[number] for number in order], ratio, 1.0)
    placed = dict(zip(order, squarify.squarify(areas, 0.0, 0.0, ratio, 1.0), strict=True))
    return [_round(placed[number], ratio) if number in placed else (0, 0, 0, 0) for number in range(len(sizes))]


def _round(rectangle: Mapping[str, float], ratio: float) -> Box:
    left, top = rectangle["x"], rectangle["y"]
    right, bottom = left + rectangle["dx"], top + rectangle["dy"]
    in_width, in_height = WHOLE / ratio, WHOLE
    return round(left * in_width), round(top * in_height), round(right * in_width), round(bottom * in_height)
