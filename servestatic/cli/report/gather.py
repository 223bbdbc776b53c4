"""Gather a report from an index and what its collection found. Nothing is found here that another command finds, too."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count

from servestatic.assets.coding import is_coded
from servestatic.assets.file import File
from servestatic.assets.packages import package_of
from servestatic.cli.check import KINDS, Problem
from servestatic.cli.inspection import Inspection, short
from servestatic.cli.output import bar
from servestatic.cli.report.comparison import Shipped, compare
from servestatic.cli.report.data import Library, Note, Report, Weight, find_copies, kind_of
from servestatic.cli.report.page import Page, follow, is_page, list_named, list_needs, locate, path_of, read_page
from servestatic.disk.read import read_blob, read_slice
from servestatic.http.message import Blob, Memory
from servestatic.releases.lookup import Found
from servestatic.releases.rows import Entry
from servestatic.runtime.threads import run_in_threads
from servestatic.serving.compression.coders import encode_fast
from servestatic.serving.index import Index

_FROM_CHECK = {"hidden": "conflict", "broken": "broken", "left_out": "left-out", "uncompressed": "uncompressed"}
_BANNER = re.compile(
    rb"/\*!?[\s*@]*(?:license[\s*]+)?(?P<name>[A-Za-z][A-Za-z0-9.-]+)(?:[ -][A-Za-z]+){0,3},?[\s*]+v?(?P<version>\d+\.\d+(?:\.\d+)?)\b",
    re.IGNORECASE,
)
_BANNER_WITHIN = 300  # bytes
_MIN_LIBRARY = 5_000  # bytes; shorter files are parts


def gather(inspected: Inspection, *, page: str = "", against: tuple[str, Mapping[str, Shipped]] | None = None) -> Report:
    """Gather a report.

    Args:
        inspected: the files.
        page: a page, by URL path or logical path, whose loading is followed.
        against: the id of another release, and its files.

    Raises:
        UnknownAsset: there is no such page.
    """
    index = inspected.index
    asked = locate(index, page) if page else None
    entries = [*index.catalog.entries()]
    files = [*map(partial(_weigh, inspected), entries, _encode_all(index, entries))]
    notes = {name: [*_find_notes(inspected, kind)] for name, kind in _FROM_CHECK.items()}
    return Report(
        release=index.release,
        prefix=index.prefix,
        what=[short(source) for source in inspected.sources],
        files=sorted(files, key=lambda file: file.path),
        copies=find_copies(files),
        libraries=_find_libraries(zip(files, entries, strict=True)),
        page=follow_page(index, asked, files) if asked else None,
        comparison=compare(*against, index.release, _ship(files, entries)) if against else None,
        **notes,
    )


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
        data = read_blob(served.body, served.digest)
        row = encode_fast(data) if data else ()
    best = min(row, key=lambda coded: coded.length, default=None)
    return (best.coding, best.length) if best else ("", served.length)


def _ship(files: Sequence[Weight], entries: Sequence[Entry]) -> dict[str, Shipped]:
    return {
        file.path: Shipped(entry.row.digest, entry.public, file.digest, file.size, file.sent, file.coding)
        for file, entry in zip(files, entries, strict=True)
    }


# ------------------------------------------------------------------------------------------------------- libraries


def _find_libraries(files: Iterable[tuple[Weight, Entry]]) -> list[Library]:
    """Return libraries, known by their banners, that several folders have, unless they are copies of each other."""
    found: dict[str, dict[str, list[tuple[Weight, str]]]] = defaultdict(lambda: defaultdict(list))
    for file, entry in files:
        if file.kind in ("script", "style") and file.size >= _MIN_LIBRARY:
            banner = _BANNER.match(_read_start(entry.served))
            if banner:
                name = banner["name"].decode().lower().removesuffix(".js")
                folder = file.path.rpartition("/")[0]
                found[f"{name} {file.kind}"][folder].append((file, banner["version"].decode()))
    return [
        Library(key.partition(" ")[0], [min(each, key=lambda pair: len(pair[0].path)) for each in folders.values()])
        for key, folders in sorted(found.items())
        if len(folders) > 1 and not _share_bytes(folders.values())
    ]


def _share_bytes(folders: Iterable[Iterable[tuple[Weight, str]]]) -> bool:
    """Return whether a file of one folder is in all others, too: then it is listed as a copy."""
    return bool(set.intersection(*({file.digest for file, _ in folder} for folder in folders)))


def _read_start(served: Blob) -> bytes:
    body = served.body
    if isinstance(body, Memory):
        return body.data[:_BANNER_WITHIN].lstrip()
    return (read_slice(body._replace(stop=min(body.stop, _BANNER_WITHIN))) or b"").lstrip()


# ------------------------------------------------------------------------------------------------------------ page


def follow_page(index: Index, asked: Found, files: Sequence[Weight], data: bytes | None = None) -> Page:
    """Follow what a page of the files loads."""
    catalog = index.catalog
    text = read_page(catalog, asked) if data is None and is_page(asked.name) else data
    first = list_named(catalog, asked.key, text) if text is not None else list_needs(catalog, asked)
    return follow(index, asked.key, path_of(catalog, asked), first, {file.path: (file.size, file.sent) for file in files})
