"""Put a release into a place: only what it lacks, files first, its document last."""

import time
from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from servestatic.errors import BuildError
from servestatic.http.message import Blob
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.catalog import Catalog
from servestatic.releases.contents import Content
from servestatic.releases.describe import describe
from servestatic.releases.document import PENDING, PRUNING, RELEASES, beneath, path_of
from servestatic.releases.place import Place
from servestatic.releases.rows import Entry


class Limits(NamedTuple):
    """What is put at most: the bytes of a file, and those of all files of a release."""

    file: int
    release: int


KEPT_IN_STORE = Limits(file=8 * 1024 * 1024, release=512 * 1024 * 1024)


class Put(NamedTuple):
    """What was done: files written now, their bytes, and files that were left out."""

    written: int
    size: int
    left_out: int


def has(place: Place, release: str) -> bool:
    """Return whether a place has a release.

    Raises:
        OSError: the place cannot be reached.
    """
    return any(listed.path == path_of(release) for listed in place.list(RELEASES))


def put(place: Place, catalog: Catalog, limits: Limits | None = None, *, until: float = inf) -> Put | None:
    """Put the files that content-named URLs of a release serve into a place; None if it has them, or the time is over.

    `until` is in monotonic seconds; what was written until then is not written again.

    Raises:
        OSError: the place cannot be reached or written.
    """
    release = catalog.identify()
    if has(place, release):
        return None
    with announce(place, PENDING, release) as renew:
        while list_announced(place, PRUNING):
            if time.monotonic() > until:
                return None
            time.sleep(place.pause)
        entries = [*catalog.entries()]
        kept, absent = _limit(catalog, entries, limits)
        existing = {listed.path: listed.size for listed in place.list()}
        written = size = 0
        for path, blob in kept.items():
            if existing.get(path) == blob.length:
                continue
            if time.monotonic() > until:
                return None
            renew()
            if not _write(place, path, blob, damaged=path in existing):
                absent.add(path)
                continue
            written, size = written + 1, size + blob.length
        place.create(path_of(release), (describe(catalog, entries, {}, absent, {}).content,))
    return Put(written, size, len(absent))


def _write(place: Place, path: str, blob: Blob, *, damaged: bool) -> bool:
    """Write a file; False if it has changed since it was collected."""
    if damaged:
        place.delete(path)
    try:
        place.create(path, Content(*blob, [path]).read())
    except BuildError:
        return False
    return True


def is_content_named(catalog: Catalog, entry: Entry) -> bool:
    """Return whether the public name of a file changes with its bytes: by a fingerprint, or by its bundler."""
    return entry.public != entry.name or bool(catalog.policy.immutable(entry.name))


def _limit(catalog: Catalog, entries: Iterable[Entry], limits: Limits | None) -> tuple[dict[str, Blob], set[str]]:
    """Return what to put by path, and the paths of what is left out: the largest files."""
    named = (entry for entry in entries if entry.served.digest and is_content_named(catalog, entry))
    paths = {beneath(catalog.prefix, entry.mount) + entry.public: entry.served for entry in named}
    kept, absent, size = dict[str, Blob](), set[str](), 0
    for path, blob in sorted(paths.items(), key=lambda pair: pair[1].length):
        size += blob.length
        if limits and (blob.length > limits.file or size > limits.release):
            absent.add(path)
        else:
            kept[path] = blob
    return kept, absent
