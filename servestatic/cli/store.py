"""`servestatic store`: shows, verifies or prunes the store."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

import click

from servestatic.cli.options import as_json, read_options
from servestatic.cli.output import amount, say, say_json, size
from servestatic.errors import SettingError
from servestatic.store import Store, usual_place
from servestatic.store.directory import NOTES, PLACES
from servestatic.store.prune import Pruned

_FILE = "compressed or rewritten file"
_place = click.option(
    "--store", "place", metavar="DIR", help="Directory of the store; by default that of the settings."
)


@click.group(invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def store(context: click.Context) -> None:
    """Show, verify or prune the store: compressed and rewritten files, kept for the next start."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@store.command()
@_place
@as_json
def show(place: str | None, *, as_json: bool) -> None:
    """Show where the store is, what is in it, and how large it is."""
    opened = _open(place)
    sizes = _read_sizes(opened.objects()) if opened else []
    kept = [*filter(None, _read_sizes((opened.place / PLACES).rglob("*")))] if opened else []
    notes = sum(1 for _ in (opened.place / NOTES).iterdir()) if opened else 0
    if as_json:
        counts = {"objects": len(sizes), "bytes": sum(sizes), "notes": notes}
        say_json({"place": str(_find(place)), **counts, "kept": {"files": len(kept), "bytes": sum(kept)}})
    elif opened is None:
        say(f"{_find(place)} does not exist yet. The first start creates it.")
    else:
        say(f"{opened.place}:")
        say(f"  {amount(len(sizes), _FILE)}, {size(sum(sizes))}: the next start need not make them again", indent=4)
        say(f"  {amount(notes, 'index', 'indexes')} of earlier starts: unchanged files are not read again", indent=4)
        say(
            f"  {amount(len(kept), 'file')} of releases, {size(sum(kept))}: pages of earlier deploys find them",
            indent=4,
        )


def _read_sizes(paths: Iterable[Path]) -> list[int]:
    """Return the sizes of files; a process may remove one meanwhile."""
    found = []
    for path in paths:
        with suppress(OSError):
            status = path.lstat()
            if S_ISREG(status.st_mode):
                found.append(status.st_size)
    return found


@store.command()
@_place
@as_json
def verify(place: str | None, *, as_json: bool) -> None:
    """Read every compressed or rewritten file, and remove damaged ones. Exit code 1 if there were any."""
    opened = _open(place)
    names = [path.name for path in opened.objects()] if opened else []
    damaged = [name for name in names if opened and opened.get(name) is None]
    if as_json:
        say_json({"place": str(_find(place)), "objects": len(names), "damaged": damaged})
    else:
        removed = f"{len(damaged):,} of them damaged and removed" if damaged else "none of them damaged"
        say(f"{_find(place)}: {amount(len(names), _FILE)}, {removed}.")
    if damaged:
        raise SystemExit(1)


@store.command()
@_place
@click.option("--all", "everything", is_flag=True, help="Remove everything. The next start makes it again.")
@as_json
def prune(place: str | None, *, everything: bool, as_json: bool) -> None:
    """Remove what no process has used for 60 days, or, above 1 GB, for a week. Applications do so once a day."""
    opened = _open(place)
    removed = opened.prune(everything=everything) if opened else Pruned(0, 0, 0, 0)
    if as_json:
        say_json({"place": str(_find(place)), **removed._asdict()})
        return
    if not any(removed):
        say(f"{_find(place)}: nothing to remove.")
        return
    what = f"{amount(removed.objects, _FILE)}, {amount(removed.notes, 'index', 'indexes')} of earlier starts"
    say(f"{_find(place)}: removed {what} and {amount(removed.others, 'temporary file')}: {size(removed.size)}.")


def _open(place: str | None) -> Store | None:
    """Open the store; return None if no start has made it yet.

    Raises:
        SettingError: the settings turn the store off.
        StoreError: the directory belongs to another user.
    """
    found = _find(place)
    return Store(found) if os.path.lexists(found) else None


def _find(place: str | None) -> Path:
    """Return the directory that was named, that of the settings, or the usual one.

    Raises:
        SettingError: the settings turn the store off.
    """
    setting = place or read_options({})[0].store
    if setting == "none":
        raise SettingError("there is no store: the setting store is 'none'. Name a directory with --store.")
    return Path(setting).absolute() if setting else usual_place()
