"""Put a release into a place: only what it lacks, files first, its document last."""

import time
from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from servestatic.assets.coding import ContentCoding
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import MakeCoding
from servestatic.releases.describe import describe
from servestatic.releases.document import PENDING, PRUNING, RELEASES, beneath, path_of
from servestatic.releases.history import MAX_FETCHED
from servestatic.releases.place import Place
from servestatic.releases.rows import Entry
from servestatic.releases.upload import Served, Upload


class Limits(NamedTuple):
    """What is put at most: the bytes of a file, and those of all files of a release."""

    file: int
    release: int


LIMITS = Limits(file=MAX_FETCHED, release=2**63)
KEPT_IN_STORE = Limits(file=8 * 1024 * 1024, release=512 * 1024 * 1024)


class Put(NamedTuple):
    """What was done.

    Attributes:
        written: files written now.
        size: their bytes.
        rewritten: files written again, since their fields have changed.
        left_out: files that are too large, or have changed meanwhile.
    """

    written: int
    size: int
    rewritten: int
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
    refresh: bool = False,
) -> Put | None:
    """Put the files that content-named URLs of a release serve into a place; None if it has them, or the time is over.

    Args:
        place: where to.
        catalog: the release.
        limits: what is left out.
        until: in monotonic seconds; what was written until then is not written again.
        codings: what is put beside the files.
        encode: makes codings.
        refresh: whether the files of a release that the place has are compared, too: with their lengths and fields.

    Raises:
        OSError: the place cannot be reached or written.
    """
    release = catalog.identify()
    known = has(place, release)
    if known and not refresh:
        return None
    entries = [*catalog.entries()]
    kept, absent = limit(catalog, entries, limits)
    if known and not _lacks(Upload(place, kept)):
        return None
    with announce(place, PENDING, release) as renew:
        while list_announced(place, PRUNING):
            if time.monotonic() > until:
                return None
            time.sleep(place.pause)
        upload = Upload(place, kept)
        written = upload.write_files(until, renew)
        if None in written.values():
            upload.finish()
            return None
        absent.update(path for path, done in written.items() if not done)
        coded = upload.write_codings(written if known else kept, codings, encode) if encode else {}
        if not known:
            suffixes = {coding.name: coding.suffix for coding in codings}
            place.create(path_of(release), (describe(catalog, entries, coded, absent, suffixes).content,))
        upload.finish()
    done = [kept[path].blob.length for path in upload.missing if path not in absent]
    return Put(len(done), sum(done), len(upload.stale), len(absent))


def _lacks(upload: Upload) -> bool:
    return bool(upload.missing or upload.stale)


def is_content_named(catalog: Catalog, entry: Entry) -> bool:
    """Return whether the public name of a file changes with its bytes: by a fingerprint, or by its bundler."""
    return entry.public != entry.name or bool(catalog.policy.immutable(entry.name))


def limit(catalog: Catalog, entries: Iterable[Entry], limits: Limits) -> tuple[dict[str, Served], set[str]]:
    """Return what is put of a release by path, and the paths of what is left out: the largest files."""
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
