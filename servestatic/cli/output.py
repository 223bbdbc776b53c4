"""What the commands say: tables and sentences for people, JSON for machines.

On a terminal, what does not fit is arranged for its width, and colours help the eye; in a pipe each row is one whole
line of aligned columns. NO_COLOR and TERM=dumb are respected, and no control character of a file's name gets out.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from servestatic.pipeline.report import visible

_GAP = "  "
_LONGEST_BAR = 40
_SOON = 0.5  # seconds; what is done by then needs no bar
_WHOLE_WORDS: Any = {"break_long_words": False, "break_on_hyphens": False}

_LABELS = {logging.WARNING: ("warning: ", "yellow"), logging.ERROR: ("error: ", "red")}
_STATUSES = {"2": "green", "3": "cyan", "4": "yellow", "5": "red"}  # colours by first digit


class TableColumn(NamedTuple):
    """A column of a table; numbers stand at the right. `below` puts it under the first one where room is short."""

    title: str
    right: bool = False
    below: bool = False


def _console(*, stderr: bool = False) -> Console:
    if os.environ.get("NO_COLOR"):  # rich would still write bold and dim
        return Console(highlight=False, stderr=stderr, color_system=None)
    return Console(highlight=False, stderr=stderr)


def say(
    text: str = "", style: str = "", *, label: int | None = None, indent: int | None = None, stderr: bool = False
) -> None:
    """Print a line, as long as it is.

    Args:
        text: the line.
        style: of all of it, or of the first `label` characters.
        label: how many that are.
        indent: the line is broken between words for a terminal, and goes on so deep.
        stderr: whether it is for standard error.
    """
    console = _console(stderr=stderr)
    lines = [visible(text)]
    if indent is not None and console.is_terminal:
        lines = wrap(lines[0], console.width, subsequent_indent=" " * indent, **_WHOLE_WORDS)
    shown = Text("\n".join(lines))
    shown.stylize(style, 0, label)
    console.print(shown, soft_wrap=True)


def say_json(document: object) -> None:
    """Print a document for machines."""
    click.echo(json.dumps(document, indent=2))


def say_table(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> None:
    """Print a table under a line of titles."""
    shown = [[visible(cell) for cell in row] for row in rows]
    console = _console()
    one_line = _widths(columns, shown)
    room = console.width if console.is_terminal else sys.maxsize
    if sum(one_line) + len(_GAP) * (len(columns) - 1) <= room:
        _print(columns, shown, one_line)
    else:
        _print_stacked(columns, shown)


def _widths(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, cells)) for cells in zip([each.title for each in columns], *rows, strict=True)]


def _print(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    say(_line([each.title for each in columns], columns, widths), "dim")
    for row in rows:
        say(_line(row, columns, widths))


def _print_stacked(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> None:
    """Print what goes below the first column on lines of its own."""
    beside = [number for number, each in enumerate(columns) if not each.below]
    below = [number for number, each in enumerate(columns) if each.below]
    kept = [columns[number] for number in beside]
    widths = _widths(kept, [[row[number] for number in beside] for row in rows])
    rest = sum(widths[1:]) + len(_GAP) * (len(widths) - 1)
    widths[0] = min(widths[0], max(_console().width - rest, len(kept[0].title)))
    say(_line([each.title for each in kept], kept, widths), "dim")
    for row in rows:
        first, *others = (row[number] for number in beside)
        if len(first) > widths[0]:
            say(first)
            first = ""
        say(_line([first, *others], kept, widths))
        for number in below:
            say(f"{_GAP}{row[number]}", "dim")


def _line(cells: Sequence[str], columns: Sequence[TableColumn], widths: Sequence[int]) -> str:
    padded = (
        cell.rjust(width) if column.right else cell.ljust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()


def size(count: int) -> str:
    """Write a number of bytes for people: three digits that matter."""
    for unit, power in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= power:
            return f"{count / power:.{1 if count < 100 * power else 0}f} {unit}"
    return f"{count} B"


def amount(count: int, one: str, many: str = "") -> str:
    """Write a number with its noun: `1 file`, `2 files`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far something is, where somebody waits for it: not in a pipe, not on a dumb terminal."""
    console = _console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(_LONGEST_BAR), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(what, total=None)
    shown = sys.stderr.isatty() and not console.is_dumb_terminal
    begun = time.monotonic()

    def tell(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)
        if shown and time.monotonic() > begun + _SOON:
            progress.start()

    try:
        yield tell
    finally:
        if progress.live.is_started:
            progress.stop()


class LogHandler(logging.Handler):
    """Says log records as lines; logging wants a class for this."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as a line, or as several where its message has them."""
        try:
            if record.name == "uvicorn.access":
                _, method, path, _, status = map(str, record.args or ())
                say(f"{status} {method} {path}", _STATUSES.get(status[:1], ""), label=len(status), stderr=True)
                return
            label, color = _LABELS.get(record.levelno, ("", ""))
            first, *others = self.format(record).splitlines() or [""]
            say(label + first, color, label=len(label), indent=2, stderr=True)
            for line in others:
                say(line, indent=4, stderr=True)
        except Exception:  # noqa: BLE001 - what every handler does: a log line must not stop the program
            self.handleError(record)
