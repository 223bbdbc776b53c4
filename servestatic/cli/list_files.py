"""`servestatic list`: lists every file with its URL and its length in each coding."""

from collections.abc import Iterable
from typing import Any

import click

from servestatic.cli.inspection import Inspection, inspect, representations, short
from servestatic.cli.options import SettingsCommand, as_json, directories, settings_as_options
from servestatic.cli.output import TableColumn, amount, bar, say, say_json, say_table, size
from servestatic.releases.rows import Entry
from servestatic.serving.compression.coders import codings


@click.command("list", cls=SettingsCommand)
@directories
@as_json
@settings_as_options("application_interface", "compress", "live", "strict")
def list_files(sources: tuple[str, ...], *, as_json: bool, **settings: object) -> None:
    """List the files with their URLs and sizes.

    For each file: its name, its URL, its bytes uncompressed and in each coding, and its source, if there are several.
    If a best coding has not been made yet, the fast one is shown, which is slightly larger.
    """
    inspected = inspect(sources, settings)
    files = [*_describe(inspected)]
    if as_json:
        say_json({"release": inspected.index.release, "prefix": inspected.index.prefix, "files": files})
    else:
        _show(files, inspected.sources)


def _describe(inspected: Inspection) -> Iterable[dict[str, Any]]:
    index, tree = inspected.index, inspected.findings.tree
    entries = sorted(index.catalog.entries(), key=lambda entry: (entry.mount != index.prefix, entry.mount, entry.name))
    with bar("encoding") as update:
        for done, entry in enumerate(entries):
            update(done, len(entries))
            file = tree.files.get(entry.mount + entry.name)
            plain, coded = _sizes(inspected, entry)
            yield {
                "name": entry.name,
                "url": index.url(entry.name) if entry.mount == index.prefix else entry.mount + entry.public,
                "size": plain,
                "codings": coded,
                "source": file.origin if file else "the sealed build",
                "place": file.location if file else None,
            }


def _sizes(inspected: Inspection, entry: Entry) -> tuple[int, dict[str, int]]:
    sent = representations(inspected.index, entry.mount + entry.public)
    if not sent:  # the file has changed since the start, or differs from the build: its URL is not served
        return entry.row.stamp.size, {}
    plain, *coded = sent
    return plain.length, {representation.coding: representation.length for representation in coded}


def _show(files: list[dict[str, Any]], sources: tuple[str, ...]) -> None:
    names = [coding.name for coding in codings() if any(coding.name in file["codings"] for file in files)]
    several = len({file["source"] for file in files}) > 1
    columns = [TableColumn("name"), TableColumn("URL", below=True), TableColumn("bytes", right=True)]
    columns += [TableColumn(name, right=True) for name in names]
    columns += [TableColumn("source", below=True)] if several else []
    rows = []
    for file in files:
        sizes = (file["codings"].get(name) for name in names)
        row = [file["name"], file["url"], f"{file['size']:,}", *(f"{count:,}" if count else "–" for count in sizes)]
        rows.append([*row, file["source"].removeprefix("directory ").strip("'")] if several else row)
    say_table(columns, rows)
    sent = sum(min((file["size"], *file["codings"].values())) for file in files)
    whole = sum(file["size"] for file in files)
    where = "" if several else f" of {', '.join(map(short, sources))}"
    say(f"{amount(len(files), 'file')}{where}, {size(whole)}, sent as {size(sent)} in the best coding.", indent=0)
