"""What changes between two releases of a place, and what a visitor of both downloads again."""

from collections.abc import Mapping
from typing import NamedTuple

from servestatic.cli.deltas import Files, measure_deltas
from servestatic.releases.document import Document
from servestatic.releases.place import Place
from servestatic.releases.rows import Row


class Difference(NamedTuple):
    """Bytes of the files by path: only in the new release, only in the old one, and in both.

    `deltas` has the bytes of what is only in the new release and can be sent as its difference from the old one.
    """

    added: dict[str, int]
    removed: dict[str, int]
    same: dict[str, int]
    deltas: dict[str, int]

    @property
    def again(self) -> int:
        """Bytes that a visitor of both downloads, without codings, if their browser takes deltas."""
        return sum(self.deltas.get(path, size) for path, size in self.added.items())


def compare(place: Place, before: Document, after: Document) -> Difference:
    """Compare two releases; the files that deltas are made of are read from the place.

    Raises:
        OSError: the place cannot be reached.
        BuildError: a document is damaged.
    """
    old, new = (dict(sorted(document.list_public())) for document in (before, after))
    added = _sizes({path: row for path, row in new.items() if path not in old})
    removed = _sizes({path: row for path, row in old.items() if path not in new})
    same = _sizes({path: row for path, row in new.items() if path in old})
    earlier = Files(removed, lambda path: place.read(path, removed[path]))
    later = Files(added, lambda path: place.read(path, added[path]))
    return Difference(added, removed, same, measure_deltas(earlier, later, max(2, place.at_once)))


def _sizes(rows: Mapping[str, Row]) -> dict[str, int]:
    return {path: row.stamp.size for path, row in rows.items()}
