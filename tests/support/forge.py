"""Files of tables that nobody wrote like that: every digest is right, what they say is not."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from servestatic import BuildError, Index, UnknownAsset
from servestatic.releases.document import path_of, read_ids
from servestatic.releases.format.file import Tables, open_tables
from tests.support.client import get


class Forged:
    """The head of a file, and the pairs of its tables by their names."""

    def __init__(self, path: Path) -> None:
        file = open_tables(str(path))
        self.head: dict[str, Any] = {name: value for name, value in file.head.items() if name != "tables"}
        self.tables = {name: dict(file.table(name).items()) for name in file.head["tables"]}

    def write(self, path: Path) -> None:
        """Write it, with all digests as they should be."""
        tables = Tables()
        for name, pairs in self.tables.items():
            tables.add(name, pairs.items())
        path.write_bytes(tables.finish(**self.head))


def find_document(out: Path) -> Path:
    """Return the path of the document of a build's current release."""
    return out / path_of(read_ids(out)[0])


@contextmanager
def forged(path: Path) -> Iterator[Forged]:
    """Change what a file says."""
    file = Forged(path)
    yield file
    file.write(path)


def use_all(index: Index, names: Iterable[str]) -> list[bytes]:
    """Ask an index for everything, and return the bodies; raises anything but what a damaged file may cause."""
    bodies: list[bytes] = []
    for name in names:
        try:
            paths = [f"/static/{name}", unquote(index.url(name))]
            index.integrity(name)
            index.preload(name)
            index.importmap(name)
        except UnknownAsset:
            continue
        bodies += [get(index, path, accept_encoding="br")[2] for path in paths if index.get(path) is not None]
    for read in (index.catalog.entries, index.catalog.contents):
        with suppress(BuildError):
            assert len([*read()]) >= 0
    return bodies
