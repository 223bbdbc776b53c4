"""Reports in Markdown, and the way from the command line to one."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.lib.environments import CannotRunError

_T = TypeVar("_T")


def report(
    measure: Callable[[], _T],
    render: Callable[[_T], str],
    convert: Callable[[_T], object],
    file: Path | None,
    *,
    as_json: bool,
) -> int:
    """Measure, write the report into the file, if any, and print it, or all figures as JSON; return the exit code."""
    try:
        measured = measure()
    except CannotRunError as error:
        print(error, file=sys.stderr)
        return 1
    text = render(measured)
    if file:
        file.write_text(text, "utf-8")
    print(json.dumps(convert(measured), indent=2, ensure_ascii=False) if as_json else text)
    return 0


def join(parts: Iterable[str]) -> str:
    """Join headings, paragraphs, lists and tables."""
    return "\n\n".join(parts) + "\n"


def write_list(about: Mapping[str, str]) -> str:
    """Write what a reader must know about the run."""
    return "\n".join(f"- {what}: {value}" for what, value in about.items())


def write_notes(notes: Iterable[str]) -> str:
    """Write the notes to which `[1]` in a table refers."""
    return "\n".join(f"{number}. {note}" for number, note in enumerate(notes, 1))


def write_table(rows: Sequence[Sequence[str]], *, numbers: bool = False) -> str:
    """Write a table, its first row as the head; of `numbers`, all columns but the first are aligned right."""
    widths = [0 if numbers else max(map(len, column)) for column in zip(*rows, strict=True)]
    first, *rest = (f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows)
    dashes = ["---", *["--:"] * (len(widths) - 1)] if numbers else ["-" * (width + 2) for width in widths]
    return "\n".join([first, f"|{'|'.join(dashes)}|", *rest])
