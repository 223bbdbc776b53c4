"""The lists of the page: the largest files, copies, and libraries that come twice."""

from servestatic.cli.report.data import Copies, Library, Report, Weight
from servestatic.cli.report.pieces import SHOWN, fold_rows, meter, name, text
from servestatic.cli.report.words import bytes_of, percent


def list_largest(report: Report) -> str:
    """Return the files that take longest to download."""
    files = report.largest()
    whole = max((file.size for file in files[:SHOWN]), default=0)
    return fold_rows([_describe(file, whole) for file in files], "files")


def _describe(file: Weight, whole: int) -> str:
    share = f"{file.coding}, {percent(file.sent, file.size)} of {bytes_of(file.size)}"
    bars = meter(file.kind, file.sent, file.size, max(whole, file.size))
    beside = f"<small>{share if file.coding else 'not compressed'}, from {name(file.source)}</small>"
    return f"<li>{name(file.path)}<b>{bytes_of(file.sent)}</b>{beside}{bars}</li>"


def list_copies(report: Report) -> str:
    """Return files with the same bytes, and what they waste."""
    return fold_rows([_describe_copies(copies) for copies in report.copies], "groups")


def _describe_copies(copies: Copies) -> str:
    more = len(copies.files) - SHOWN
    names = "".join(f"<span>{name(file.path)}</span>" for file in copies.files[:SHOWN])
    rest = f"<small>and {more:,} more</small>" if more > 0 else ""
    return f'<li><span class="names">{names}{rest}</span><b>{bytes_of(copies.wasted)}</b></li>'


def list_libraries(report: Report) -> str:
    """Return libraries that several folders have, with their versions."""
    return fold_rows([_describe_library(library) for library in report.libraries], "libraries")


def _describe_library(library: Library) -> str:
    names = "".join(
        f'<span>{name(file.path)} <span class="tag">{text(version)}</span></span>' for file, version in library.files
    )
    sent = sum(file.sent for file, _ in library.files)
    return f'<li><span class="names">{names}</span><b>{bytes_of(sent)}</b><small>{text(library.name)}</small></li>'


def explain_copies(report: Report) -> str:
    """Return what all copies waste together."""
    wasted = bytes_of(sum(copies.wasted for copies in report.copies))
    return f"Pages that use all of them download {wasted} twice."
