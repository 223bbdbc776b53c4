"""`servestatic build`: writes a sealed build, for servers that only read."""

import os
from pathlib import Path
from typing import Any

import click

from servestatic.cli.bucket import upload
from servestatic.cli.dry_run import show_foreseen
from servestatic.cli.inspection import check_not_empty
from servestatic.cli.options import Duration, SettingsCommand, as_json, directories, read_given, settings_as_options
from servestatic.cli.output import amount, bar, say, say_json, size
from servestatic.errors import BuildError, SettingError
from servestatic.factory import build as collect
from servestatic.releases.document import is_build
from servestatic.releases.foresee import foresee_build
from servestatic.releases.previous import Previous, open_previous
from servestatic.releases.retain import Retention
from servestatic.releases.selection import AS_IT_IS, Form
from servestatic.serving.compression.coders import codings
from servestatic.serving.index import Index
from servestatic.store import open_store


class _Out(click.Path):
    """A directory, or the URL of a bucket."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return it as it is written."""
        return value if "://" in value else super().convert(value, param, ctx)


@click.command(cls=SettingsCommand)
@click.argument("out", type=_Out(file_okay=False))
@directories
@click.option(
    "--keep-releases", type=click.IntRange(0), default=2, show_default=True, help="How many earlier releases to keep."
)
@click.option("--keep-for", type=Duration(), default="7d", show_default=True, help="How long to keep others.")
@click.option(
    "--previous",
    default="",
    metavar="PLACE",
    help="Directory, bucket (s3://…) or site whose releases are copied into OUT.",
)
@click.option(
    "--encoded",
    type=click.Choice(["br", "gzip"]),
    help="In a bucket, store files in this coding; for a CDN, not for SERVESTATIC_RELEASES.",
)
@click.option(
    "--plain-names/--fingerprinted-only",
    default=False,
    show_default=True,
    help="Whether to store plain names in a bucket, too.",
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
    encoded: str | None,
    *,
    plain_names: bool,
    dry_run: bool,
    as_json: bool,
    **settings: object,
) -> None:
    """Write a sealed build to OUT: a new or empty directory, one that has a build, or a bucket.

    Serve a directory with SERVESTATIC_BUILD=OUT and the same settings; the sources are then not read. A bucket
    (s3://bucket/prefix) gets the fingerprinted and other immutable files, for SERVESTATIC_RELEASES and for a CDN.
    """
    form = Form(plain_names, next((coding for coding in codings() if coding.name == encoded), None))
    _check_options(out, previous, form)
    _check_out(out, sources)
    resolved, sources, _ = read_given(sources, settings)
    _check_out(out, named := (*sources, *resolved.root))
    index = collect(sources, resolved._replace(build="", live=False, compress="build"))
    check_not_empty(index, named)
    if "://" in out:
        upload(index, out, form, open_store(resolved.store), dry_run=dry_run, as_json=as_json)
    else:
        _build(index, out, keep_releases, keep_for, previous, dry_run=dry_run, as_json=as_json)


def _build(
    index: Index, out: str, keep_releases: int, keep_for: float, previous: str, *, dry_run: bool, as_json: bool
) -> None:
    """Write a sealed build, or show what that would do."""
    if dry_run:
        before = Previous(open_previous(previous), index.prefix) if previous else None
        foreseen = foresee_build(index.catalog, Path(out), Retention(keep_releases + 1, keep_for), before)
        show_foreseen(out, foreseen, as_json=as_json)
        return
    kept: dict[str, Any] = {"keep_releases": keep_releases, "keep_for": keep_for, "previous": previous}
    with bar("encoding") as update:
        done = index.write(out, progress=update, **kept)
    if as_json:
        say_json({"out": out, "prefix": index.prefix, **done._asdict()})
    else:
        written = f"{amount(done.files, 'file')}, {size(done.size)}, {done.written:,} of them written now"
        say(f"{out}: {written}, for URLs below {index.prefix}")


def _check_out(out: str, sources: tuple[str, ...]) -> None:
    """Refuse to write over other files, or into a source.

    Raises:
        BuildError: the build would do so.
    """
    if _has_other_files(Path(out)):
        swapped = [source for source in sources if not _has_other_files(Path(source))]
        meant = f" Did you mean `servestatic build {swapped[0]} {out}`?" if swapped else ""
        raise BuildError(
            f"{out} has files that do not belong to a sealed build and could be overwritten. Name a new or empty"
            f" directory.{meant}"
        )
    for source in sources:
        if os.path.join(os.path.realpath(out), "").startswith(os.path.join(os.path.realpath(source), "")):
            raise BuildError(
                f"{out} is in the source {source!r}: the next build would include it. Name another directory."
            )


def _check_options(out: str, previous: str, form: Form) -> None:
    """Refuse options that a directory, or a bucket, has no use for.

    Raises:
        SettingError: there is such an option.
    """
    if previous and "://" in out:
        raise SettingError(f"--previous needs a directory: the bucket {out} keeps its releases anyway.")
    if form != AS_IT_IS and "://" not in out:
        raise SettingError(
            f"--encoded and --plain-names are for buckets: the directory {out} has every name and coding."
        )


def _has_other_files(out: Path) -> bool:
    return out.is_dir() and any(out.iterdir()) and not is_build(out)
