"""The lines of a report that matter, with bars, for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from servestatic.cli.output import open_console, say
from servestatic.cli.report.data import Report, Share
from servestatic.cli.report.words import KIND_NAMES, amount, bytes_of, percent
from servestatic.pipeline.report import visible

_KINDS = 5  # lines with bars
_BESIDE = 62  # columns that are not the bar
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
    shown, rest = shares[:_KINDS], shares[_KINDS:]
    table = Table.grid(padding=(0, 2, 0, 0))
    for right in (False, True, False, False):
        table.add_column(justify="right" if right else "left", no_wrap=True)
    room = 0 if console.options.ascii_only else min(max(console.width - _BESIDE, _BARS[0]), _BARS[1])
    most = max((share.sent for share in shares), default=0)
    for share in shown:
        table.add_row(*_describe(share, KIND_NAMES[share.kind], most, room))
    if rest:
        files, size, sent = (sum(numbers) for numbers in zip(*(share[1:] for share in rest), strict=True))
        table.add_row(*_describe(Share("other", files, size, sent), "Everything else", most, room))
    console.print(table)


def _describe(share: Share, label: str, most: int, room: int) -> Iterable[str | Bar | Text]:
    bar = Bar(max(most, 1), 0, share.sent, width=room, color=_COLORS[share.kind]) if room else ""
    of = f"{percent(share.sent, share.size)} of {bytes_of(share.size)}" if share.sent < share.size else "not compressed"
    return label, bytes_of(share.sent), bar, Text(f"{of}, {amount(share.files, 'file')}", "dim")


def _list_lines(report: Report) -> Iterator[_Line]:
    """Yield a line for each thing that was found."""
    for file in report.largest()[:1]:
        yield _Line("largest", f"{file.path}, {bytes_of(file.sent)}", "")
    for label, notes, sentence in (
        ("broken", report.broken, "{0.place}: {0.message}"),
        ("uncompressed", report.uncompressed, "{0.place}: {0.message}"),
        ("hidden", report.hidden, "{0.place} {0.message}"),
        ("left out", report.left_out, "{0.place}: {0.message}"),
    ):
        if notes:
            yield _Line(label, sentence.format(notes[0]).rstrip(".") + _say_more(len(notes)), "yellow")
    if report.copies:
        first = report.copies[0]
        wasted = sum(copies.wasted for copies in report.copies)
        names = " = ".join(visible(file.path) for file in first.files[:2])
        yield _Line("copies", f"{bytes_of(wasted)} of the same bytes: {names}{_say_more(len(report.copies))}", "yellow")
    for library in report.libraries[:1]:
        names = " and ".join(f"{file.path} {version}" for file, version in library.files[:2])
        yield _Line("twice", f"{library.name}: {names}{_say_more(len(report.libraries))}", "yellow")
    yield from _list_asked(report)


def _list_asked(report: Report) -> Iterator[_Line]:
    """Yield a line for the page and for the release that were named."""
    if page := report.page:
        saved = f"; preload links save {page.saved}" if page.saved else ""
        rounds = f"{bytes_of(page.sent)} in {amount(len(page.files) - 1, 'file')} and {amount(page.rounds, 'round')}{saved}"
        yield _Line("page", f"{page.name} loads {rounds}", "")
    if comparison := report.comparison:
        again = comparison.again + comparison.total("added")
        kept = f"{bytes_of(comparison.kept_bytes)} stay in caches"
        changes = f"{amount(len(comparison.changes), 'file')} of {comparison.before} changed"
        yield _Line("deploy", f"{bytes_of(again)} are downloaded again: {changes}; {kept}", "")


def _say_more(count: int) -> str:
    return f", and {count - 1:,} more" if count > 1 else ""
