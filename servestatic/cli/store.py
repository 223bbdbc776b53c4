"""`servestatic store`: shows, verifies or prunes the store."""

import os
from pathlib import Path

import click

from servestatic.cli.options import as_json, read_options
from servestatic.cli.output import amount, say, say_json, size
from servestatic.errors import SettingError
from servestatic.store import Pruned, Store, usual_place
from servestatic.store.directory import NOTES

_place = click.option("--store", "place", metavar="DIR", help="The store's directory; by default that of the settings.")


@click.group(invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def store(context: click.Context) -> None:
    """Show, verify or prune the store: compressed files and releases, cached for the next start."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@store.command()
@_place
@as_json
def show(place: str | None, *, as_json: bool) -> None:
    """Show where the store is and what is in it."""
    opened = _open(place)
    sizes = [path.stat().st_size for path in opened.objects()] if opened else []
    notes = sum(1 for _ in (opened.place / NOTES).iterdir()) if opened else 0
    if as_json:
        counts = {"objects": len(sizes), "bytes": sum(sizes), "notes": notes}
        say_json({"place": str(_find(place)), **counts})
    elif opened is None:
        say(f"{_find(place)}: nothing yet; the first start creates it.")
    else:
        lists = amount(notes, "list", "lists")
        say(f"{opened.place}: {amount(len(sizes), 'cached file')}, {size(sum(sizes))}; {lists} of known files.")


@store.command()
@_place
@as_json
def verify(place: str | None, *, as_json: bool) -> None:
    """Read every cached file, and remove damaged ones. Exit with 1 if there were any."""
    opened = _open(place)
    names = [path.name for path in opened.objects()] if opened else []
    damaged = [name for name in names if opened and opened.get(name) is None]
    if as_json:
        say_json({"place": str(_find(place)), "objects": len(names), "damaged": damaged})
    else:
        removed = f"{len(damaged):,} of them damaged and removed" if damaged else "none of them damaged"
        say(f"{_find(place)}: {amount(len(names), 'cached file')}, {removed}.")
    if damaged:
        raise SystemExit(1)


@store.command()
@_place
@click.option("--all", "everything", is_flag=True, help="Remove everything; the next start makes it again.")
@as_json
def prune(place: str | None, *, everything: bool, as_json: bool) -> None:
    """Remove files that have not been used for a long time. Applications do this once a day."""
    opened = _open(place)
    removed = opened.prune(everything=everything) if opened else Pruned(0, 0, 0, 0)
    if as_json:
        say_json({"place": str(_find(place)), **removed._asdict()})
        return
    what = [
        amount(removed.objects, "cached file"),
        amount(removed.notes, "list of known files", "lists of known files"),
        amount(removed.others, "leftover"),
    ]
    say(f"{_find(place)}: removed {', '.join(what)}: {size(removed.size)}.")


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
