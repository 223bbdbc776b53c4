"""Put a release into a place: only what it lacks, files first, its document last."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from math import inf
from typing import NamedTuple

from servestatic.assets.coding import ContentCoding
from servestatic.errors import BuildError
from servestatic.releases.announce import announce, wait_for_end
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import Coded, CodingTable, MakeCoding, encode_best
from servestatic.releases.describe import describe
from servestatic.releases.document import PENDING, PRUNING, path_of
from servestatic.releases.known import has_release, read_document
from servestatic.releases.place import Place
from servestatic.releases.retain import list_dated
from servestatic.releases.rows import Entry
from servestatic.releases.selection import AS_IT_IS, LIMITS, Form, Limits, Selection, select
from servestatic.releases.upload import Served, Upload
from servestatic.runtime.threads import OnProgress, ignore_progress

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


def put(
    place: Place,
    catalog: Catalog,
    limits: Limits = LIMITS,
    *,
    within: float = inf,
    codings: Sequence[ContentCoding] = (),
    encode: MakeCoding = encode_best,
    form: Form = AS_IT_IS,
    refresh: bool = False,
    progress: OnProgress = ignore_progress,
) -> Put | None:
    """Put the files that content-named URLs of a release serve into a place; None if it has them, or the time is over.

    Args:
        place: where to.
        catalog: the release.
        limits: what is left out.
        within: seconds for waiting until nothing is removed, and again for writing files; what was written is not
            written again.
        codings: what is put beside the files, or, with `form.encoded`, nothing.
        encode: makes codings.
        form: by which names, and in which coding the files are put.
        refresh: whether the files of a release that the place has are compared, too: with their lengths and fields.
        progress: called with the number of codings that are made, and of all that are needed.

    Raises:
        OSError: the place cannot be reached or written.
    """
    made = _Putting(place, catalog, limits, codings, encode, form, progress)
    if not made.is_wanted(refresh=refresh):
        return None
    with announce(place, PENDING, made.release):
        return made.write(within) if wait_for_end(place, PRUNING, within) else None


class _Putting:
    """What a put has found out about the place, and what it writes."""

    def __init__(
        self,
        place: Place,
        catalog: Catalog,
        limits: Limits,
        codings: Sequence[ContentCoding],
        encode: MakeCoding,
        form: Form,
        progress: OnProgress,
    ) -> None:
        self.release = catalog.identify()
        self._known = has_release(place, self.release)
        self._place, self._catalog, self._limits = place, catalog, limits
        self._codings, self._encode, self._form, self._progress = codings, encode, form, progress

    @cached_property
    def _entries(self) -> list[Entry]:
        return [*self._catalog.entries()]

    @cached_property
    def _selected(self) -> Selection:
        return select(self._catalog, self._entries, self._limits, self._form, self._encode, self._progress)

    def _select(self) -> Mapping[str, Served]:
        return self._selected.files

    def is_wanted(self, *, refresh: bool) -> bool:
        """Return whether the place lacks the release, or, to refresh it, any of its files or fields."""
        if not self._known:
            return True
        upload = Upload(self._place, self._select) if refresh else None
        return upload is not None and bool(upload.missing or upload.stale)

    def write(self, within: float) -> Put | None:
        """Write what the place lacks: files, their codings, then the document; None if the time was over."""
        tables = partial(_list_tables, self._place)
        upload = Upload(self._place, self._select, self._codings, tables)  # others may have written since
        files, absent, coded = self._selected
        written = upload.write_files(within)
        if None in written.values():
            upload.finish()
            return None
        absent = absent | {path for path, done in written.items() if not done}
        if self._codings:
            paths = written if self._known else files
            coded = upload.write_codings(paths, self._encode, self._progress)
        if not self._known:
            self._write_document(coded, absent)
        upload.finish()
        done = [files[path].blob.length for path in upload.missing if path not in absent]
        return Put(len(done), sum(done), len(upload.stale), len(absent))

    def _write_document(self, coded: Mapping[bytes, Mapping[str, Coded]], absent: Collection[str]) -> None:
        encoded = self._form.encoded
        suffixes = {encoded.name: ""} if encoded else {coding.name: coding.suffix for coding in self._codings}
        document = describe(self._catalog, self._entries, coded, absent, suffixes)
        self._place.create(path_of(self.release), (document.content,))


def _list_tables(place: Place) -> Iterator[CodingTable]:
    """Yield what the newest releases of a place know of codings."""
    for dated in list_dated(place)[:_MAX_ASKED]:
        with suppress(BuildError, FileNotFoundError):
            yield read_document(place, dated.id).codings
