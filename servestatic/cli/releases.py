"""`servestatic releases`: lists, shows, compares and prunes the releases of a place."""

import time
from typing import NamedTuple

import click

from servestatic.cli.options import Duration, as_json, read_options
from servestatic.cli.output import TableColumn, amount, say, say_json, say_table, size
from servestatic.cli.place import read_release, unreachable
from servestatic.cli.release_diff import compare
from servestatic.errors import BuildError, SettingError
from servestatic.releases.announce import list_announced
from servestatic.releases.document import ALIVE, Document
from servestatic.releases.place import Place, open_place
from servestatic.releases.retain import DAY, UNITS, Dated, Pruned, Retention, foresee_prune, list_dated
from servestatic.releases.retain import prune as remove_old

_place = click.option(
    "--place", metavar="PLACE", help="Directory or bucket (s3://…); by default that of the setting `releases`."
)


@click.group(invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def releases(context: click.Context) -> None:
    """List, show, compare or prune the releases of a place."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@releases.command("list")
@_place
@as_json
def list_releases(place: str | None, *, as_json: bool) -> None:
    """List the releases, the newest first."""
    opened = _open(place)
    found = [_describe(opened, *dated) for dated in _list(opened)]
    if as_json:
        say_json({"place": opened.name, "releases": [each._asdict() for each in found]})
        return
    columns = [TableColumn("release"), TableColumn("age", right=True), TableColumn("files", right=True)]
    columns += [TableColumn("bytes", right=True), TableColumn("served", right=True)]
    rows = [
        [each.id, _age(each.seconds), f"{each.files:,}", f"{each.bytes:,}", "yes" if each.alive else "–"]
        for each in found
    ]
    say_table(columns, rows)
    say(f"{amount(len(found), 'release')} in {opened.name}.", indent=0)


@releases.command()
@click.argument("release")
@_place
@as_json
def show(release: str, place: str | None, *, as_json: bool) -> None:
    """List the fingerprinted and other immutable files of a release."""
    files = _files(read_release(_open(place), release))
    if as_json:
        say_json({"release": release, "files": [{"path": path, "size": length} for path, (_, length) in files.items()]})
        return
    columns = [TableColumn("path"), TableColumn("bytes", right=True)]
    say_table(columns, [[path, f"{length:,}"] for path, (_, length) in files.items()])


@releases.command()
@click.argument("before")
@click.argument("after")
@_place
@as_json
def diff(before: str, after: str, place: str | None, *, as_json: bool) -> None:
    """Compare two releases: files that only one has, and what a returning visitor downloads again."""
    opened = _open(place)
    try:
        found = compare(opened, read_release(opened, before), read_release(opened, after))
    except OSError as error:
        raise unreachable(opened, error) from error
    if as_json:
        parts = {"added": found.added, "removed": found.removed, "deltas": found.deltas, "again": found.again}
        say_json({"before": before, "after": after, **parts})
        return
    deltas = {path: f"{length:,}" for path, length in found.deltas.items()}
    rows = [(path, "+", length) for path, length in found.added.items()]
    rows += [(path, "-", length) for path, length in found.removed.items()]
    columns = [TableColumn(""), TableColumn("path"), TableColumn("bytes", right=True)]
    say_table(
        [*columns, TableColumn("as a delta", right=True)],
        [[sign, path, f"{length:,}", deltas.get(path, "")] for path, sign, length in sorted(rows)],
    )
    alone = f"{len(found.removed):,} in {before} alone, {len(found.added):,} in {after} alone"
    say(f"{amount(len(found.same), 'file')} in both, {alone} ({size(sum(found.added.values()))}).", indent=0)
    if found.deltas:
        say(f"A visitor of both downloads {size(found.again)} again, if their browser takes deltas.", indent=0)


@releases.command()
@_place
@click.option(
    "--keep", type=click.IntRange(1), default=3, show_default=True, help="How many of the newest releases to keep."
)
@click.option("--keep-for", type=Duration(), default="7d", show_default=True, help="How long to keep every release.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@as_json
def prune(place: str | None, keep: int, keep_for: float, *, dry_run: bool, as_json: bool) -> None:
    """Remove releases that are neither new nor in use, and their files a day later."""
    opened = _open(place)
    try:
        done = (foresee_prune if dry_run else remove_old)(opened, Retention(keep, keep_for))
    except OSError as error:
        raise unreachable(opened, error) from error
    if as_json:
        say_json({"place": opened.name, "dry_run": dry_run, **(done or Pruned([], 0, 0))._asdict()})
        return
    if done is None:
        say(f"{opened.name}: nothing is removed while a release is being put. Try again later.")
        return
    what = f"{amount(len(done.releases), 'release')} and {amount(done.files, 'file')}, {size(done.size)}"
    say(f"{opened.name}: {what}{' would be removed' if dry_run else ' removed'}.")
    for release in done.releases:
        say(release, indent=1)


class Described(NamedTuple):
    """What is said of a release: its age in seconds, its content-named files, and whether a process serves it."""

    id: str
    seconds: float
    files: int
    bytes: int
    alive: bool


def _describe(place: Place, release: str, modified: float) -> Described:
    try:
        lengths = [length for _, length in _files(read_release(place, release)).values()]
    except BuildError:
        lengths = []
    alive = release in list_announced(place, ALIVE, within=2 * DAY)
    return Described(release, max(0.0, time.time() - modified), len(lengths), sum(lengths), alive)


def _files(document: Document) -> dict[str, tuple[bytes, int]]:
    return {path: (row.digest, row.stamp.size) for path, row in sorted(document.list_public())}


def _list(place: Place) -> list[Dated]:
    try:
        return list_dated(place)
    except OSError as error:
        raise unreachable(place, error) from error


def _open(place: str | None) -> Place:
    setting = place or read_options({})[0].releases
    if setting in ("", "none"):
        raise SettingError("no place is named: pass --place, or set SERVESTATIC_RELEASES.")
    return open_place(setting)


def _age(seconds: float) -> str:
    unit, length = next((pair for pair in reversed(UNITS.items()) if seconds >= pair[1]), ("s", 1.0))
    return f"{seconds / length:.0f} {unit}"
