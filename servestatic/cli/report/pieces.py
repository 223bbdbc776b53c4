"""Pieces of HTML that the sections share. Every text that comes from a file is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

from servestatic.cli.report.data import Note
from servestatic.cli.report.words import shorten
from servestatic.pipeline.report import visible

SHOWN = 12  # rows of a list before the others are folded
MAX_ROWS = 300
_STRETCHED = 'preserveAspectRatio="none" viewBox="0 0 1000 10" aria-hidden="true"'


def text(written: str) -> str:
    """Return a text from a file for HTML."""
    return escape(visible(written))


def name(written: str) -> str:
    """Return the name of a file for HTML; its letters may run from right to left."""
    return f"<bdi>{text(written)}</bdi>"


def bar(classes: str, parts: Iterable[tuple[str, int]], whole: int) -> str:
    """Return a bar; `parts` are classes and lengths, drawn one after the other."""
    at, drawn = 0, []
    for part, length in parts:
        drawn.append(_segment(part, at, length, whole))
        at += length
    return f'<svg class="{classes}" {_STRETCHED}>{"".join(drawn)}</svg>'


def meter(kind: str, sent: int, size: int, whole: int) -> str:
    """Return a bar of what a file is, and within it what is downloaded."""
    drawn = _segment("was", 0, size, whole) + _segment(f"k-{kind}", 0, sent, whole)
    return f'<svg class="meter" {_STRETCHED}>{drawn}</svg>'


def _segment(classes: str, start: int, length: int, whole: int) -> str:
    at, width = (1000 * part / whole if whole else 0 for part in (start, length))
    return f'<rect class="{classes}" x="{at:.1f}" width="{width:.1f}" height="10"/>'


def rows(items: Sequence[str]) -> str:
    """Return a list of items, at most `MAX_ROWS`."""
    more = len(items) - MAX_ROWS
    last = f"<li><small>and {more:,} more: servestatic report --json has all</small></li>" if more > 0 else ""
    return f'<ol class="rows">{"".join(items[:MAX_ROWS])}{last}</ol>'


def fold(summary: str, inner: str) -> str:
    """Return what is shown after a click on a summary."""
    return f'<details class="more"><summary>{summary}</summary>{inner}</details>'


def fold_rows(items: Sequence[str], what: str) -> str:
    """Return a list, the first items of it open."""
    rest = items[SHOWN:]
    return rows(items[:SHOWN]) + (fold(f"{len(rest):,} more {what}", rows(rest)) if rest else "")


def list_notes(notes: Sequence[Note], what: str) -> str:
    """Return a list of positions with sentences."""
    items = [
        f'<li><code class="note">{name(shorten(note.place))}</code>'
        f'<small class="note">{text(shorten(note.message))}</small></li>'
        for note in notes
    ]
    return fold_rows(items, what)


def facts(pairs: Iterable[tuple[str, str, str]]) -> str:
    """Return figures in large type: a label, the figure, and what is said beside it."""
    listed = (
        f"<div><dt>{label}</dt><dd>{figure}{f' <small>{beside}</small>' if beside else ''}</dd></div>"
        for label, figure, beside in pairs
    )
    return f'<dl class="facts">{"".join(listed)}</dl>'
