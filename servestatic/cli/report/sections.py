"""The sections of the page: what each finds, and how it is shown. Every text from a file is escaped here."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

from servestatic.cli.report import graph
from servestatic.cli.report.comparison import Change, Comparison
from servestatic.cli.report.data import Copies, Library, Note, Report, Weight
from servestatic.cli.report.page import ROUND_TRIP, Page
from servestatic.cli.report.words import amount, bytes_of, percent
from servestatic.pipeline.report import visible

_SHOWN = 12  # rows of a list before the others are folded
_MAX_ROWS = 300


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        name: of its anchor.
        find: returns what it shows; nothing: it is left out, and `fine` says what that means.
        explain: returns a sentence below the title.
        first: it comes before the others, over the whole width.
    """

    name: str
    title: str
    find: Callable[[Report], Sequence[Any]]
    explain: Callable[[Report], str]
    render: Callable[[Report], str]
    fine: str = ""
    first: bool = False
    wide: bool = False
    counts: bool = True


# ------------------------------------------------------------------------------------------------------------- pieces


def segment(classes: str, start: float, length: float, whole: float) -> str:
    """Return a part of a bar that is 1000 wide."""
    at, width = (1000 * part / whole if whole else 0 for part in (start, length))
    return f'<rect class="{classes}" x="{at:.1f}" width="{width:.1f}" height="10"/>'


def meter(kind: str, sent: int, size: int, whole: int) -> str:
    """Return a bar of what a file is, and within it what is downloaded."""
    bars = segment("was", 0, size, whole) + segment(f"k-{kind}", 0, sent, whole)
    return f'<svg class="meter" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'


def text(written: str) -> str:
    """Return a text from a file for HTML."""
    return escape(visible(written))


def name(written: str) -> str:
    """Return the name of a file for HTML."""
    return f"<bdi>{text(written)}</bdi>"


def fold(rows: Sequence[str], what: str) -> str:
    """Return the rows of a list, the first of them open."""
    shown, rest, more = rows[:_SHOWN], rows[_SHOWN:_MAX_ROWS], len(rows) - _MAX_ROWS
    last = f'<li><small>and {more:,} more: servestatic report --json has all</small></li>' if more > 0 else ""
    folded = (
        f'<details class="more"><summary>{len(rows) - _SHOWN:,} more {what}</summary>'
        f'<ol class="rows">{"".join(rest)}{last}</ol></details>'
    )
    return f'<ol class="rows">{"".join(shown)}</ol>{folded if rest else ""}'


def _note(note: Note) -> str:
    return f'<li><span class="note"><code>{name(note.place)}</code></span><small class="note">{text(note.message)}</small></li>'


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return f'<dl class="facts">{"".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in pairs)}</dl>'


# --------------------------------------------------------------------------------------------------------------- lists


def _render_largest(report: Report) -> str:
    files = report.largest()
    whole = max((file.size for file in files[:_SHOWN]), default=0)
    return fold([_describe(file, whole) for file in files], "files")


def _describe(file: Weight, whole: int) -> str:
    coded = f"{file.coding}, {percent(file.sent, file.size)} of {bytes_of(file.size)}" if file.coding else "not compressed"
    bars = meter(file.kind, file.sent, file.size, max(whole, file.size))
    return f"<li>{name(file.path)}<b>{bytes_of(file.sent)}</b><small>{coded}, from {name(file.source)}</small>{bars}</li>"


def _describe_copies(copies: Copies) -> str:
    names = "".join(f"<span>{name(file.path)}</span>" for file in copies.files[:_SHOWN])
    more = len(copies.files) - _SHOWN
    rest = f"<small>and {more:,} more</small>" if more > 0 else ""
    return f'<li><span class="names">{names}{rest}</span><b>{bytes_of(copies.wasted)}</b></li>'


def _describe_library(library: Library) -> str:
    names = "".join(
        f'<span>{name(file.path)} <span class="tag">{text(version)}</span></span>' for file, version in library.files
    )
    sent = sum(file.sent for file, _ in library.files)
    return f'<li><span class="names">{names}</span><b>{bytes_of(sent)}</b><small>{text(library.name)}</small></li>'


def _wasted(report: Report) -> str:
    return bytes_of(sum(copies.wasted for copies in report.copies))


# ---------------------------------------------------------------------------------------------------------------- page


def _find_page(report: Report) -> list[Page]:
    return [report.page] if report.page else []


def _render_page(report: Report) -> str:
    [page] = _find_page(report)
    files = {file.path: file for file in report.files}
    now, then = (rounds * ROUND_TRIP for rounds in (page.rounds, page.rounds - page.saved))
    facts = [
        ("downloads", bytes_of(page.sent)),
        ("files", f"{len(page.files) - 1:,}"),
        ("rounds after the page", f"{page.rounds}"),
        ("until the last file is asked for", f"{now} ms"),
    ]
    if page.saved:
        facts.append(("with preload links", f"{then} ms <small>saves {now - then} ms</small>"))
    rows = [
        f"<li>{name(file.path)}<b>{bytes_of(sent)}</b><small>round {file.round}, named by "
        f"{', '.join(name(page.files[number].path) for number in file.parents[:3])}</small></li>"
        for file, sent in list(zip(page.files, page.weights, strict=True))[1:]
    ]
    listed = f'<details class="more"><summary>The same as a list</summary><ol class="rows">{"".join(rows[:_MAX_ROWS])}</ol></details>'
    drawn = f'<div class="scroll" tabindex="0" role="region" aria-label="Graph of what the page loads">{graph.draw(page, files)}</div>'
    return _facts(facts) + drawn + _say_preload(page) + listed


