"""The graph of what a page loads, as SVG: a column for each round, a box for each file, a line to who names it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from servestatic.cli.report.data import Weight
from servestatic.cli.report.page import Page
from servestatic.cli.report.words import amount, bytes_of, clip

MAX_BOXES = 16  # files of a round that have a box of their own: those that weigh most
MAX_COLUMNS = 25
_COLUMN, _WIDTH = 262, 196  # from one column to the next, and of a box
_ROW, _HEIGHT = 48, 40
_HEAD = 52
_LETTER = 7.2


class _Box(NamedTuple):
    x: int
    y: int
    number: int  # of the file

    @property
    def middle(self) -> int:
        return self.y + _HEIGHT // 2


def draw(page: Page, files: Mapping[str, Weight]) -> str:
    """Return the graph as an SVG element."""
    columns = _list_columns(page)
    boxes = {box.number: box for column in columns for box in column}
    more = any(_rest(page, columns, number) for number in range(len(columns)))
    tallest = max(map(len, columns)) + more
    width, height = _COLUMN * len(columns) - (_COLUMN - _WIDTH) + 2, _HEAD + _ROW * tallest
    parts = [*_draw_edges(page, boxes), *_draw_heads(page, columns)]
    parts += [part for box in boxes.values() for part in _draw_box(page, box, files)]
    label = f"What {page.name} loads: {amount(len(page.files) - 1, 'file')} in {amount(page.rounds, 'round')}"
    return (
        f'<svg role="img" aria-label="{escape(label)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'
    )


def _list_columns(page: Page) -> list[list[_Box]]:
    by_round: dict[int, list[int]] = defaultdict(list)
    for number, file in enumerate(page.files):
        by_round[file.round].append(number)
    return [
        [_Box(_COLUMN * round_ + 1, _HEAD + _ROW * row, number) for row, number in enumerate(_choose(page, numbers))]
        for round_, numbers in sorted(by_round.items())[:MAX_COLUMNS]
    ]


def _choose(page: Page, numbers: Sequence[int]) -> list[int]:
    """Return the heaviest files of a round, in their order."""
    heaviest = sorted(numbers, key=lambda number: -page.weights[number])[:MAX_BOXES]
    return sorted(heaviest, key=lambda number: (page.files[number].parents[:1], number))


def _rest(page: Page, columns: Sequence[Sequence[_Box]], round_: int) -> list[int]:
    shown = {box.number for box in columns[round_]}
    return [number for number, file in enumerate(page.files) if file.round == round_ and number not in shown]


def _draw_edges(page: Page, boxes: Mapping[int, _Box]) -> Iterator[str]:
    for number, box in boxes.items():
        for parent in page.files[number].parents:
            start = boxes.get(parent)
            if start and start.x < box.x:
                deep = " deep" if page.files[number].round > 1 and parent == page.files[number].parents[0] else ""
                right, bend = start.x + _WIDTH, (_COLUMN - _WIDTH) // 2
                turns = f"{right + bend} {start.middle} {box.x - bend} {box.middle}"
                curve = f"M{right} {start.middle}C{turns} {box.x} {box.middle}"
                yield f'<path class="edge{deep}" d="{curve}"/>'


def _draw_heads(page: Page, columns: Sequence[Sequence[_Box]]) -> Iterator[str]:
    for round_, column in enumerate(columns):
        x = column[0].x
        numbers = [number for number, file in enumerate(page.files) if file.round == round_]
        sent = sum(page.weights[number] for number in numbers)
        yield _text("column strong", x, 16, f"Round {round_}" if round_ else "The page")
        yield _text("column", x, 34, f"{amount(len(numbers), 'file')}, {bytes_of(sent)}")
        if rest := _rest(page, columns, round_):
            more = f"and {len(rest):,} more, {bytes_of(sum(page.weights[number] for number in rest))}"
            yield _text("column", x + 12, _HEAD + _ROW * len(column) + 22, more)


def _draw_box(page: Page, box: _Box, files: Mapping[str, Weight]) -> Iterator[str]:
    file = page.files[box.number]
    known = files.get(file.path)
    root = " root" if box.number == 0 else ""
    yield f"<g><title>{escape(file.path)}</title>"
    yield f'<rect class="node{root}" x="{box.x}" y="{box.y}" width="{_WIDTH}" height="{_HEIGHT}"/>'
    if known and not root:
        yield f'<rect class="stripe k-{known.kind}" x="{box.x + 8}" y="{box.y + 8}" width="5" height="{_HEIGHT - 16}"/>'
    name = clip(_shorten(page, file.path), (_WIDTH - 32) / _LETTER)
    yield _text("file-name" + (" on" if root else ""), box.x + 21, box.y + 17, name)
    yield _text("file-weight" + (" on" if root else ""), box.x + 21, box.y + 32, bytes_of(page.weights[box.number]))
    yield "</g>"


def _shorten(page: Page, path: str) -> str:
    """Return the last part of a path, or two where a page loads several files of one name."""
    last = path.rstrip("/").rpartition("/")[2]
    if sum(file.path.endswith(f"/{last}") for file in page.files) > 1:
        return "/".join(path.split("/")[-2:])
    return last or path


def _text(classes: str, x: int, y: int, text: str) -> str:
    return f'<text class="{classes}" x="{x}" y="{y}">{escape(text)}</text>'
