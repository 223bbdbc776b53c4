"""Put a release into a place: only what it lacks, files first, its document last."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import inf
from typing import NamedTuple

from servestatic.assets.coding import ContentCoding
from servestatic.errors import BuildError
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import CodingTable, MakeCoding, encode_best
from servestatic.releases.describe import describe
from servestatic.releases.document import PENDING, PRUNING, RELEASES, path_of
from servestatic.releases.known import read_document
from servestatic.releases.place import Place
from servestatic.releases.retain import list_dated
from servestatic.releases.selection import AS_IT_IS, LIMITS, Form, Limits, select
from servestatic.releases.upload import Upload

_MAX_ASKED = 3  # releases whose codings are looked up


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
    encode: MakeCoding = encode_best,
    form: Form = AS_IT_IS,
    refresh: bool = False,
) -> Put | None:
    """Put the files that content-named URLs of a release serve into a place; None if it has them, or the time is over.

    Args:
        place: where to.
        catalog: the release.
        limits: what is left out.
        until: in monotonic seconds; what was written until then is not written again.
        codings: what is put beside the files, or, with `form.encoded`, nothing.
        encode: makes codings.
        form: by which names, and in which coding the files are put.
        refresh: whether the files of a release that the place has are compared, too: with their lengths and fields.

    Raises:
        OSError: the place cannot be reached or written.
    """
    release = catalog.identify()
    known = has(place, release)
    if known and not refresh:
        return None
    entries = [*catalog.entries()]
    files, absent, coded = select(catalog, entries, limits, form, encode)
    if known and not _lacks(Upload(place, files)):
        return None
    with announce(place, PENDING, release) as renew:
        if not _wait_for_prune(place, until):
            return None
        upload = Upload(place, files)
        written = upload.write_files(until, renew)
        if None in written.values():
            upload.finish()
            return None
        absent.update(path for path, done in written.items() if not done)
        if codings:
            coded = upload.write_codings(written if known else files, codings, encode, [*_list_tables(place)])
        if not known:
            own = {form.encoded.name: ""} if form.encoded else {}
            suffixes = own or {coding.name: coding.suffix for coding in codings}
            place.create(path_of(release), (describe(catalog, entries, coded, absent, suffixes).content,))
        upload.finish()
    done = [files[path].blob.length for path in upload.missing if path not in absent]
    return Put(len(done), sum(done), len(upload.stale), len(absent))


def _wait_for_prune(place: Place, until: float) -> bool:
    """Wait while releases are removed; False if the time was over."""
    while list_announced(place, PRUNING):
        if time.monotonic() > until:
            return False
        time.sleep(place.pause)
    return True


def _list_tables(place: Place) -> Iterator[CodingTable]:
    """Yield what the newest releases of a place know of codings."""
    for dated in list_dated(place)[:_MAX_ASKED]:
        with suppress(BuildError, FileNotFoundError):
            yield read_document(place, dated.id).codings


def _lacks(upload: Upload) -> bool:
    return bool(upload.missing or upload.stale)
