"""`servestatic migrate`: moves a project from WhiteNoise, another ServeStatic or django-heroku.

The result is a diff and a list of decisions.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from servestatic.cli.options import as_json
from servestatic.cli.output import amount, say, say_json
from servestatic.cli.verification import compare, count_open, describe, show
from servestatic.migration.convert import Migrated, convert
from servestatic.migration.find import find, requirements, usual_roots
from servestatic.migration.source import diff, write

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


class Todo(NamedTuple):
    """A decision that is left to the user, with its position; line 0 means the whole file."""

    file: str
    line: int
    text: str


@click.command()
@click.argument("settings")
@click.option("--write", "in_place", is_flag=True, help="Change the files; otherwise they are only read.")
@click.option("--verify", is_flag=True, help="Compare what is served before and after the change.")
@click.option("--since", metavar="COMMIT", default="", help="With --verify: the git commit that has the old settings.")
@click.option(
    "--old-python", metavar="FILE", default="", help="With --verify: an interpreter that has the old package."
)
@as_json
def migrate(settings: str, *, in_place: bool, verify: bool, since: str, old_python: str, as_json: bool) -> None:
    """Show what to change in SETTINGS when you come from WhiteNoise, another ServeStatic or django-heroku.

    SETTINGS is a module such as config.settings, a file, or a folder such as the whole project. The change is a diff on
    standard output for `patch -p1`; what you have to decide goes to standard error. None of the project's code is run.

    With --verify, run the project with the settings before and after the change, in separate processes. With the old
    ones, collectstatic writes to a temporary folder; nothing in the project changes. Differences in the URLs of all
    files and in the responses are shown by reason. If the change is already made, git has the old settings.

    Exit with 1 if there is something to decide; with --verify, if a difference is not explained.
    """
    if (since or old_python) and not verify:
        raise click.UsageError("--since and --old-python belong to --verify.")
    found = find(settings, usual_roots())
    migrated = convert(found.sources)
    verified = compare(settings, found, migrated, since=since, old_python=old_python) if verify else None
    decisions = [*_list_decisions(migrated), *(Todo("", 0, problem) for problem in found.problems)]
    if migrated:
        decisions += _list_requirements(Path(settings) if Path(settings).is_dir() else Path())
    edited = [file for file in migrated if file.edits]
    for file in edited if in_place else ():
        write(file.source, file.text)
    if as_json:
        document = _document(edited, decisions, written=in_place)
        say_json(document | {"verified": describe(verified)} if verified else document)
    else:
        if in_place or not verified:
            _show_edits(edited, written=in_place)
            read = ", ".join(_name(source.path) for source in found.sources)
            _show_rest(edited, decisions, read or settings, written=in_place)
        if verified:
            show(verified)
    if count_open(verified) if verified else decisions:
        sys.exit(1)


def _name(path: Path) -> str:
    """Return a path relative to the working directory if it is below."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else os.fspath(path)


def _list_decisions(migrated: Sequence[Migrated]) -> list[Todo]:
    return [
        Todo(_name(file.source.path), file.source.line(decision.start), decision.text)
        for file in migrated
        for decision in file.decisions
    ]


def _list_requirements(folder: Path) -> list[Todo]:
    return [
        Todo(_name(path), line, f"Replace {name} with statictree.")
        for path, line, name in requirements(folder.absolute())
    ]


def _document(edited: Sequence[Migrated], decisions: Sequence[Todo], *, written: bool) -> dict[str, object]:
    files = [
        {
            "file": _name(file.source.path),
            "changes": [{"line": file.source.line(edit.start), "why": edit.why} for edit in file.edits],
            "diff": diff(file.source, file.text, _name(file.source.path)),
        }
        for file in edited
    ]
    return {"written": written, "files": files, "decisions": [decision._asdict() for decision in decisions]}


def _show_edits(edited: Sequence[Migrated], *, written: bool) -> None:
    """Print the diff byte for byte, since other programs read it too, or the names of the files that were written."""
    colour = False if os.environ.get("NO_COLOR") else None  # None: on a terminal
    for file in edited:
        name = _name(file.source.path)
        if written:
            say(f"{name}: {amount(len(file.edits), 'change')} written")
            continue
        for line in diff(file.source, file.text, name).splitlines(keepends=True):
            if sys.stdout.isatty() or file.source.encoding.startswith("utf-8"):
                click.secho(line, nl=False, fg=_COLOURS.get(line[0]), color=colour)
            else:  # `patch` compares bytes
                click.echo(line.encode(file.source.encoding), nl=False)


def _show_rest(edited: Sequence[Migrated], decisions: Sequence[Todo], read: str, *, written: bool) -> None:
    for decision in decisions:
        position = f"{decision.file}:{decision.line}" if decision.line else decision.file
        label = len(position) + 1 if position else None
        say(f"{position}: {decision.text}" if position else decision.text, "bold", label=label, indent=2, stderr=True)
    changes = amount(sum(len(file.edits) for file in edited), "change")
    said = (
        f"{changes} in {amount(len(edited), 'file')}{'' if written else ', not written'}; {len(decisions)} to decide."
    )
    nothing = f"{read}: nothing of WhiteNoise, another ServeStatic or django-heroku."
    say(said if edited or decisions else nothing, indent=2, stderr=True)
