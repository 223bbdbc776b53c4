"""The files that codings are compared on: every n-th of the corpus."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpus.fetch import fetch, find_admin
from benchmarks.lib.environments import CACHE
from servestatic.assets.media_types import media_type

PLACE = CACHE / "codings"


class Content(NamedTuple):
    """The bytes of a file, and its extension."""

    extension: str
    data: bytes


class Sample(NamedTuple):
    """The contents that were drawn, and of how many files and bytes."""

    contents: tuple[Content, ...]
    files: int
    size: int


def draw_sample(every: int) -> Sample:
    """Draw from the corpus and Django's admin: compressible files, each content once, ordered by extension and length.

    Every n-th of this order is taken, beginning in the middle of the first n: always the same, and with as many files
    of each kind and length as the whole has, in proportion.

    Raises:
        CannotRunError: the npm packages cannot be installed.
    """
    found: dict[tuple[str, int, str], Path] = {}
    for path in _list_files():
        data = path.read_bytes()
        found.setdefault((path.suffix.lower(), len(data), hashlib.sha256(data).hexdigest()), path)
    drawn = sorted(found)[every // 2 :: every]
    contents = tuple(Content(key[0], found[key].read_bytes()) for key in drawn)
    return Sample(contents, len(found), sum(length for _, length, _ in found))


def _list_files() -> Iterator[Path]:
    for folder in (fetch(), find_admin()):
        for path in folder.rglob("*"):
            if path.is_file() and media_type(path.name).compressible:
                yield path


def write_sample(sample: Sample, place: Path) -> None:
    """Write the contents as files, for tools that want some."""
    place.mkdir(parents=True)
    for number, content in enumerate(sample.contents):
        (place / f"{number}{content.extension}").write_bytes(content.data)
