"""What a page loads: its files as a graph, in the order in which a browser learns of them.

A browser knows of a file when it has read the file that names it. So the files come in rounds: in round 1 those that
the page names, in round 2 what these need (imports, fonts), and so on. A round costs a round trip to the server. A
preload link in the page brings a file into round 1.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from servestatic.assets.names import split_fingerprint
from servestatic.assets.preload import Need
from servestatic.assets.references import MAX_REFERENCES, SYNTAXES, extension, is_path, resolve
from servestatic.cli.inspection import read_served
from servestatic.errors import UnknownAsset
from servestatic.releases.catalog import Catalog
from servestatic.releases.lookup import Found
from servestatic.serving.index import Index

ROUND_TRIP = 150  # ms, as for a phone on slow 4G
MAX_LOADED = 2_000  # files of one page
_IMPORT_MAP = b"importmap"
_PAGES = (".html", ".htm")

Lengths: TypeAlias = Mapping[str, tuple[int, int]]  # by logical path: bytes of a file, and as it is downloaded


class Loaded(NamedTuple):
    """A file that a page loads.

    Attributes:
        path: logical path, as in `data.Weight`; of a page that is not a file, its URL path.
        round: when it is known: 0 is the page itself.
        parents: positions of the files that name it, the first of them in the round before.
    """

    path: str
    round: int
    parents: tuple[int, ...]


class Page(NamedTuple):
    """A page and what it loads, the page first, then by round.

    Attributes:
        entries: modules and stylesheets in round 1 that need files of later rounds: what to preload.
        size: bytes of all files that are not the page, `sent` as they are downloaded.
        weights: bytes of each file as it is downloaded.
    """

    name: str
    files: tuple[Loaded, ...]
    entries: tuple[str, ...]
    size: int
    sent: int
    weights: tuple[int, ...]

    @property
    def rounds(self) -> int:
        """How many round trips follow the page itself."""
        return max(file.round for file in self.files)

    @property
    def saved(self) -> int:
        """How many of them preload links would save."""
        return max(0, self.rounds - 1)

    def describe(self) -> dict[str, Any]:
        """Return the page for JSON."""
        files = [
            {
                "path": file.path,
                "round": file.round,
                "sent": sent,
                "named_by": [self.files[n].path for n in file.parents],
            }
            for file, sent in zip(self.files, self.weights, strict=True)
        ]
        totals = {"size": self.size, "sent": self.sent, "rounds": self.rounds, "saved_rounds": self.saved}
        return {"name": self.name, **totals, "preload": [*self.entries], "files": files}


def locate(index: Index, asked: str) -> Found:
    """Return the file that a URL path, or a logical path, names.

    Raises:
        UnknownAsset: there is none.
    """
    if asked.startswith("/"):
        if found := _find(index.catalog, asked):
            return found
        raise UnknownAsset(f"no page or file is served at {asked}. Use a name that `servestatic list` shows.")
    return index.catalog.locate(asked.removeprefix("./"))


def follow_file(index: Index, asked: Found, lengths: Lengths) -> Page:
    """Follow what a file loads: a page, or else a script or a stylesheet."""
    catalog = index.catalog
    if extension(asked.name) in _PAGES:
        first = list_named(catalog, asked.key, _read(catalog, asked))
    else:
        first = list_needs(catalog, asked)
    return follow(catalog, asked.key, path_of(catalog, asked), first, lengths)


def follow(catalog: Catalog, name: str, path: str, first: Iterable[Found], lengths: Lengths) -> Page:
    """Follow what a page loads, breadth first.

    Args:
        catalog: the files.
        name: the page, as it is shown.
        path: its logical path; its URL path if it is not a file.
        first: the files that it names.
        lengths: of each file, and of the page if it is not a file.
    """
    rounds, parents = {path: 0}, {path: dict[str, None]()}  # dictionaries keep the order
    waiting = deque([(path, first)])
    while waiting:
        parent, named = waiting.popleft()
        for found in named:
            key = path_of(catalog, found)
            if key not in rounds and len(rounds) < MAX_LOADED:
                rounds[key], parents[key] = rounds[parent] + 1, {}
                waiting.append((key, list_needs(catalog, found)))
            if key in rounds and key != parent:
                parents[key][parent] = None
    positions = {key: number for number, key in enumerate(rounds)}
    files = tuple(Loaded(key, rounds[key], tuple(positions[each] for each in parents[key])) for key in rounds)
    known = [lengths.get(file.path, (0, 0)) for file in files]
    size, sent = (sum(length[part] for length in known[1:]) for part in (0, 1))
    return Page(name, files, tuple(_find_entries(files)), size, sent, tuple(length[1] for length in known))


def _find_entries(files: tuple[Loaded, ...]) -> Iterator[str]:
    """Yield the files of round 1 that lead to files of later rounds."""
    leading = {file.parents[0] for file in files if file.round > 1}
    for number in sorted(leading):
        if files[number].round == 1:
            yield files[number].path


def path_of(catalog: Catalog, found: Found) -> str:
    """Return the path that a file has in a report."""
    return found.name if found.mount.prefix == catalog.prefix else found.key


def _find(catalog: Catalog, path: str) -> Found | None:
    """Find what a URL path names; what only a fingerprinted name of a build serves, by the plain name."""
    found = catalog.find(path)
    if not isinstance(found, Found):
        return None
    parts = split_fingerprint(found.name) if found.name in found.mount.public else None
    row = found.mount.rows.get(parts[0]) if parts else None
    return Found(found.mount, parts[0], row, fingerprinted=True) if parts and row else found


def list_needs(catalog: Catalog, found: Found) -> Iterator[Found]:
    """Yield what a browser needs with a file: see `servestatic.assets.preload`."""
    for written in catalog.needs(Need(found.mount.prefix, found.name)):
        target = _find(catalog, written if written.startswith("/") else found.mount.prefix + written)
        if target:
            yield target


def list_named(catalog: Catalog, url_path: str, data: bytes) -> Iterator[Found]:
    """Yield the files that a page at a URL path shows or runs, in the order of its text."""
    for reference in SYNTAXES[".html"].find(data)[:MAX_REFERENCES]:
        in_map = reference.kind == "import" and _is_in_import_map(data, reference.start)
        target = resolve(reference.url, url_path) if is_path(reference.url) and not in_map else None
        found = _find(catalog, target) if target else None
        if found:
            yield found


def _is_in_import_map(data: bytes, offset: int) -> bool:
    """Return whether an import in a page is only a line of its import map, which loads nothing by itself."""
    tag = data.lower().rfind(b"<script", 0, offset)
    return _IMPORT_MAP in data[tag : data.find(b">", tag)].lower()


def _read(catalog: Catalog, found: Found) -> bytes:
    """Return the bytes of a file as it is served; none if they are unavailable."""
    served = catalog.serve(found, found.row, catalog.source(found.mount, found.name, found.row))
    return (served and read_served(served)) or b""
