"""Show a report as it was asked for: as JSON, as a page, or as lines in the terminal."""

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

import click

from servestatic.cli.output import say, say_json
from servestatic.cli.output import size as bytes_of
from servestatic.cli.report.data import Report
from servestatic.cli.report.terminal import print_report
from servestatic.disk.write import write_file
from servestatic.errors import BuildError, ServeStaticError


class Wanted(NamedTuple):
    """How a report is shown: `html` is the path of a file to write, or empty."""

    html: str
    open_it: bool
    as_json: bool


def show(report: Report, wanted: Wanted) -> None:
    """Write, open or print a report.

    Raises:
        ServeStaticError: the file cannot be written, or a package is not installed.
    """
    written = _write(report, wanted.html or _choose()) if wanted.html or wanted.open_it else ""
    if wanted.as_json:
        say_json(report.describe() | ({"html": written} if written else {}))
    elif written:
        say(f"{written}: {bytes_of(os.path.getsize(written))}, one file that loads nothing.", indent=2)
    else:
        print_report(report)
    if wanted.open_it:
        click.launch(Path(written).absolute().as_uri())


def _choose() -> str:
    """Return the path of a new file for a report that is only to be opened."""
    return os.path.join(tempfile.mkdtemp(prefix="servestatic-"), "report.html")


def _write(report: Report, path: str) -> str:
    try:
        from servestatic.cli.report.html import write_page
    except ImportError as error:
        raise ServeStaticError(
            f"the page needs a package that is not installed ({error}): pip install 'statictree[cli]'"
        ) from error
    if os.path.isdir(path):
        raise BuildError(f"{path} is a directory. Name a file to write the report to, such as report.html.")
    try:
        write_file(path, write_page(report).encode("utf-8"), mode=0o666)
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror or error}. Name another file.") from error
    return path