def _say_preload(page: Page) -> str:
    if not page.saved:
        return ""
    modules = [entry for entry in page.entries if not entry.endswith(".css")]
    sheets = [entry for entry in page.entries if entry.endswith(".css")]
    tags = [("modulepreload", modules), ("preload", sheets)]
    lines = [
        f"{{% {tag} {' '.join(chr(34) + entry + chr(34) for entry in entries)} %}}" for tag, entries in tags if entries
    ]
    return (
        f'<div class="hint">A browser finds {amount(page.saved, "round")} of files late. These tags, for Django and Jinja, '
        f"write links that ask for all of them at once: <pre>{text(chr(10).join(lines)) if False else '<br>'.join(map(text, lines))}</pre></div>"
    )


# ------------------------------------------------------------------------------------------------------------- release

_WHY = {
    "changed": "changed",
    "references": "only its references changed",
    "added": "new",
    "removed": "removed",
}


def _find_comparison(report: Report) -> list[Comparison]:
    return [report.comparison] if report.comparison else []


def _render_comparison(report: Report) -> str:
    [comparison] = _find_comparison(report)
    new, whole = comparison.total("added"), comparison.kept_bytes + comparison.again + comparison.total("added")
    counts = {why: sum(change.why == why for change in comparison.changes) for why in _WHY}
    facts = [
        ("downloaded again", f"{bytes_of(comparison.again)} <small>{percent(comparison.again, whole)}</small>"),
        ("new", bytes_of(new)),
        ("stays in the cache", f"{bytes_of(comparison.kept_bytes)} <small>{amount(comparison.kept, 'file')}</small>"),
        ("changed by its references alone", f"{counts['references']:,} <small>{bytes_of(comparison.total('references'))}</small>"),
    ]
    parts = [("again", comparison.again), ("new", new), ("kept", comparison.kept_bytes)]
    at, bar = 0, ""
    for kind, length in parts:
        bar += segment(kind, at, length, whole)
        at += length
    drawn = f'<svg class="split" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">{bar}</svg>'
    return _facts(facts) + drawn + fold([_describe_change(change) for change in comparison.changes], "changes")


def _describe_change(change: Change) -> str:
    was = f"was {bytes_of(change.before)}" if change.before else ""
    weight = bytes_of(change.after) if change.after else "–"
    return (
        f'<li><span>{name(change.path)} <span class="tag {change.why}">{_WHY[change.why]}</span></span><b>{weight}</b>'
        f"<small>{was}</small></li>"
    )


def _explain_comparison(report: Report) -> str:
    [comparison] = _find_comparison(report)
    again = "nothing again" if not comparison.changes else f"{bytes_of(comparison.again + comparison.total('added'))}"
    return (
        f"From <code>{text(comparison.before)}</code> to <code>{text(comparison.after)}</code>: a visitor who has every file of "
        f"the first downloads {again}."
    )


# ----------------------------------------------------------------------------------------------------------- the table

SECTIONS = (
    Section(
        "page",
        "What a page loads",
        _find_page,
        lambda report: f"{name(report.page.name)}, and what it needs. A round is a round trip: {ROUND_TRIP} ms on slow 4G." if report.page else "",
        _render_page,
        first=True,
        wide=True,
        counts=False,
    ),
    Section(
        "release",
        "What a deploy costs",
        _find_comparison,
        _explain_comparison,
        _render_comparison,
        first=True,
        wide=True,
        counts=False,
    ),
    Section(
        "largest",
        "Largest files",
        Report.largest,
        lambda _: "By the bytes that a browser downloads; the pale bar is the file as it is.",
        _render_largest,
        counts=False,
    ),
    Section(
        "broken",
        "Broken references",
        lambda report: report.broken,
        lambda _: "They name no file: a browser gets a 404.",
        lambda report: fold([_note(note) for note in report.broken], "references"),
        "no reference is broken",
    ),
    Section(
        "copies",
        "Same bytes, several names",
        lambda report: report.copies,
        lambda report: f"{_wasted(report)} are downloaded twice by pages that use all of them.",
        lambda report: fold([_describe_copies(copies) for copies in report.copies], "groups"),
        "no file has a copy",
    ),
    Section(
        "libraries",
        "Same library, several files",
        lambda report: report.libraries,
        lambda _: "By the name and version at the beginning of the file. A page rarely needs two.",
        lambda report: fold([_describe_library(library) for library in report.libraries], "libraries"),
        "no library comes twice",
    ),
    Section(
        "uncompressed",
        "Compresses badly",
        lambda report: report.uncompressed,
        lambda _: "Sent as they are, though a coding, or another format, would save a third or more.",
        lambda report: fold([_note(note) for note in report.uncompressed], "files"),
        "nothing is sent uncompressed in vain",
    ),
    Section(
        "hidden",
        "Hidden files",
        lambda report: report.hidden,
        lambda _: "Several sources have a file of one name, with different bytes. The first wins.",
        lambda report: fold([_note(note) for note in report.hidden], "files"),
        "no file hides another",
    ),
    Section(
        "left-out",
        "Left out",
        lambda report: report.left_out,
        lambda _: "These are not served.",
        lambda report: fold([_note(note) for note in report.left_out], "files"),
        "no file was left out",
    ),
)
