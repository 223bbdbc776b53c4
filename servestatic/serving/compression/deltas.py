"""Deltas: a file as its difference from an earlier version that the client has (RFC 9842)."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import NamedTuple

from servestatic.assets.keys import make_key
from servestatic.assets.versions import MAX_LENGTH, MIN_LENGTH
from servestatic.disk.read import read_body, read_file
from servestatic.http.dictionary import DELTA
from servestatic.http.message import Blob, Slice
from servestatic.http.representation import Representation, represent
from servestatic.releases.versions import Kept, Versions
from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new
from servestatic.serving.compression.coders import has_zstd
from servestatic.serving.compression.delta_cache import Cache
from servestatic.serving.compression.delta_coder import CODER, encode_delta, is_worth_sending
from servestatic.serving.compression.fetch import Fetcher

MAX_MADE = 10_000  # deltas that a process makes: pairs of versions are as many as their squares
_LARGE = 256 * 1024  # bytes
_AT_ONCE = 2  # large ones; each takes up to 50 MB while it is made, and others wait in their threads
_LOGGED = 60.0  # seconds between two log lines
_log = get_log()


class Made(NamedTuple):
    """Deltas that this process has begun to send: their number, and the bytes they save each time."""

    deltas: int = 0
    saved: int = 0


class Deltas:
    """Makes deltas on demand, each in one thread.

    Args:
        versions: finds and reads earlier versions.
        cache: keeps deltas, so that each is made once.
    """

    def __init__(self, versions: Versions, cache: Cache) -> None:
        self._versions = versions
        self._cache = cache
        self._fetcher = Fetcher(versions)
        self._making: set[str] = set()
        self._left = MAX_MADE
        self._lock, self._large = threading.Lock(), threading.Semaphore(_AT_ONCE)
        self._logged = time.monotonic(), Made()
        self.made = Made()

    def find(self, mount: str, public: str, digest: bytes) -> Kept | None:
        """Find the version of a file with this SHA-256; None if it is unknown, or cannot be a dictionary."""
        found = self._versions.find_version(mount, public, digest)
        return found if found and MIN_LENGTH <= found.row.stamp.size <= MAX_LENGTH else None

    def make(self, version: Kept, representations: tuple[Representation, ...]) -> Representation | None:
        """Return the delta from an earlier version to a resource, identity first; None if none is worthwhile.

        Raises:
            BlockingIOError: not now: the earlier version is fetched, or another thread makes the delta.
        """
        identity, smallest = representations[0], min(representation.length for representation in representations)
        if _tag(identity, version.row.digest) == identity.etag:
            return None  # the client has the file itself
        key = make_key("delta", CODER, version.row.digest.hex(), identity.etag)
        blob = self._cache.get(key) or self._encode(key, version, identity, smallest)
        if blob is None or not is_worth_sending(blob.length, smallest):
            return None
        self._count(smallest - blob.length)
        return represent(DELTA, blob)

    def _count(self, saved: int) -> None:
        """Count a delta that is sent from now on, and log how many there are, once a minute."""
        with self._lock:
            self.made = Made(self.made.deltas + 1, self.made.saved + saved)
            (at, logged), now = self._logged, time.monotonic()
            if now < at + _LOGGED:
                return
            self._logged = now, self.made
        more = self.made.deltas - logged.deltas, self.made.saved - logged.saved
        _log.info("deltas: %d more files are sent as differences, which saves %d bytes", *more)

    def _encode(self, key: str, version: Kept, identity: Representation, smallest: int) -> Blob | None:
        large = max(version.row.stamp.size, identity.length) > _LARGE
        with self._alone(key), self._large if large else nullcontext():
            try:
                old, new = self._versions.read(version), _read(identity)
            except BlockingIOError:
                self._fetcher.ask(version)
                raise
            if old is None or new is None or self._left <= 0:
                return None
            self._left -= 1
            try:
                delta = encode_delta(old, new)
            except Exception as error:  # noqa: BLE001 - whatever the library fails with, the whole file is sent
                if is_new("deltas", repr(error)):
                    _log.warning("no delta can be made, files are sent whole: %r", error)
                return None
            return self._cache.put(key, delta) if is_worth_sending(len(delta), smallest) else None

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Hold the right to make a delta.

        Raises:
            BlockingIOError: another thread has it.
        """
        with self._lock:
            if key in self._making:
                raise BlockingIOError
            self._making.add(key)
        try:
            yield
        finally:
            self._making.discard(key)


def make_deltas(versions: Versions, cache: Cache) -> Deltas | None:
    """Return what makes deltas; None without Zstandard."""
    return Deltas(versions, cache) if has_zstd() else None


def _tag(identity: Representation, digest: bytes) -> str:
    """Return the entity tag that a representation would have with other bytes."""
    return represent(identity.coding, Blob(identity.body, identity.length, digest)).etag


def _read(identity: Representation) -> bytes | None:
    """Return the bytes that an entity tag promises; None if they have changed."""
    body = identity.body
    data = read_body(body)
    if data is None and isinstance(body, Slice):  # a file of a build has no stamp before its first request
        with suppress(OSError):
            data = read_file(body.path).data
    return data if data is not None and _tag(identity, hashlib.sha256(data).digest()) == identity.etag else None
