"""The files that codings are compared on: every n-th of the corpus."""

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpus.fetch import PYTHON_PACKAGE, fetch
from benchmarks.lib.environments import CACHE

PLACE = CACHE / "codings"


class Content(NamedTuple):
    """The bytes of a file, and its extension."""

    extension: str
    data: bytes


class Sample(NamedTuple):
    """What was drawn, and of how many files and bytes."""

    contents: tuple[Content, ...]
    files: int
    size: int


def draw_sample(every: int) -> Sample:
    """Draw from the corpus and Django's admin: compressible files, each content once, ordered by extension and length.

    Every n-th of this order is taken, beginning in the middle of the first n: the same for everybody, and with as many
    files of each kind and length as the whole has, in proportion.

    Raises:
        CannotFetchError: the npm packages cannot be had.
    """
    found: dict[tuple[str, int, str], Path] = {}
    for path in _list_files():
        data = path.read_bytes()
        found.setdefault((path.suffix.lower(), len(data), hashlib.sha256(data).hexdigest()), path)
    drawn = sorted(found)[every // 2 :: every]
    contents = tuple(Content(key[0], found[key].read_bytes()) for key in drawn)
    return Sample(contents, len(found), sum(length for _, length, _ in found))


def _list_files() -> Iterator[Path]:
    from servestatic.assets.media_types import media_type

    admin = importlib.util.find_spec(PYTHON_PACKAGE)
    assert admin is not None
    assert admin.origin is not None
    for folder in (fetch(), Path(admin.origin).parent / "static"):
        for path in folder.rglob("*"):
            if path.is_file() and media_type(path.name).compressible:
                yield path


def write_sample(sample: Sample, place: Path) -> None:
    """Write the contents as files, for tools that want some."""
    place.mkdir(parents=True)
    for number, each in enumerate(sample.contents):
        (place / f"{number}{each.extension}").write_bytes(each.data)
