"""What a build or a put would do, without doing it. Codings and documents that would be written do not count."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from servestatic.disk.read import read_file
from servestatic.errors import BuildError
from servestatic.http.message import Blob
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import MakeCoding, encode_best
from servestatic.releases.describe import serve_plain
from servestatic.releases.document import beneath, inside
from servestatic.releases.earlier import Earlier
from servestatic.releases.place import Place
from servestatic.releases.previous import Previous
from servestatic.releases.retain import SUFFIXES, Pruned, Retention, foresee_prune
from servestatic.releases.selection import AS_IT_IS, LIMITS, Form, select
from servestatic.releases.upload import Upload
from servestatic.runtime.threads import OnProgress, ignore_progress


class Foreseen(NamedTuple):
    """What would be done.

    Attributes:
        release: the id of the release.
        new: bytes of files that would be written, by path.
        fields: bytes of files that would be written again since their fields have changed, by path.
        same: bytes of files that stay as they are, by path.
        removable: what would be removed: by a build itself, in a place by `servestatic releases prune`.
    """

    release: str
    new: Mapping[str, int]
    fields: Mapping[str, int]
    same: Mapping[str, int]
    removable: Pruned


def foresee_put(
    place: Place,
    catalog: Catalog,
    retention: Retention,
    form: Form = AS_IT_IS,
    encode: MakeCoding = encode_best,
    progress: OnProgress = ignore_progress,
) -> Foreseen:
    """Foresee what a put into a place does.

    Raises:
        OSError: the place cannot be reached.
        BuildError: a document of the place is damaged.
    """
    upload = Upload(place, lambda: select(catalog, catalog.entries(), LIMITS, form, encode, progress).files)
    lengths = {path: blob.length for path, (blob, _) in upload.files.items()}
    new, fields = ({path: lengths[path] for path in paths} for paths in (upload.missing, upload.stale))
    same = {path: length for path, length in lengths.items() if path not in new and path not in fields}
    return Foreseen(catalog.identify(), new, fields, same, foresee_prune(place, retention))


def foresee_build(catalog: Catalog, out: Path, retention: Retention, previous: Previous | None) -> Foreseen:
    """Foresee what a sealed build does; every file that would be written is compared with the one that exists.

    Raises:
        OSError: the directory cannot be read.
    """
    release, wanted = catalog.identify(), dict[str, Blob]()
    for entry in catalog.entries():
        below = beneath(catalog.prefix, entry.mount)
        wanted |= {below + entry.name: serve_plain(catalog, entry), below + entry.public: entry.served}
    same = {path: blob.length for path, blob in wanted.items() if _has(out, path, blob)}
    new = {path: blob.length for path, blob in wanted.items() if path not in same}
    earlier = Earlier(out, previous)
    kept, dropped = earlier.divide(release, retention)
    gone = {path + suffix for path in earlier.list_lost(kept, dropped) - wanted.keys() for suffix in ("", *SUFFIXES)}
    lost = _find_sizes(out, gone)
    return Foreseen(release, new, {}, same, Pruned(dropped, len(lost), sum(lost)))


def _has(out: Path, path: str, blob: Blob) -> bool:
    with suppress(OSError, BuildError):
        file = inside(out, path)
        return os.path.getsize(file) == blob.length and read_file(file).digest == blob.digest
    return False


def _find_sizes(out: Path, paths: Iterable[str]) -> list[int]:
    sizes = list[int]()
    for path in paths:
        with suppress(OSError, BuildError):
            sizes.append(os.lstat(inside(out, path)).st_size)
    return sizes
