"""What changes between two releases of a place, and what a visitor of both downloads again."""

from collections.abc import Mapping
from typing import NamedTuple

from servestatic.assets.versions import find_common, has_deltas
from servestatic.releases.document import Document
from servestatic.releases.place import Place
from servestatic.releases.rows import Row
from servestatic.runtime.threads import run_in_threads
from servestatic.serving.compression.coders import has_zstd
from servestatic.serving.compression.delta_coder import encode_delta


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
    added = {path: row for path, row in new.items() if path not in old}
    removed = {path: row for path, row in old.items() if path not in new}
    same = _sizes({path: row for path, row in new.items() if path in old})
    return Difference(_sizes(added), _sizes(removed), same, _make_deltas(place, removed, added) if has_zstd() else {})


def _sizes(rows: Mapping[str, Row]) -> dict[str, int]:
    return {path: row.stamp.size for path, row in rows.items()}


def _make_deltas(place: Place, removed: Mapping[str, Row], added: Mapping[str, Row]) -> dict[str, int]:
    """Return the bytes of the deltas that servers make of files with the same logical path."""
    earlier = {common: path for path in removed if (common := find_common(path))}
    pairs = [(earlier[common], path) for path in added if (common := find_common(path)) and common in earlier]

    def measure(pair: tuple[str, str]) -> int | None:
        sizes = [rows[path].stamp.size for rows, path in zip((removed, added), pair, strict=True)]
        if not all(has_deltas(pair[1], size) for size in sizes):
            return None
        old, new = (place.read(path, size) for path, size in zip(pair, sizes, strict=True))
        return None if old is None or new is None else len(encode_delta(old, new))

    measured = zip(pairs, run_in_threads(measure, pairs, max(2, place.at_once)), strict=True)
    return {path: size for (_, path), size in measured if size is not None}
