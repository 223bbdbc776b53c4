"""What the commands print: tables and sentences for people, JSON for machines.

On a terminal, output is laid out for its width and coloured; in a pipe, each row is one whole line of aligned columns.
NO_COLOR and TERM=dumb are respected, and control characters in the name of a file are escaped.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from operator import not_
from textwrap import wrap
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from servestatic.pipeline.report import visible
from servestatic.runtime.log import PREFIX

_GAP = "  "
_MAX_BAR = 40
_SOON = 0.5  # seconds; what takes less shows no bar
_WHOLE_WORDS: Any = {"break_long_words": False, "break_on_hyphens": False}

# Log records: a label and its colour by level, the colour of a status by its first digit.
_LABELS = {logging.WARNING: ("warning: ", "yellow"), logging.ERROR: ("error: ", "red")}
_STATUSES = {"2": "green", "3": "cyan", "4": "yellow", "5": "red"}


class TableColumn(NamedTuple):
    """A column of a table: `right` is for numbers, `below` moves it under the first column on a narrow terminal."""

    title: str
    right: bool = False
    below: bool = False


def open_console(*, stderr: bool = False) -> Console:
    """Return the console that everything is printed to, with the colours that the user allows."""
    if os.environ.get("NO_COLOR"):  # rich would still write bold and dim
        return Console(highlight=False, stderr=stderr, color_system=None)
    return Console(highlight=False, stderr=stderr)


def say(
    text: str = "", style: str = "", *, label: int | None = None, indent: int | None = None, stderr: bool = False
) -> None:
    """Print a line, whatever its length.

    Args:
        text: the line.
        style: for the whole line, or for its first `label` characters.
        label: the number of characters to style.
        indent: on a terminal, wrap the line between words and indent its continuation this far.
        stderr: print to standard error.
    """
    console = open_console(stderr=stderr)
    lines = [visible(text)]
    if indent is not None and console.is_terminal:
        lines = wrap(lines[0], console.width, subsequent_indent=" " * indent, **_WHOLE_WORDS)
    shown = Text("\n".join(lines))
    shown.stylize(style, 0, label)
    console.print(shown, soft_wrap=True)


def say_json(document: object) -> None:
    """Print a document as JSON."""
    click.echo(json.dumps(document, indent=2))


def say_table(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> None:
    """Print a table under a line of titles.

    If it is too wide for the terminal, cells of `below` columns get lines of their own, and so does a long first cell,
    which no table of rich can do.
    """
    shown = [[visible(cell) for cell in row] for row in rows]
    console = open_console()
    room = console.width if console.is_terminal else sys.maxsize
    fits = _length(_widths(columns, shown)) <= room
    beside = [fits or not column.below for column in columns]
    kept = [*compress(columns, beside)]
    lines = [[*compress(row, beside)] for row in shown]
    first, *others = _widths(kept, lines)
    widths = [min(first, max(room - _length([0, *others]), len(kept[0].title))), *others]
    say(_line([column.title for column in kept], kept, widths), "dim")
    for row, line in zip(shown, lines, strict=True):
        if len(line[0]) > widths[0]:
            say(line[0])
            line[0] = ""
        say(_line(line, kept, widths))
        for cell in compress(row, map(not_, beside)):
            say(f"{_GAP}{cell}", "dim")


def _widths(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, cells)) for cells in zip([column.title for column in columns], *rows, strict=True)]


def _length(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _line(cells: Sequence[str], columns: Sequence[TableColumn], widths: Sequence[int]) -> str:
    padded = (
        cell.rjust(width) if column.right else cell.ljust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()


def size(count: int) -> str:
    """Write a number of bytes with three significant digits: `1.5 kB`."""
    for unit, power in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= power:
            return f"{count / power:.{1 if count < 100 * power else 0}f} {unit}"
    return f"{count} B"


def amount(count: int, one: str, many: str = "") -> str:
    """Write a number with its noun: `1 file`, `2 files`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar, except in a pipe or on a dumb terminal; yield the function that updates it."""
    console = open_console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(_MAX_BAR), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(what, total=None)
    shown = sys.stderr.isatty() and not console.is_dumb_terminal
    begun = time.monotonic()

    def update(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)
        if shown and time.monotonic() > begun + _SOON:
            progress.start()

    try:
        yield update
    finally:
        if progress.live.is_started:
            progress.stop()


class LogHandler(logging.Handler):
    """Prints log records to standard error: a warning with its label, a request as one short line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record, one line for each line of its message."""
        try:
            if record.name == "uvicorn.access":
                _, method, path, _, status = map(str, record.args or ())
                say(f"{status} {method} {path}", _STATUSES.get(status[:1], ""), label=len(status), stderr=True)
                return
            label, color = _LABELS.get(record.levelno, ("", ""))
            first, *others = self.format(record).removeprefix(PREFIX).splitlines() or [""]
            say(label + first, color, label=len(label), indent=2, stderr=True)
            for line in others:
                say(line, indent=4, stderr=True)
        except Exception:  # noqa: BLE001 - as every handler does: a log line must not stop the program
            self.handleError(record)
