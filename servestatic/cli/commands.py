"""The commands. Settings are options, made of the one dataclass; what is said is said for people, or as JSON."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from servestatic import sealed
from servestatic.collector import collect
from servestatic.errors import ServeStaticError
from servestatic.settings import Settings
from servestatic.store import Store, StoreError, usual_place

_NOT_OPTIONS = {"sources", "application", "application_interface", "single_page", "build"}
_Command = TypeVar("_Command", bound=Callable[..., Any])


def run() -> None:
    """Run a command; an error of ours is its sentence and exit code 2."""
    try:
        servestatic(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (ServeStaticError, StoreError) as error:
        sys.exit(_fail(str(error)))
    except ExceptionGroup as group:
        sys.exit(_fail("\n".join((f"{group.message}:", *(f"  {each}" for each in group.exceptions)))))


def _fail(sentence: str) -> int:
    click.echo(sentence, err=True)
    return 2


def settings_as_options(command: _Command) -> _Command:
    """Give a command an option for each setting of a collection."""
    for each in reversed(fields(Settings)):
        if each.name not in _NOT_OPTIONS:
            name = f"--{each.name.replace('_', '-')}"
            command = click.option(name, each.name, metavar="VALUE", help=each.metadata["doc"])(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="statictree", prog_name="servestatic")
def servestatic() -> None:
    """Static files from Python: collected, fingerprinted, precompressed."""
    handler = RichHandler(console=Console(stderr=True), show_time=False, show_path=False, markup=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])


@servestatic.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("sources", nargs=-1, type=click.Path(exists=True, file_okay=False))
@click.option("--keep-releases", type=click.IntRange(0), default=2, show_default=True, help="Earlier builds to keep.")
@click.option("--json", "as_json", is_flag=True, help="Say what was written as JSON.")
@settings_as_options
def build(out: Path, sources: tuple[str, ...], keep_releases: int, *, as_json: bool, **settings: str | None) -> None:
    """Write a sealed build of SOURCES to OUT, over the one that is there."""
    index = collect(*sources, **{name: value for name, value in settings.items() if value is not None})
    with _bar("encoding") as tell:
        done = sealed.write(index, out, keep_releases=keep_releases, progress=tell)
    if as_json:
        click.echo(json.dumps(done._asdict()))
    else:
        click.echo(f"{out}: {done.files} files, {done.size / 1e6:.1f} MB, {done.written} of them written now.")


@servestatic.command()
@click.option("--build", "out", type=click.Path(path_type=Path), required=True, help="The sealed build to check.")
@click.option("--json", "as_json", is_flag=True, help="List what is wrong as JSON.")
def check(out: Path, *, as_json: bool) -> None:
    """Compare every file of a sealed build with its index. Exit code 1 if one is not what it was."""
    problems = sealed.check(out)
    if as_json:
        click.echo(json.dumps(problems))
    else:
        click.echo("\n".join(problems) or f"{out}: every file is what the index says.")
    if problems:
        sys.exit(1)


@servestatic.group()
def store() -> None:
    """Show or verify the store: what took time to make, kept for the next start."""


_place = click.option("--store", "place", type=click.Path(path_type=Path), help="The store's directory.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@store.command()
@_place
@_as_json
def show(place: Path | None, *, as_json: bool) -> None:
    """Say where the store is and what it holds."""
    opened = Store(place or usual_place())
    sizes = [path.stat().st_size for path in opened.objects()]
    collections = sum(1 for _ in (opened.place / "collections").iterdir())
    if as_json:
        document = {"place": str(opened.place), "objects": len(sizes), "bytes": sum(sizes), "collections": collections}
        click.echo(json.dumps(document))
    else:
        held = f"{len(sizes)} objects, {sum(sizes) / 1e6:.1f} MB, {collections} collections"
        click.echo(f"{opened.place}: {held}.")


@store.command()
@_place
@_as_json
def verify(place: Path | None, *, as_json: bool) -> None:
    """Read every object, and remove those that are damaged. Exit code 1 if there were any."""
    opened = Store(place or usual_place())
    names = [path.name for path in opened.objects()]
    damaged = [name for name in names if opened.get(name) is None]
    if as_json:
        click.echo(json.dumps(damaged))
    else:
        click.echo(f"{opened.place}: {len(names)} objects, {len(damaged)} of them damaged and removed.")
    if damaged:
        sys.exit(1)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar where somebody looks: not in a pipe, not on a dumb terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
