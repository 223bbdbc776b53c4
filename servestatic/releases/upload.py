"""What a place lacks of some files, and writing it: several at a time, and nothing that the place has."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from operator import call
from typing import NamedTuple, TypeVar

from servestatic.assets.coding import ContentCoding, is_coded, worthwhile
from servestatic.disk.read import read_blob
from servestatic.errors import BuildError
from servestatic.http.message import Blob, Fields
from servestatic.releases.coding_table import ABSENT, NEVER_MADE, Coded, CodingTable, MakeCoding
from servestatic.releases.contents import Content
from servestatic.releases.place import Place
from servestatic.releases.written_fields import WrittenFields
from servestatic.runtime.threads import OnProgress, run_in_threads

_T = TypeVar("_T")
_R = TypeVar("_R")


class Served(NamedTuple):
    """What a name serves: bytes, and the fields that come with them."""

    blob: Blob
    fields: Fields


class Upload:
    """Files to be in a place, compared with those that it has.

    All that can be compared without a list is compared while a distant place is listed, which takes about as long.

    Args:
        place: where they are to be.
        select: returns the files.
        codings: what is to be put beside them.
        list_tables: returns what releases of the place know of codings, the newest first.

    Attributes:
        files: by path.
        missing: paths of files that it lacks, or has damaged.
        stale: paths of files that it has with other fields, or, by plain names, with other bytes of the same length.

    Raises:
        OSError: the place cannot be reached.
    """

    def __init__(
        self,
        place: Place,
        select: Callable[[], Mapping[str, Served]],
        codings: Sequence[ContentCoding] = (),
        list_tables: Callable[[], Iterable[CodingTable]] = tuple,
    ) -> None:
        self._place, self._codings = place, codings
        self._existing: dict[str, int] = {}
        self.files: Mapping[str, Served] = {}
        differing: set[str] = set()

        def list_existing() -> None:
            self._existing = {listed.path: listed.size for listed in place.list()}

        def compare() -> None:
            self._fields = WrittenFields(place)
            self.files = select()
            differing.update(path for path, served in self.files.items() if self._fields.differ(path, *served))
            tables = [*list_tables()] if codings else []
            self._recalled = {path: self._recall(path, tables) for path in (self.files if tables else ())}

        _run(place, call, (list_existing, compare))
        has = {path for path, (blob, _) in self.files.items() if self._existing.get(path) == blob.length}
        self.missing = [path for path in self.files if path not in has]
        self.stale = [path for path in self.files if path in has and path in differing]

    def write_files(self, within: float) -> dict[str, bool | None]:
        """Write what is missing or stale: by path, False if a source has changed since, None if the time was over."""
        until = time.monotonic() + within

        def write(path: str) -> bool | None:
            if time.monotonic() > until:
                return None
            try:
                self._write(path)
            except BuildError:
                return False
            return True

        wanted = [*self.missing, *self.stale]
        return dict(zip(wanted, _run(self._place, write, wanted), strict=True))

    def _write(self, path: str) -> None:
        blob, fields = self.files[path]
        content = Content(*blob, [path])
        if path in self._existing:  # it is damaged, has other fields, or is a plain name
            self._place.replace(path, b"".join(content.read()), fields)
        else:
            self._place.create(path, content.read(), fields)
        self._fields.note(path, blob, fields)

    def write_codings(
        self, paths: Iterable[str], encode: MakeCoding, progress: OnProgress
    ) -> dict[bytes, dict[str, Coded]]:
        """Write codings beside files, and return them by the SHA-256 of the bytes that they encode.

        Those that the place has by the tables of releases are neither read nor made.
        """
        encoders = os.cpu_count() or 1
        may_encode = threading.Semaphore(encoders)  # the other threads write meanwhile, and hold no file

        def make(item: tuple[str, ContentCoding]) -> None:
            path, coding = item
            blob, fields = self.files[path]
            with may_encode:
                encoded = _encode(blob, coding, encode)
            if encoded is None:
                return
            beside = path + coding.suffix
            if encoded:
                self._write_coding(beside, encoded, blob, (*fields, ("Content-Encoding", coding.name)))
            rows[path][coding.name] = Coded(beside, hashlib.sha256(encoded).digest(), len(encoded), coding.coder)

        wanted = [path for path in paths if is_coded(path, self.files[path].blob.length)]
        wanted.sort(key=lambda path: self.files[path].blob.digest)  # as the tables are
        rows = {path: self._find_written(path) for path in wanted}
        lacking = [(path, coding) for path, row in rows.items() for coding in self._codings if coding.name not in row]
        run_in_threads(make, lacking, max(self._place.at_once, encoders), progress)
        return {self.files[path].blob.digest: row for path, row in rows.items() if row}

    def _recall(self, path: str, tables: Sequence[CodingTable]) -> dict[str, Coded]:
        """Return the codings of a file that tables know, with today's coders and fields, whether they exist or not."""
        blob, fields = self.files[path]
        found: dict[str, Coded] = {}
        for table in tables:
            if len(found) == len(self._codings):  # the newest release has all of them, as a rule
                break
            with suppress(BuildError):  # a damaged row
                row = table.find(blob.digest) or {}
                same = (coding for coding in self._codings if row.get(coding.name, NEVER_MADE).coder == coding.coder)
                for name, suffix, *_ in same:
                    coded = row[name]._replace(path=path + suffix)  # the row may name another file with these bytes
                    if self._is_current(coded, blob, (*fields, ("Content-Encoding", name))):
                        found.setdefault(name, coded)
        return found

    def _is_current(self, coded: Coded, blob: Blob, fields: Fields) -> bool:
        if coded.digest == ABSENT or not coded.length:
            return coded.digest != ABSENT  # it is not worthwhile
        return not self._fields.differ(coded.path, blob, fields)

    def _find_written(self, path: str) -> dict[str, Coded]:
        """Return the codings of a file that exist, or are not worthwhile."""
        recalled = self._recalled.get(path, {}).items()
        return {name: it for name, it in recalled if not it.length or self._existing.get(it.path) == it.length}

    def _write_coding(self, path: str, encoded: bytes, blob: Blob, fields: Fields) -> None:
        if path not in self._existing:
            self._place.create(path, (encoded,), fields)
        elif self._existing[path] != len(encoded) or self._fields.differ(path, blob, fields):
            self._place.replace(path, encoded, fields)
        else:
            return
        self._fields.note(path, blob, fields)

    def finish(self) -> None:
        """Note with which fields the files were written.

        Raises:
            OSError: the place cannot be written.
        """
        self._fields.save(self._existing)


def _run(place: Place, work: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    """Do the same work on each item; in threads if the place is slow enough.

    A pool would hold up the end of the interpreter, which nothing but the network is worth.
    """
    return [*map(work, items)] if place.at_once == 1 else run_in_threads(work, items, place.at_once)


def _encode(blob: Blob, coding: ContentCoding, encode: MakeCoding) -> bytes | None:
    """Encode the bytes of a file; empty if that is not worthwhile, None if the file has changed."""
    data = read_blob(blob.body, blob.digest)
    if data is None:
        return None
    encoded = encode(blob.digest, coding, data)
    return encoded if worthwhile(len(data), len(encoded)) else b""
