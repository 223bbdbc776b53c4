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
    help="Report on a build, a bucket, or the id of a release in --place, instead of directories.",
)
@click.option("--page", metavar="PAGE", default="", help="Show what a page loads: /about, or index.html, or a script.")
@click.option("--against", metavar="PLACE", default="", help="Compare with this build, bucket, or id of a release.")
@click.option(
    "--place", metavar="PLACE", help="Directory or bucket with the releases; by default that of the setting `releases`."
)
@click.option("--html", metavar="FILE", default="", help="Write a self-contained HTML file.")
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
    """Show how large the files are, what a page loads, and what a deploy costs a visitor.

    The report has a treemap of all files by source and folder, on disk and as downloaded; the largest files, and those
    that compress badly; the same bytes, or the same library, under several names; files that hide others; and broken
    references.

    Without --html or --open, print the lines that matter. If a best coding has not been made yet, the fast one is
    counted, which is slightly larger.
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
        raise SettingError("--build replaces the directories: name only one of the two.")
    return inspect(sources, settings | ({"build": out} if out else {}))
