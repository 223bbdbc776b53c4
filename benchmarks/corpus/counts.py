"""Count what collecting the corpus finds, package by package.

    python -m benchmarks.corpus.counts

prints the table and writes it into counts.md. What is counted is what is served: a reference counts as rewritten if its
bytes are others behind the fingerprinted name (or, in a page, behind its plain name) than in the source.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from benchmarks.corpus.fetch import PYTHON_PACKAGE, fetch, find_admin
from benchmarks.lib.report import write_table
from servestatic import BrokenReference, Directory, Index, Package, collect
from servestatic.assets.references import SYNTAXES, Reference, extension
from servestatic.http.message import Memory, Request, Slice
from servestatic.http.representation import Resource
from servestatic.serving.deliver import answer

TABLE = Path(__file__).resolve().parent / "counts.md"
PREFIX = "/static/"
ABOUT = """# What is found in the corpus

Each package as npm has it, what these depend on, and Django's admin; written by `python -m benchmarks.corpus.counts`.

- found: references in style sheets, scripts, pages and web app manifests (a bare specifier such as `import "vue"`, \
`data:` and `#fragment` are none)
- rewritten: those that name a file of the tree, which now carry its fingerprint
- kept: the others, byte for byte: other hosts, pages, paths of an application, names that only a bundler or Node.js \
completes, and what is in the next two columns
- reported: kept, and logged as a warning, as a browser would ask for it in vain
- maps: kept, source maps that were not published; logged for debugging
"""


class Served(NamedTuple):
    """A file of the corpus: its logical path, its source, the URL path and the bytes that a page would load."""

    name: str
    source: bytes
    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Corpus:
    """The collected corpus: `names` are its logical paths, `folders` those of the sources, in their order."""

    index: Index
    names: frozenset[str]
    folders: tuple[Path, ...]

    def source(self, name: str) -> bytes:
        """Read the file at a logical path."""
        return next(path for folder in self.folders if (path := folder / name).is_file()).read_bytes()

    def served(self) -> Iterator[Served]:
        """Yield every file with what is served for it."""
        for name in self.index:
            path = unquote(self.index.url(name))
            yield Served(name, self.source(name), path, get(self.index, path))


def collect_corpus() -> Corpus:
    """Fetch and collect the corpus."""
    packages = fetch()
    index = collect(Directory(packages), Package(PYTHON_PACKAGE), prefix=PREFIX, store="none")
    return Corpus(index, frozenset(index), (packages, find_admin()))


def get(index: Index, path: str) -> bytes:
    """Ask for a URL path as an adapter does; the answer must be 200 and as long as it says."""
    target = index.get(path)
    assert isinstance(target, Resource), path
    response, file = answer(index.resources, target, Request("GET", {}))
    assert response.status == 200, path
    body = response.body
    if file is None:
        assert isinstance(body, Memory), path
        return body.data
    assert isinstance(body, Slice), path
    with file:
        file.seek(body.start)
        data = file.read(body.stop - body.start)
    assert len(data) == body.stop - body.start, path
    return data


def find(name: str, data: bytes) -> list[Reference]:
    """Find the references of a file as the collector does."""
    syntax = SYNTAXES.get(extension(name))
    return syntax.find(data) if syntax else []


class Counts(NamedTuple):
    """What is counted for a package."""

    files: int = 0
    size: int = 0
    found: int = 0
    rewritten: int = 0
    kept: int = 0
    reported: int = 0
    maps: int = 0

    def __add__(self, other: tuple[int, ...]) -> "Counts":  # type: ignore[override] # not a longer tuple: the sums
        return Counts(*(one + another for one, another in zip(self, other, strict=True)))


def package_of(name: str) -> str:
    """Return the package that a logical path belongs to."""
    parts = name.split("/")
    return "/".join(parts[: 2 if name.startswith("@") else 1]) if name.partition("/")[0] != "admin" else PYTHON_PACKAGE


def count(corpus: Corpus) -> dict[str, Counts]:
    """Count by package."""
    counts: dict[str, Counts] = {}
    for served in corpus.served():
        before, after = find(served.name, served.source), find(served.name, served.data)
        kept = [reference for reference, now in zip(before, after, strict=True) if reference.url == now.url]
        maps = [reference for reference in kept if reference.kind == "source map" and "//" not in reference.url]
        numbers = (1, len(served.source), len(before), len(before) - len(kept), len(kept), 0, len(maps))
        package = package_of(served.name)
        counts[package] = counts.get(package, Counts()) + numbers
    for name in reported(corpus):
        counts[package_of(name)] += (0, 0, 0, 0, 0, 1, 0)
    return counts


def reported(corpus: Corpus) -> list[str]:
    """List the files of broken references, one for each, as strict collecting reports them."""
    try:
        collect(*corpus.folders, prefix=PREFIX, store="none", strict=True)
    except ExceptionGroup as group:
        broken = [str(error) for error in group.exceptions if isinstance(error, BrokenReference)]
        roots = [f"{folder}/" for folder in corpus.folders]
        paths = [(text.partition(":")[0], root) for text in broken for root in roots if text.startswith(root)]
        return [path.removeprefix(root) for path, root in paths]
    return []


def render(counts: dict[str, Counts]) -> str:
    """Write the table: packages with references by their number, the others in one row, the sum."""
    rows = sorted(counts.items(), key=lambda row: (-row[1].found, row[0]))
    shown = [(name, own) for name, own in rows if own.found]
    others = [own for _, own in rows if not own.found]
    shown.append((f"{len(others)} more", sum(others, Counts())))
    shown.append(("**all**", sum(counts.values(), Counts())))
    head = ["package", "files", "MB", "found", "rewritten", "kept", "reported", "maps"]
    lines = [[name, str(own.files), f"{own.size / 1e6:.1f}", *map(str, own[2:])] for name, own in shown]
    return f"{ABOUT}\n{write_table([head, *lines], numbers=True)}\n"


if __name__ == "__main__":
    table = render(count(collect_corpus()))
    TABLE.write_text(table, "utf-8")
    print(table)
