"""Put a release into a place: only what it lacks, files first, its document last."""

import time
from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from servestatic.errors import BuildError
from servestatic.http.message import Blob, Fields
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.catalog import Catalog
from servestatic.releases.contents import Content
from servestatic.releases.describe import describe
from servestatic.releases.document import PENDING, PRUNING, RELEASES, beneath, path_of
from servestatic.releases.history import MAX_FETCHED
from servestatic.releases.place import Place
from servestatic.releases.rows import Entry
from servestatic.runtime.threads import run_in_threads

_AT_ONCE = 16  # files that are written at a time


class Limits(NamedTuple):
    """What is put at most: the bytes of a file, and those of all files of a release."""

    file: int
    release: int


LIMITS = Limits(file=MAX_FETCHED, release=2**63)
KEPT_IN_STORE = Limits(file=8 * 1024 * 1024, release=512 * 1024 * 1024)


class Served(NamedTuple):
    """What a name serves: bytes, and the fields that come with them."""

    blob: Blob
    fields: Fields


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


def put(place: Place, catalog: Catalog, limits: Limits = LIMITS, *, until: float = inf) -> Put | None:
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

        def write(path: str) -> bool | None:
            """Write a file; False if it has changed since it was collected, None if the time is over."""
            if time.monotonic() > until:
                return None
            renew()
            if path in existing:
                place.delete(path)  # it is damaged
            served, fields = kept[path]
            try:
                return place.create(path, Content(*served, [path]).read(), fields) or True
            except BuildError:
                return False

        missing = [path for path, (served, _) in kept.items() if existing.get(path) != served.length]
        written = run_in_threads(write, missing, _AT_ONCE)
        if None in written:
            return None
        absent.update(path for path, done in zip(missing, written, strict=True) if not done)
        place.create(path_of(release), (describe(catalog, entries, {}, absent, {}).content,))
    size = sum(kept[path][0].length for path in missing if path not in absent)
    return Put(sum(map(bool, written)), size, len(absent))


def is_content_named(catalog: Catalog, entry: Entry) -> bool:
    """Return whether the public name of a file changes with its bytes: by a fingerprint, or by its bundler."""
    return entry.public != entry.name or bool(catalog.policy.immutable(entry.name))


def _limit(catalog: Catalog, entries: Iterable[Entry], limits: Limits) -> tuple[dict[str, Served], set[str]]:
    """Return what to put by path, and the paths of what is left out: the largest files."""
    kept, absent, size = dict[str, Served](), set[str](), 0
    named = (entry for entry in entries if entry.served.digest and is_content_named(catalog, entry))
    for entry in sorted(named, key=lambda entry: entry.served.length):
        path = beneath(catalog.prefix, entry.mount) + entry.public
        size += entry.served.length
        if entry.served.length > limits.file or size > limits.release:
            absent.add(path)
        else:
            metadata = catalog.policy.metadata(entry.name, utf8=entry.row.utf8, fingerprinted=True)
            kept[path] = Served(entry.served, (*metadata, *catalog.policy.fields(entry.name)))
    return kept, absent
