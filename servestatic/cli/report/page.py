"""What a page loads: its files as a graph, in the order in which a browser learns of them.

A browser knows of a file when it has read the file that names it. So the files come in rounds: in round 1 those that
the page names, in round 2 what these need (imports, fonts), and so on. A round costs a round trip to the server. A
preload link in the page brings a file into round 1.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from servestatic.assets.preload import Need
from servestatic.assets.references import MAX_REFERENCES, SYNTAXES, extension, is_path, resolve
from servestatic.disk.read import read_body
from servestatic.errors import UnknownAsset
from servestatic.releases.catalog import Catalog
from servestatic.releases.lookup import Found
from servestatic.serving.index import Index

ROUND_TRIP = 150  # ms, as for a phone on slow 4G
MAX_LOADED = 2_000  # files of one page
_IMPORT_MAP = b"importmap"


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
            {"path": file.path, "round": file.round, "sent": sent, "named_by": [self.files[n].path for n in file.parents]}
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
        found = index.catalog.find(asked)
        if isinstance(found, Found):
            return found
        raise UnknownAsset(f"no page or file is served at {asked}. Name one as `servestatic list` shows it.")
    return index.catalog.locate(asked.removeprefix("./"))


def read_page(catalog: Catalog, found: Found) -> bytes:
    """Return the bytes of a file as it is served; none if they are unavailable."""
    served = catalog.serve(found, found.row, catalog.source(found.mount, found.name, found.row))
    return (served and read_body(served.body)) or b""


def follow(index: Index, name: str, path: str, first: Iterable[Found], weights: Mapping[str, tuple[int, int]]) -> Page:
    """Follow what a page loads.

    Args:
        index: the files.
        name: the page, as it is shown.
        path: its logical path, or anything else if it is not a file.
        first: the files that it names.
        weights: by logical path: bytes of each file, and as they are downloaded.
    """
    catalog = index.catalog
    files, rounds = [Loaded(path, 0, ())], [0]
    positions: dict[str, int] = {path: 0}
    parents: list[list[int]] = [[]]
    waiting: list[tuple[int, Iterable[Found]]] = [(0, first)]
    for parent, named in waiting:  # grows while it is read: breadth first
        for found in named:
            key = path_of(catalog, found)
            if key not in positions and len(positions) < MAX_LOADED:
                positions[key] = len(files)
                files.append(Loaded(key, rounds[parent] + 1, ()))
                rounds.append(rounds[parent] + 1)
                parents.append([])
                waiting.append((positions[key], list_needs(catalog, found)))
            if key in positions and positions[key] != parent:
                parents[positions[key]].append(parent)
    whole = tuple(file._replace(parents=tuple(dict.fromkeys(above))) for file, above in zip(files, parents, strict=True))
    known = [weights.get(file.path, (0, 0)) for file in whole]
    size, sent = (sum(weight[part] for weight in known[1:]) for part in (0, 1))
    return Page(name, whole, tuple(_find_entries(whole)), size, sent, tuple(weight[1] for weight in known))


def _find_entries(files: tuple[Loaded, ...]) -> Iterator[str]:
    """Yield the files of round 1 that lead to files of later rounds."""
    leading = {file.parents[0] for file in files if file.round > 1}
    for number in sorted(leading):
        if files[number].round == 1:
            yield files[number].path


def path_of(catalog: Catalog, found: Found) -> str:
    """Return the path that a file has in a report."""
    return found.name if found.mount.prefix == catalog.prefix else found.key


def list_needs(catalog: Catalog, found: Found) -> Iterator[Found]:
    """Yield what a browser needs with a file: see `servestatic.assets.preload`."""
    for written in catalog.needs(Need(found.mount.prefix, found.name)):
        target = catalog.find(written if written.startswith("/") else found.mount.prefix + written)
        if isinstance(target, Found):
            yield target


def list_named(catalog: Catalog, url_path: str, data: bytes) -> Iterator[Found]:
    """Yield the files that a page at a URL path shows or runs, in the order of its text."""
    for reference in SYNTAXES[".html"].find(data)[:MAX_REFERENCES]:
        in_map = reference.kind == "import" and _is_in_import_map(data, reference.start)
        target = resolve(reference.url, url_path) if is_path(reference.url) and not in_map else None
        found = catalog.find(target) if target else None
        if isinstance(found, Found):
            yield found


def _is_in_import_map(data: bytes, offset: int) -> bool:
    """Return whether an import in a page is only a line of its import map, which loads nothing by itself."""
    tag = data.lower().rfind(b"<script", 0, offset)
    return _IMPORT_MAP in data[tag : data.find(b">", tag)].lower()


def is_page(name: str) -> bool:
    """Return whether a file names others as pages do."""
    return extension(name) in (".html", ".htm")
