"""The releases of a place: which of them has a name, and the bytes it serves."""

import hashlib
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from servestatic.assets.coding import ContentCoding
from servestatic.disk.read import read_body
from servestatic.errors import BuildError
from servestatic.http.message import Blob
from servestatic.releases.announce import list_announced
from servestatic.releases.coding_table import ABSENT
from servestatic.releases.document import PENDING
from servestatic.releases.known import KnownReleases
from servestatic.releases.place import Place
from servestatic.releases.statistics import Statistics
from servestatic.releases.versions import Kept
from servestatic.runtime.log import get_log
from servestatic.store import Store

MAX_FETCHED = 64 * 1024 * 1024  # bytes; a larger file is only served by its own release
_MAX_ABSENT = 4096  # names that are remembered as absent
_ABSENT = 5.0  # seconds for which an absent name is remembered
_AWAITED = 60.0  # seconds for which others wait for a release that was announced
_WAIT = 2.0  # seconds that a request waits for it
_MAX_WAITING = 8  # requests that wait at a time
_FAILURES = 3  # in a row, after which the place is left alone
_REST = 30.0  # seconds for which it is
_LOGGED = 60.0  # seconds between two log lines
_log = get_log()


class History:
    """The releases of a place, the newest first; what was read of it is kept in the store.

    Every method may read from disk and network, and none raises.
    """

    def __init__(
        self, place: Place, store: Store | None, prefix: str, on_news: Callable[[], object] = lambda: None
    ) -> None:
        """Look into a place for a release with this prefix; without a store, bytes cannot be fetched.

        `on_news` is called when other releases are known: what was looked up before may have another answer.
        """
        self.place = place
        self._store = store
        self._known = KnownReleases(place, store, prefix)
        self._on_news = on_news
        self._lock, self._counting = threading.Lock(), threading.Lock()
        self._absent: dict[tuple[str, str], float] = {}
        self._pending = False
        self._waiting, self._fetching = (threading.Semaphore(_MAX_WAITING) for _ in range(2))
        self.statistics = Statistics()
        self._logged = time.monotonic(), self.statistics
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
        found = self._known.find(mount, name)
        if found is None and self._waiting.acquire(blocking=False):  # else it is not sought, nor noted as absent
            try:
                found = self._wait(mount, name)
            finally:
                self._waiting.release()
            if found is None:
                self._note_absent(mount, name)
        self._count(found=int(found is not None), missed=int(found is None))
        return found

    def _note_absent(self, mount: str, name: str) -> None:
        if len(self._absent) >= _MAX_ABSENT:
            self._absent.clear()
        self._absent[mount, name] = max(time.monotonic(), self._sought) + min(self.place.pause, _ABSENT)

    def _wait(self, mount: str, name: str) -> Kept | None:
        """Look into the place if that is due; while a release is being put, wait for it and look again."""
        until = time.monotonic() + _WAIT
        while (due := max(self._sought + self.place.pause, time.monotonic())) < until:
            if due > time.monotonic() and not self._pending:
                return None
            time.sleep(max(0.0, due - time.monotonic()))
            self.update()
            self._sought = time.monotonic()
            found = self._known.find(mount, name)
            if found or not self._pending:
                return found
        return None

    def keeps(self, release: str, mount: str, name: str) -> bool:
        """Return whether a release is known to be in the place and to have a name that is made of content."""
        return self._known.has(release, mount, name)

    def fetch(self, kept: Kept) -> Blob | None:
        """Return the bytes of a name from the store, or from the place into the store; None if they are not there."""
        stored = self._find_stored(kept)
        data = self._download(kept) if stored is None else None
        if data is not None and self._store:
            stored = self._store.put(_name(kept.row.digest), data)
            self._count(fetched=1, size=len(data))
        return stored if stored and stored.digest == kept.row.digest else None

    def find_version(self, mount: str, public: str, digest: bytes) -> Kept | None:
        """Find the release in which a version of a content-named file has a digest."""
        if not self._lists and self.place.near:
            self.update()
        return self._known.find_version(mount, public, digest)

    def read(self, kept: Kept) -> bytes | None:
        """Return the bytes of a name, verified; None if they are not there.

        Raises:
            BlockingIOError: they are in a distant place: `fetch` them first.
        """
        stored = self._find_stored(kept)
        if stored:
            return read_body(stored.body)
        if not self.place.near:
            raise BlockingIOError
        return self._download(kept)

    def _find_stored(self, kept: Kept) -> Blob | None:
        stored = self._store.get(_name(kept.row.digest)) if self._store else None
        return stored if stored and stored.digest == kept.row.digest else None

    def _download(self, kept: Kept) -> bytes | None:
        """Read the bytes of a name from the place, and verify them."""
        size, digest = kept.row.stamp.size, kept.row.digest
        data = self._read(kept.path, size) if size <= MAX_FETCHED else None
        return data if data is not None and hashlib.sha256(data).digest() == digest else None

    def take(self, digest: bytes, coding: ContentCoding, data: bytes) -> bytes | None:
        """Return bytes in a coding that any release has; empty if it is not worthwhile, None if no release knows.

        They are decoded and compared: the place may have been changed by others.
        """
        if not self._lists:
            self.update()
        for coded in self._known.find_coded(digest, coding.name):
            if coded.digest == ABSENT:
                continue
            with suppress(ValueError):
                encoded = self._read(coded.path, coded.length) if coded.length else b""
                if encoded is not None and (not encoded or coding.decode(encoded, len(data)) == data):
                    return encoded
        return None

    def _count(self, **more: int) -> None:
        """Add to the statistics, and log what is new in them once a minute."""
        with self._counting:
            known = self.statistics
            self.statistics = known._replace(**{name: getattr(known, name) + count for name, count in more.items()})
            at, logged = self._logged
            if time.monotonic() < at + _LOGGED:
                return
            self._logged = time.monotonic(), self.statistics
        found, missed = self.statistics.found - logged.found, self.statistics.missed - logged.missed
        _log.info("files of other releases: %d served, %d in no release", found, missed)

    # ----------------------------------------------------------------------------------------- what is in the place

    def update(self) -> None:
        """List the place, and open the documents that are new; what another thread did meanwhile is not done again."""
        before = self._lists
        with self._lock:
            if self._lists != before or not self._is_reachable():
                return
            try:
                if self._known.update():
                    self._on_news()
                announced = list_announced(self.place, PENDING, within=_AWAITED)
                self._pending = not all(release in self._known for release in announced)
                self._failures = 0
            except OSError:
                self._fail()
            finally:
                self._lists += 1

    def _read(self, path: str, length: int) -> bytes | None:
        """Read a file of the place; None if it is not there, or if the place cannot be reached."""
        if not self._is_reachable() or not self._fetching.acquire(timeout=_WAIT):
            return None
        try:
            data = self.place.read(path, length)
            self._failures = 0
        except OSError:
            self._fail()
            return None
        except BuildError:  # a path that leads out of the place
            return None
        finally:
            self._fetching.release()
        return data

    # ---------------------------------------------------------------------------------------- an unreachable place

    def _is_reachable(self) -> bool:
        return self._failures < _FAILURES or time.monotonic() > self._failed + _REST

    def _fail(self) -> None:
        self._count(failed=1)
        self._failures += 1
        self._failed = time.monotonic()


def _name(digest: bytes) -> str:
    """Return the key of a file's bytes in the store."""
    return hashlib.sha256(b"servestatic file 1\n" + digest).hexdigest()
