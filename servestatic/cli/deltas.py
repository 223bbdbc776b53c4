"""The deltas that servers make of the files of a release for visitors of an earlier one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from servestatic.assets.versions import find_common, has_deltas
from servestatic.runtime.threads import run_in_threads
from servestatic.serving.compression.coders import has_zstd
from servestatic.serving.compression.delta_coder import encode_delta


class Files(NamedTuple):
    """The content-named files of a release: bytes of each by its public path, and a function that reads one."""

    sizes: Mapping[str, int]
    read: Callable[[str], bytes | None]


def measure_deltas(before: Files, after: Files, threads: int | None = None) -> dict[str, int]:
    """Return the bytes of the delta of each file that has one, by its path in the later release.

    Raises:
        OSError: the place of a release cannot be reached.
    """

    def measure(pair: tuple[str, str]) -> int | None:
        old, new = (files.read(path) for files, path in zip((before, after), pair, strict=True))
        return None if old is None or new is None else len(encode_delta(old, new))

    if not has_zstd():
        return {}
    pairs = [
        (old, new)
        for old, new in _pair(before.sizes, after.sizes)
        if has_deltas(old, before.sizes[old]) and has_deltas(new, after.sizes[new])
    ]
    measured = zip(pairs, run_in_threads(measure, pairs, threads), strict=True)
    return {new: size for (_, new), size in measured if size is not None}


def _pair(before: Iterable[str], after: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the public paths of two versions of a file."""
    earlier = {common: path for path in before if (common := find_common(path))}
    for path in after:
        old = earlier.get(common) if (common := find_common(path)) else None
        if old is not None and old != path:
            yield old, path
