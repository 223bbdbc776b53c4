"""The sections of the page, as a table: what each shows, and what it means that it has nothing to show."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from servestatic.cli.report.asked import (
    draw_comparison,
    draw_page,
    explain_comparison,
    explain_page,
    find_comparison,
    find_page,
)
from servestatic.cli.report.data import Report
from servestatic.cli.report.lists import explain_copies, list_copies, list_largest, list_libraries
from servestatic.cli.report.pieces import list_notes


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        name: of its anchor.
        find: returns what it shows; if that is nothing, the section is left out.
        explain: returns the sentence below the title.
        draw: returns what follows.
        fine: what is in order if there is nothing to show; empty if no sentence is needed.
        wide: whether it comes before the others, over the whole width, without a count.
    """

    name: str
    title: str
    find: Callable[[Report], Sequence[Any]]
    explain: Callable[[Report], str]
    draw: Callable[[Report], str]
    fine: str = ""
    wide: bool = False


def _of_notes(name: str, title: str, key: str, explained: str, what: str, fine: str) -> Section:
    """Return a section of positions and sentences: the attribute `key` of a report."""
    return Section(
        name,
        title,
        lambda report: getattr(report, key),
        lambda _: explained,
        lambda report: list_notes(getattr(report, key), what),
        fine,
    )


SECTIONS = (
    Section("page", "What a page loads", find_page, explain_page, draw_page, wide=True),
    Section("deploy", "What a deploy costs", find_comparison, explain_comparison, draw_comparison, wide=True),
    Section(
        "largest",
        "Largest files",
        Report.largest,
        lambda _: "By the bytes that a browser downloads. The grey bar is the file as it is.",
        list_largest,
    ),
    _of_notes(
        "broken",
        "Broken references",
        "broken",
        "They name no file: a browser gets a 404.",
        "references",
        "no reference is broken",
    ),
    Section(
        "copies",
        "Same bytes, several names",
        lambda report: report.copies,
        explain_copies,
        list_copies,
        "no file has a copy",
    ),
    Section(
        "libraries",
        "Same library, several files",
        lambda report: report.libraries,
        lambda _: "By the name and the version at the beginning of each file. A page rarely needs two.",
        list_libraries,
        "no library comes twice",
    ),
    _of_notes(
        "uncompressed",
        "Compresses badly",
        "uncompressed",
        "Sent as they are, though a coding, or another format, would save a third or more.",
        "files",
        "nothing is sent larger than it need be",
    ),
    _of_notes(
        "hidden",
        "Hidden files",
        "hidden",
        "Several sources have a file of one name, with different bytes. The first wins.",
        "files",
        "no file hides another",
    ),
    _of_notes("left-out", "Left out", "left_out", "These files are not served.", "files", "no file is left out"),
)
