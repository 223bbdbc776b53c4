"""`servestatic report`: shows what a site ships, and what is wrong with it."""

import os
from functools import partial

import click

from servestatic.cli.inspection import Inspection, inspect
from servestatic.cli.options import SettingsCommand, as_json, directories, read_options, settings_as_options
from servestatic.cli.report.gather import gather
from servestatic.cli.report.page import follow_file, locate
from servestatic.cli.report.releases import compare_with, describe_release, find_release
from servestatic.cli.report.show import Wanted, show
from servestatic.errors import SettingError


@click.command(cls=SettingsCommand)
@directories
@click.option(
    "--build",
    "out",
    metavar="PLACE",
    help="A build or a bucket instead of directories, or the id of a release in --place.",
)
@click.option("--page", metavar="PAGE", default="", help="Show what a page loads: /about, or index.html, or a script.")
@click.option(
    "--against", metavar="PLACE", default="", help="Compare with this build or bucket, or with the id of a release."
)
@click.option("--place", metavar="PLACE", help="Where ids of releases are; by default that of the setting `releases`.")
@click.option("--html", metavar="FILE", default="", help="Write one HTML file that loads nothing.")
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@as_json
@settings_as_options("application_interface", "build", "compress", "live", "strict")
def report(
    sources: tuple[str, ...],
    out: str | None,
    page: str,
    against: str,
    place: str | None,
    html: str,
    *,
    open_it: bool,
    as_json: bool,
    **settings: object,
) -> None:
    """Show what the files weigh, what a page loads, and what a deploy costs a visitor.

    A treemap of all files by source and folder, as they are and as downloaded; the largest files, and those that
    compress badly; the same bytes, or the same library, under several names; files that hide others; broken references.

    Without --html or --open, the lines that matter are printed. A coding that no start has made yet is counted as a
    first request would get it, which is somewhat larger.
    """
    where = place or read_options(settings)[0].releases
    earlier = find_release(against, where) if against else None
    if out and not os.path.isdir(out):
        if page:
            raise SettingError("--page needs files: name the directory of a build, or sources.")
        found = describe_release(find_release(out, where), earlier)
    else:
        inspected = _inspect(sources, out, settings)
        follow = partial(follow_file, inspected.index, locate(inspected.index, page)) if page else None
        found = gather(inspected, page=follow, compare=partial(compare_with, earlier) if earlier else None)
    show(found, Wanted(html, open_it, as_json))


def _inspect(sources: tuple[str, ...], out: str | None, settings: dict[str, object]) -> Inspection:
    """Collect the sources, or load a build.

    Raises:
        SettingError: both are named.
    """
    if out and sources:
        raise SettingError("--build takes the place of directories: name one of the two.")
    return inspect(sources, settings | ({"build": out} if out else {}))
