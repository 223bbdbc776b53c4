"""The lines of a report that matter, with bars, for a terminal."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from servestatic.cli.output import open_console, say
from servestatic.cli.report.data import Report, Share
from servestatic.cli.report.words import KIND_NAMES, amount, bytes_of, percent, shorten

_KINDS = 5  # lines with bars
_BESIDE = 62  # columns that are not the bar
_WITHOUT_FILES = 32  # the same, without the last column
_BARS = (6, 40)  # columns of the bar, at least and at most
_COLORS = {
    "script": "yellow",
    "style": "blue",
    "page": "bright_red",
    "image": "green",
    "font": "magenta",
    "film": "red",
    "data": "cyan",
    "map": "bright_black",
    "other": "white",
}


class _Line(NamedTuple):
    """What is worth a look: a label, a sentence, and the style of the label."""

    label: str
    text: str
    style: str


def print_report(report: Report) -> None:
    """Print the report."""
    saved = f", {percent(report.sent, report.size)} of {bytes_of(report.size)}" if report.sent < report.size else ""
    what = ", ".join(report.what)
    headline = f"{bytes_of(report.sent)} to download"
    say(f"{headline}{saved}: {amount(len(report.files), 'file')} of {what}", "bold", label=len(headline), indent=2)
    _print_bars(report.kinds())
    for line in _list_lines(report):
        say(f"{line.label:<13}{line.text}", line.style, label=13, indent=13)


def _print_bars(shares: Sequence[Share]) -> None:
    """Print a bar for each of the heaviest kinds, and one for the others together."""
    console = open_console()
    whole = console.width >= _BESIDE + _BARS[0]
    room = min(max(console.width - (_BESIDE if whole else _WITHOUT_FILES), _BARS[0]), _BARS[1])
    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    shown, rest = shares[:_KINDS], shares[_KINDS:]
    named = [(KIND_NAMES[share.kind], share) for share in shown]
    if rest:
        files, size, sent = (sum(numbers) for numbers in zip(*(share[1:] for share in rest), strict=True))
        named.append(("Everything else", Share("other", files, size, sent)))
    most = max((share.sent for share in shares), default=0)
    for label, share in named:
        bar = Bar(max(most, 1), 0, share.sent, width=room, color=_COLORS[share.kind])
        cells = [label, bytes_of(share.sent), "" if console.options.ascii_only else bar, _describe(share)]
        table.add_row(*cells[: 4 if whole else 3])
    console.print(table)


def _describe(share: Share) -> Text:
    part = percent(share.sent, share.size)
    of = "hardly compressed" if part == "100%" else f"{part} of {bytes_of(share.size)}"
    return Text(f"{'not compressed' if share.sent == share.size else of}, {amount(share.files, 'file')}", "dim")


def _list_lines(report: Report) -> Iterator[_Line]:
    """Yield a line for each thing that was found, and for what was asked for."""
    for file in report.largest()[:1]:
        yield _Line("largest", f"{file.path}, {bytes_of(file.sent)}", "")
    for label, notes in (
        ("broken", report.broken),
        ("uncompressed", report.uncompressed),
        ("hidden", report.hidden),
        ("left out", report.left_out),
    ):
        for note in notes[:1]:
            yield _Line(label, shorten(f"{note.place}: {note.message.rstrip('.')}{_say_more(notes)}"), "yellow")
    for copies in report.copies[:1]:
        wasted = bytes_of(sum(each.wasted for each in report.copies))
        names = " and ".join(file.path for file in copies.files[:2])
        yield _Line("copies", f"{wasted} twice: {names} are the same{_say_more(report.copies)}", "yellow")
    for library in report.libraries[:1]:
        names = " and ".join(f"{file.path} ({version})" for file, version in library.files[:2])
        yield _Line("twice", f"{library.name}: {names}{_say_more(report.libraries)}", "yellow")
    yield from _list_asked(report)


def _list_asked(report: Report) -> Iterator[_Line]:
    if page := report.page:
        saved = f"; preload links save {page.saved}" if page.saved else ""
        files, rounds = amount(len(page.files) - 1, "file"), amount(page.rounds, "round trip")
        yield _Line("page", f"{page.name} loads {bytes_of(page.sent)}: {files} in {rounds}{saved}", "")
    if comparison := report.comparison:
        again = bytes_of(comparison.again + comparison.total("added"))
        changes = f"{amount(len(comparison.changes), 'change')} since {comparison.before}"
        less = comparison.again - comparison.again_as_deltas
        deltas = f", {bytes_of(less)} less with deltas" if less else ""
        kept = f"{bytes_of(comparison.kept_bytes)} stay in caches"
        yield _Line("deploy", f"a visitor downloads {again} for {changes}{deltas}; {kept}", "")


def _say_more(found: Sequence[object]) -> str:
    return f", and {len(found) - 1:,} more" if len(found) > 1 else ""
