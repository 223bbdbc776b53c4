"""`servestatic build`: writes a sealed build, for servers that only read."""

import os
from dataclasses import replace
from pathlib import Path

import click

from servestatic.cli.inspection import check_not_empty
from servestatic.cli.options import SettingsCommand, as_json, directories, read_given, settings_as_options
from servestatic.cli.output import amount, bar, say, say_json, size
from servestatic.errors import BuildError
from servestatic.factory import build as collect
from servestatic.releases.document import INDEX


@click.command(cls=SettingsCommand)
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@directories
@click.option("--keep-releases", type=click.IntRange(0), default=2, show_default=True, help="Earlier builds to keep.")
@as_json
@settings_as_options("application", "application_interface", "build", "compress", "live", "single_page")
def build(out: Path, sources: tuple[str, ...], keep_releases: int, *, as_json: bool, **settings: object) -> None:
    """Write a sealed build to OUT: a new or empty directory, or one that has a build.

    Serve it with SERVESTATIC_BUILD=OUT and the same settings; the sources are not read then.
    """
    if _has_other_files(out):
        swapped = [source for source in sources if not _has_other_files(Path(source))]
        meant = f" Did you mean `servestatic build {swapped[0]} {out}`?" if swapped else ""
        raise BuildError(
            f"{out} has files that are of no sealed build, which could be written over. Name a new or empty"
            f" directory.{meant}"
        )
    resolved, sources, _ = read_given(sources, settings)
    for source in sources:
        if os.path.join(os.path.realpath(out), "").startswith(os.path.join(os.path.realpath(source), "")):
            raise BuildError(
                f"{out} is in the source {source!r}: the next build would take it in. Name another directory."
            )
    index = collect(sources, replace(resolved, build="", live=False, compress="build"))
    check_not_empty(index, sources)
    with bar("encoding") as update:
        done = index.write(str(out), keep_releases=keep_releases, progress=update)
    if as_json:
        say_json({"out": str(out), "prefix": index.prefix, **done._asdict()})
    else:
        written = f"{amount(done.files, 'file')}, {size(done.size)}, {done.written:,} of them written now"
        say(f"{out}: {written}, for URLs below {index.prefix}")


def _has_other_files(out: Path) -> bool:
    return out.is_dir() and any(out.iterdir()) and not (out / INDEX).exists()
