"""Gather a report from an index, from what its collection found, and from what `servestatic check` finds."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count

from servestatic.assets.coding import is_coded
from servestatic.assets.file import File
from servestatic.assets.packages import package_of
from servestatic.cli.check import KINDS, Problem
from servestatic.cli.inspection import Inspection, read_served, short
from servestatic.cli.output import bar
from servestatic.cli.report.comparison import Comparison, Shipped, Side
from servestatic.cli.report.data import Note, Report, Weight, find_copies, kind_of
from servestatic.cli.report.libraries import find_libraries
from servestatic.cli.report.page import Lengths, Page
from servestatic.releases.catalog import Catalog
from servestatic.releases.lookup import Found
from servestatic.releases.rows import Entry
from servestatic.runtime.threads import run_in_threads
from servestatic.serving.compression.coders import encode_fast
from servestatic.serving.index import Index

_FROM_CHECK = {"hidden": "conflict", "broken": "broken", "left_out": "left-out", "uncompressed": "uncompressed"}


def gather(
    inspected: Inspection,
    *,
    page: Callable[[Lengths], Page] | None = None,
    compare: Callable[[Side], Comparison] | None = None,
) -> Report:
    """Gather a report.

    Args:
        inspected: the files.
        page: follows what a page loads, given what the files weigh.
        compare: compares the release with an earlier one.
    """
    index = inspected.index
    entries = [_as_served(index.catalog, entry) for entry in index.catalog.entries()]
    files = [*map(partial(_weigh, inspected), entries, _encode_all(index, entries))]
    notes = {name: [*_find_notes(inspected, kind)] for name, kind in _FROM_CHECK.items()}
    return Report(
        release=index.release,
        prefix=index.prefix,
        what=[short(source) for source in inspected.sources],
        files=sorted(files, key=lambda file: file.path),
        copies=find_copies(files),
        libraries=find_libraries(zip(files, entries, strict=True)),
        page=page({file.path: (file.size, file.sent) for file in files}) if page else None,
        comparison=compare(_as_side(index.release, files, entries)) if compare else None,
        **notes,
    )


def _as_served(catalog: Catalog, entry: Entry) -> Entry:
    """Return an entry with what its public name serves: in a build, that is a file of its own where it is rewritten."""
    found = catalog.find(entry.mount + entry.public) if catalog.sealed else None
    if not isinstance(found, Found):
        return entry
    served = catalog.serve(found, found.row, catalog.source(found.mount, found.name, found.row))
    return entry._replace(served=served or entry.served)


def _find_notes(inspected: Inspection, kind: str) -> Iterator[Note]:
    """Yield what `servestatic check` finds of a kind."""
    problems: Iterable[Problem] = KINDS[kind](inspected, 0)
    return (Note(problem.place, problem.message) for problem in problems)


# --------------------------------------------------------------------------------------------------------- weights


def _weigh(inspected: Inspection, entry: Entry, best: tuple[str, int]) -> Weight:
    plain = entry.mount + entry.name
    file = inspected.findings.tree.files.get(plain)
    return Weight(
        path=entry.name if entry.mount == inspected.index.prefix else plain,
        url=entry.mount + entry.public,
        source=label_of(file) if file else inspected.sources[0],
        kind=kind_of(entry.name, entry.served.length),
        size=entry.served.length,
        sent=best[1],
        coding=best[0],
        digest=entry.served.digest,
    )


def label_of(file: File) -> str:
    """Return a short name of a file's source: of an installed package, its name."""
    if package := package_of(file):
        return package.rstrip("/").rpartition("/")[2]
    kind, _, rest = file.origin.partition(" ")
    return short(os.path.abspath(rest.strip("'\""))) if kind == "directory" else rest.strip("'\"") or file.origin


def _encode_all(index: Index, entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """Return the name and the length of the best coding of each file, as a first request would get it."""
    done = count(1)

    def find(entry: Entry) -> tuple[str, int]:
        best = find_best(index, entry)
        update(min(next(done), len(entries)), len(entries))
        return best

    with bar("encoding") as update:
        return run_in_threads(find, entries)


def find_best(index: Index, entry: Entry) -> tuple[str, int]:
    """Return the name and the length of the best coding of a file; an empty name is the identity."""
    served = entry.served
    if not is_coded(entry.name, served.length):
        return "", served.length
    row = index.resources.encoder.adopt(served.digest)
    if row is None:
        data = read_served(served)
        row = encode_fast(data) if data else ()
    best = min(row, key=lambda coded: coded.length, default=None)
    return (best.coding, best.length) if best else ("", served.length)


def _as_side(release: str, files: Sequence[Weight], entries: Sequence[Entry]) -> Side:
    """Return the files for a comparison, as a document has them, which only knows of a page what it is served as."""
    served = {file.path: entry.served for file, entry in zip(files, entries, strict=True)}
    shipped = {
        file.path: Shipped(
            source=entry.row.digest if entry.row.named else file.digest,
            public=entry.public,
            digest=file.digest,
            size=file.size,
            sent=file.sent,
            coding=file.coding,
        )
        for file, entry in zip(files, entries, strict=True)
    }
    return Side(release, shipped, lambda path: read_served(served[path]))
