"""The releases of a place: which of them has a name, and the bytes it serves."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from heapq import nlargest
from typing import NamedTuple

from servestatic.assets.coding import ContentCoding
from servestatic.errors import BuildError
from servestatic.http.message import Blob
from servestatic.releases.announce import list_announced
from servestatic.releases.coding_table import ABSENT
from servestatic.releases.document import PENDING, RELEASES, Document, beneath, path_of
from servestatic.releases.format.file import TableFile, hold_tables, open_tables
from servestatic.releases.identity import check_id
from servestatic.releases.place import Listed, Place
from servestatic.releases.retain import MAX_DOCUMENT
from servestatic.releases.rows import Row
from servestatic.store import Store

_MAX_RELEASES = 20  # that are looked into: the newest
MAX_FETCHED = 64 * 1024 * 1024  # bytes; a larger file is only served by its own release
_MAX_ABSENT = 4096  # names that are remembered as absent
_ABSENT = 5.0  # seconds for which an absent name is remembered
_AWAITED = 60.0  # seconds for which others wait for a release that was announced
_WAIT = 2.0  # seconds that a request waits for it
_MAX_WAITING = 8  # requests that wait at a time
_FAILURES = 3  # in a row, after which the place is left alone
_REST = 30.0  # seconds for which it is


class Kept(NamedTuple):
    """What a name serves in one of the releases: `path` is that of the bytes in the place."""

    release: str
    path: str
    row: Row


class History:
    """The releases of a place, the newest first; what was read of it is kept in the store.

    Every method may read from disk and network, and none raises.
    """

    def __init__(self, place: Place, store: Store | None, prefix: str) -> None:
        """Look into a place for a release with this prefix; without a store, bytes cannot be fetched."""
        self._place = place
        self._store = store
        self._prefix = prefix
        self._lock = threading.Lock()
        self._documents: dict[str, Document] = {}
        self._damaged: set[str] = set()
        self._absent: dict[tuple[str, str], float] = {}
        self._pending = False
        self._waiting = threading.Semaphore(_MAX_WAITING)
        self._lists = 0
        self._sought = self._failed = float("-inf")  # when a name was last sought in vain, and the place not reached
        self._failures = 0

    def is_absent(self, mount: str, name: str) -> bool:
        """Return whether a name was looked for in vain a moment ago; reads nothing."""
        return self._absent.get((mount, name), 0.0) > time.monotonic()

    def find(self, mount: str, name: str) -> Kept | None:
        """Find the newest release that has a fingerprinted name below a mount."""
        if self.is_absent(mount, name):
            return None
        found = self._search(mount, name)
        if found is None and self._waiting.acquire(blocking=False):
            try:
                found = self._wait(mount, name)
            finally:
                self._waiting.release()
        if found is None:
            if len(self._absent) >= _MAX_ABSENT:
                self._absent.clear()
            self._absent[mount, name] = max(time.monotonic(), self._sought) + min(self._place.pause, _ABSENT)
        return found

    def _wait(self, mount: str, name: str) -> Kept | None:
        """Look into the place as soon as that is due, and go on while a release is being put."""
        until = time.monotonic() + _WAIT
        while (due := self._sought + self._place.pause) < until:
            time.sleep(max(0.0, due - time.monotonic()))
            self.update()
            self._sought = time.monotonic()
            found = self._search(mount, name)
            if found or not self._pending:
                return found
        return None

    def keeps(self, release: str, mount: str, name: str) -> bool:
        """Return whether a release is known to be in the place and to have a fingerprinted name."""
        document = self._documents.get(release)
        return document is not None and document.find_public(self._own(document, mount), name) is not None

    def fetch(self, kept: Kept) -> Blob | None:
        """Return the bytes of a name from the store, or from the place into the store; None if they are not there."""
        key = _name(kept.row.digest)
        if self._store is None:
            return None
        stored = self._store.get(key)
        if stored is None and self._is_reachable():
            data = None
            try:
                if kept.row.stamp.size <= MAX_FETCHED:
                    data = self._place.read(kept.path, kept.row.stamp.size)
                self._failures = 0
            except OSError:
                self._fail()
            except BuildError:  # a path that leads out of the place
                return None
            if data is not None and hashlib.sha256(data).digest() == kept.row.digest:
                stored = self._store.put(key, data)
        return stored if stored and stored.digest == kept.row.digest else None

    def take(self, digest: bytes, coding: ContentCoding, data: bytes) -> bytes | None:
        """Return bytes in a coding that any release has; empty if it is not worthwhile, None if no release knows.

        They are decoded and compared: the place may have been changed by others.
        """
        if not self._lists:
            self.update()
        for document in self._documents.values():
            with suppress(BuildError, OSError, ValueError):
                coded = (document.codings.find(digest) or {}).get(coding.name)
                if coded is None or coded.digest == ABSENT or not self._is_reachable():
                    continue
                encoded = self._place.read(coded.path, coded.length) if coded.length else b""
                if encoded is not None and (not encoded or coding.decode(encoded, len(data)) == data):
                    return encoded
        return None

    # ------------------------------------------------------------------------------------------------ documents

    def _search(self, mount: str, name: str) -> Kept | None:
        for release, document in self._documents.items():
            own = self._own(document, mount)
            if row := document.find_public(own, name):
                return Kept(release, beneath(document.prefix, own) + name, row)
        return None

    def _own(self, document: Document, mount: str) -> str:
        """Return the mount of a document for one of ours: each release has its own prefix."""
        if mount == self._prefix:
            return document.prefix
        return mount if mount != document.prefix else ""

    def update(self) -> None:
        """List the place, and open the documents that are new; what another thread did meanwhile is not done again."""
        before = self._lists
        with self._lock:
            if self._lists != before or not self._is_reachable():
                return
            try:
                listed = nlargest(_MAX_RELEASES, self._list(), key=lambda each: (each.modified, each.path))
                releases = [each.path.rpartition("/")[2] for each in listed]
                opened = ((release, self._documents.get(release) or self._open(release)) for release in releases)
                self._documents = {release: document for release, document in opened if document}
                self._pending = self._is_put()
                self._failures = 0
            except OSError:
                self._fail()
            finally:
                self._lists += 1

    def _is_put(self) -> bool:
        """Return whether a release is being put that is not known yet."""
        return not list_announced(self._place, PENDING, within=_AWAITED) <= self._documents.keys()

    def _list(self) -> Iterator[Listed]:
        for each in self._place.list(RELEASES):
            with suppress(ValueError):  # not a document
                check_id(each.path.rpartition("/")[2])
                yield each

    def _open(self, release: str) -> Document | None:
        """Open a document from the store, or from the place into the store."""
        if release in self._damaged:
            return None
        try:
            document = Document(self._read(release))
            if document.id == release:
                return document
        except (BuildError, FileNotFoundError):
            pass
        self._damaged.add(release)
        return None

    def _read(self, release: str) -> TableFile:
        key = hashlib.sha256(f"document {self._place.name} {release}".encode("utf-8", "surrogateescape")).hexdigest()
        with suppress(OSError, BuildError):
            if path := self._store and self._store.find_note(key):
                return open_tables(path)
        content = self._place.read(path_of(release), MAX_DOCUMENT)
        if content is None:
            raise FileNotFoundError(release)
        written = self._store and self._store.save_note(key, content)
        return open_tables(written) if written else hold_tables(content, f"{self._place.name}/{path_of(release)}")

    # ---------------------------------------------------------------------------------------- an unreachable place

    def _is_reachable(self) -> bool:
        return self._failures < _FAILURES or time.monotonic() > self._failed + _REST

    def _fail(self) -> None:
        self._failures += 1
        self._failed = time.monotonic()


def _name(digest: bytes) -> str:
    """Return the key of a file's bytes in the store."""
    return hashlib.sha256(b"servestatic file 1\n" + digest).hexdigest()
