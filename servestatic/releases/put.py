"""Put a release into a place: only what it lacks, files first, its document last."""

import hashlib
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from math import inf
from typing import NamedTuple

from servestatic.assets.coding import ContentCoding, is_coded, worthwhile
from servestatic.disk.read import read_blob
from servestatic.errors import BuildError
from servestatic.http.message import Blob, Fields
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import Coded, MakeCoding
from servestatic.releases.contents import Content
from servestatic.releases.describe import describe
from servestatic.releases.document import PENDING, PRUNING, RELEASES, beneath, path_of
from servestatic.releases.history import MAX_FETCHED
from servestatic.releases.place import Place
from servestatic.releases.rows import Entry
from servestatic.runtime.threads import run_in_threads


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


def put(
    place: Place,
    catalog: Catalog,
    limits: Limits = LIMITS,
    *,
    until: float = inf,
    codings: Sequence[ContentCoding] = (),
    encode: MakeCoding | None = None,
) -> Put | None:
    """Put the files that content-named URLs of a release serve into a place; None if it has them, or the time is over.

    `until` is in monotonic seconds; what was written until then is not written again. With `codings`, they are put
    beside the files as `encode` makes them.

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
        written = _put_files(place, kept, existing, until, renew)
        if None in written.values():
            return None
        absent.update(path for path, done in written.items() if not done)
        coded = _put_codings(place, kept, existing, codings, encode) if encode else {}
        suffixes = {coding.name: coding.suffix for coding in codings}
        place.create(path_of(release), (describe(catalog, entries, coded, absent, suffixes).content,))
    done = [kept[path].blob.length for path in written if path not in absent]
    return Put(len(done), sum(done), len(absent))


def _put_files(
    place: Place,
    kept: Mapping[str, Served],
    existing: Mapping[str, int],
    until: float,
    renew: Callable[[], None],
) -> dict[str, bool | None]:
    """Put the files that a place lacks: by path, False if one has changed since, None if the time was over."""

    def write(path: str) -> bool | None:
        if time.monotonic() > until:
            return None
        renew()
        if path in existing:
            place.delete(path)  # it is damaged
        served, fields = kept[path]
        try:
            place.create(path, Content(*served, [path]).read(), fields)
        except BuildError:
            return False
        return True

    missing = [path for path, (served, _) in kept.items() if existing.get(path) != served.length]
    # A pool would hold up the end of the interpreter, which nothing but the network is slow enough for.
    alone = place.at_once == 1
    written = [*map(write, missing)] if alone else run_in_threads(write, missing, place.at_once)
    return dict(zip(missing, written, strict=True))


def _put_codings(
    place: Place,
    kept: Mapping[str, Served],
    existing: Container[str],
    codings: Sequence[ContentCoding],
    encode: MakeCoding,
) -> dict[bytes, dict[str, Coded]]:
    """Put codings beside files, and return them by the SHA-256 of the bytes that they encode."""

    def make(path: str) -> tuple[bytes, dict[str, Coded]]:
        served, fields = kept[path]
        data = read_blob(served.body, served.digest) or b""
        row: dict[str, Coded] = {}
        for coding in codings if data else ():
            encoded = encode(served.digest, coding, data)
            encoded = encoded if worthwhile(len(data), len(encoded)) else b""
            beside = path + coding.suffix
            if encoded and beside not in existing:
                place.create(beside, (encoded,), (*fields, ("Content-Encoding", coding.name)))
            row[coding.name] = Coded(beside, hashlib.sha256(encoded).digest(), len(encoded), coding.coder)
        return served.digest, row

    wanted = [path for path, (served, _) in kept.items() if is_coded(path, served.length)]
    return {digest: row for digest, row in run_in_threads(make, wanted) if row}


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
            url = entry.mount + entry.public
            metadata = catalog.policy.metadata(entry.name, url, utf8=entry.row.utf8, fingerprinted=True)
            kept[path] = Served(entry.served, (*metadata, *catalog.policy.fields(entry.name, url)))
    return kept, absent
