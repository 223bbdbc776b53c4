"""The treemap as SVG, and as the data from which the script draws it again at another size, or within a folder.

The script follows the same rules: a box fits the room that its folder has below its label.
"""

from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from servestatic.cli.report.data import KINDS
from servestatic.cli.report.layout import RATIO, WHOLE, Tile
from servestatic.cli.report.words import bytes_of, clip

WIDTH = 1000
HEIGHT = round(WIDTH / RATIO)
LABEL = 18  # height of a folder's label
_GAP = 1.5  # around a tile
_SMALLEST = 3  # width or height; less is not drawn
_LABELLED = (46, 34)  # width and height of the smallest folder with a label
_NAMED = (34, 15)  # of the smallest file with a name
_WEIGHED = (52, 34)  # of the smallest file with a second line
_LETTER = 6.8  # mean width of a letter
BY_SENT = 1  # which boxes are drawn at first


class Room(NamedTuple):
    """Where to draw: left, top, width and height in pixels."""

    x: float
    y: float
    width: float
    height: float


def draw(root: Tile) -> str:
    """Return the tiles of the whole treemap as SVG elements."""
    return "".join(_draw_children(root, Room(0, 0, WIDTH, HEIGHT), 1))


def _draw_children(folder: Tile, room: Room, depth: int) -> Iterator[str]:
    for tile in folder.children:
        left, top, right, bottom = tile.boxes[BY_SENT]
        x, y = room.x + room.width * left / WHOLE, room.y + room.height * top / WHOLE
        width, height = room.width * (right - left) / WHOLE, room.height * (bottom - top) / WHOLE
        inner = Room(x + _GAP / 2, y + _GAP / 2, width - _GAP, height - _GAP)
        if min(inner.width, inner.height) >= _SMALLEST:
            yield from _draw_folder(tile, inner, depth) if tile.children else _draw_file(tile, inner)


def _draw_folder(tile: Tile, room: Room, depth: int) -> Iterator[str]:
    yield _rectangle(f"folder d{min(depth, 4)}", room)
    below = Room(room.x + 2, room.y + 2, room.width - 4, room.height - 4)
    if room.width >= _LABELLED[0] and room.height >= _LABELLED[1]:
        yield _text("label", room.x + 6, room.y + 13, clip(tile.name, (room.width - 12) / _LETTER))
        below = Room(room.x + 3, room.y + LABEL, room.width - 6, room.height - LABEL - 3)
    yield from _draw_children(tile, below, depth + 1)


def _draw_file(tile: Tile, room: Room) -> Iterator[str]:
    yield _rectangle(f"file k-{tile.kind}", room)
    if room.width >= _NAMED[0] and room.height >= _NAMED[1]:
        y = room.y + min(14, room.height / 2 + 4)
        yield _text(f"name k-{tile.kind}", room.x + 5, y, clip(tile.name, (room.width - 10) / _LETTER))
        if room.width >= _WEIGHED[0] and room.height >= _WEIGHED[1]:
            yield _text(f"weight k-{tile.kind}", room.x + 5, y + 14, bytes_of(tile.sent))


def _rectangle(classes: str, room: Room) -> str:
    x, y, width, height = (f"{number:.1f}".removesuffix(".0") for number in room)
    return f'<rect class="{classes}" x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _text(classes: str, x: float, y: float, text: str) -> str:
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>' if text else ""


def pack(tile: Tile) -> list[Any]:
    """Return a tile for the script: name, kind, size, sent, both boxes; of a folder the files and the tiles in it."""
    kind = KINDS.index(tile.kind) if tile.kind in KINDS else -1
    packed = [tile.name, kind, tile.size, tile.sent, *tile.boxes[0], *tile.boxes[1]]
    return [*packed, tile.files, [*map(pack, tile.children)]] if tile.children or kind < 0 else packed
