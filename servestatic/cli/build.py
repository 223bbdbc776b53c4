"""`servestatic build`: writes a sealed build, for servers that only read."""

import os
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import click

from servestatic.assets.coding import ContentCoding, name_object
from servestatic.cli.dry_run import show_foreseen
from servestatic.cli.inspection import check_not_empty
from servestatic.cli.options import Duration, SettingsCommand, as_json, directories, read_given, settings_as_options
from servestatic.cli.output import amount, bar, say, say_json, size
from servestatic.disk.read import read_body
from servestatic.errors import BuildError, SettingError
from servestatic.factory import build as collect
from servestatic.releases.document import is_build
from servestatic.releases.foresee import Foreseen, foresee_build, foresee_put
from servestatic.releases.history import History
from servestatic.releases.place import open_place
from servestatic.releases.previous import Previous, open_previous
from servestatic.releases.put import Put, put
from servestatic.releases.retain import Retention
from servestatic.serving.compression.coders import codings
from servestatic.serving.index import Index
from servestatic.store import Store, open_store


class _Out(click.Path):
    """A directory, or the URL of a bucket."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return it as it is written."""
        return value if "://" in value else super().convert(value, param, ctx)


@click.command(cls=SettingsCommand)
@click.argument("out", type=_Out(file_okay=False))
@directories
@click.option("--keep-releases", type=click.IntRange(0), default=2, show_default=True, help="Earlier releases to keep.")
@click.option("--keep-for", type=Duration(), default="7d", show_default=True, help="How long others stay, too.")
@click.option(
    "--previous",
    default="",
    metavar="PLACE",
    help="Directory, bucket (s3://…) or site whose releases come along into OUT.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be written and removed.")
@as_json
@settings_as_options("application", "application_interface", "build", "compress", "live", "single_page")
def build(
    out: str,
    sources: tuple[str, ...],
    keep_releases: int,
    keep_for: float,
    previous: str,
    *,
    dry_run: bool,
    as_json: bool,
    **settings: object,
) -> None:
    """Write a sealed build to OUT: a new or empty directory, one that has a build, or a bucket.

    Serve a directory with SERVESTATIC_BUILD=OUT and the same settings; the sources are not read then. In a bucket
    (s3://bucket/prefix) are the files of URLs named by their content, for SERVESTATIC_RELEASES and for a CDN.
    """
    if _has_other_files(Path(out)):
        swapped = [source for source in sources if not _has_other_files(Path(source))]
        meant = f" Did you mean `servestatic build {swapped[0]} {out}`?" if swapped else ""
        raise BuildError(
            f"{out} has files that are of no sealed build, which could be written over. Name a new or empty"
            f" directory.{meant}"
        )
    if previous and "://" in out:
        raise SettingError(f"--previous needs a directory: {out} keeps the releases that were put there.")
    resolved, sources, _ = read_given(sources, settings)
    for source in sources:
        if os.path.join(os.path.realpath(out), "").startswith(os.path.join(os.path.realpath(source), "")):
            raise BuildError(
                f"{out} is in the source {source!r}: the next build would take it in. Name another directory."
            )
    index = collect(sources, replace(resolved, build="", live=False, compress="build"))
    check_not_empty(index, sources)
    if dry_run:
        foreseen = _foresee(index, out, Retention(keep_releases + 1, keep_for), previous)
        show_foreseen(out, foreseen, as_json=as_json)
        return
    if "://" in out:
        _put(index, out, open_store(resolved.store), as_json=as_json)
        return
    with bar("encoding") as update:
        kept: dict[str, Any] = {"keep_releases": keep_releases, "keep_for": keep_for, "previous": previous}
        done = index.write(out, progress=update, **kept)
    if as_json:
        say_json({"out": out, "prefix": index.prefix, **done._asdict()})
    else:
        written = f"{amount(done.files, 'file')}, {size(done.size)}, {done.written:,} of them written now"
        say(f"{out}: {written}, for URLs below {index.prefix}")


def _foresee(index: Index, out: str, retention: Retention, previous: str) -> Foreseen:
    if "://" not in out:
        before = Previous(open_previous(previous), index.prefix) if previous else None
        return foresee_build(index.catalog, Path(out), retention, before)
    try:
        return foresee_put(open_place(out), index.catalog, Retention())
    except OSError as error:
        raise _unreachable(out, error) from error


def _unreachable(url: str, error: OSError) -> BuildError:
    return BuildError(f"{url}: {error.strerror or error}. Correct the URL or its credentials.")


def _put(index: Index, url: str, store: Store | None, *, as_json: bool) -> None:
    """Put the release into a bucket, with codings that it or the store has, or that are made now."""
    place = open_place(url)
    history, done = History(place, store, index.prefix), count(1)
    total = len(codings()) * sum(1 for _ in index.catalog.contents())

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        update(min(next(done), total), total)
        stored = store.get(name_object(digest, coding)) if store else None
        known = read_body(stored.body) if stored else None
        taken = history.take(digest, coding, data) if known is None else known
        return coding.best(data) if taken is None else taken

    try:
        with bar("encoding") as update:
            made = put(place, index.catalog, codings=codings(), encode=encode, refresh=True)
    except OSError as error:
        raise _unreachable(url, error) from error
    if as_json:
        counts = (made or Put(0, 0, 0, 0))._asdict()
        say_json({"out": url, "prefix": index.prefix, "release": index.release, **counts})
    else:
        what = f"{amount(made.written, 'file')} written now, {size(made.size)}" if made else "nothing to write"
        what += f", {amount(made.rewritten, 'file')} with other fields" if made and made.rewritten else ""
        say(f"{url}: release {index.release}, {what}, for URLs below {index.prefix}")


def _has_other_files(out: Path) -> bool:
    return out.is_dir() and any(out.iterdir()) and not is_build(out)
