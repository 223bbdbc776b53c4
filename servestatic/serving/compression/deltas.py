"""Deltas: a file as its difference from an earlier version that the client has (RFC 9842)."""

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from servestatic.assets.media_types import media_type
from servestatic.assets.names import encode, insert_fingerprint, split_hash
from servestatic.disk.read import read_body, read_file
from servestatic.http.dictionary import DELTA, offer_dictionary
from servestatic.http.message import Blob, Fields, Slice
from servestatic.http.representation import Representation, represent
from servestatic.releases.versions import Kept, Versions
from servestatic.runtime.news import is_new
from servestatic.runtime.worker import Worker
from servestatic.serving.compression.coders import find_zstd
from servestatic.serving.compression.delta_cache import Cache
from servestatic.store.keys import make_key

MAX_LENGTH = 8 * 1024 * 1024  # bytes of either version: the window that every client has for both (RFC 9842 §5)
MIN_LENGTH = 1024  # bytes; of less, the fields would outweigh what a delta saves
_LEVEL = 9  # a tenth of the time of 19: 9 ms for 600 KB, and 5 % more bytes
_WINDOW_LOG = 23
_HEADER = bytes.fromhex("5e2a4d1820000000")  # before the SHA-256 of the dictionary: a frame that Zstandard skips
_MAX_WANTED = 64  # versions that are waited for
_UNAVAILABLE = 30.0  # seconds until a version is fetched again
_LOGGED = 60.0  # seconds between two log lines
_UNKNOWN = 5.0  # seconds until one is looked for again
_MAX_UNKNOWN = 4096
LARGE = 256 * 1024  # bytes; making a delta of more would hold up an event loop
_AT_ONCE = 2  # large ones; each takes up to 50 MB while it is made, and others wait in their threads
_KINDS = frozenset({"text/javascript", "text/css", "application/json", "image/svg+xml", "application/wasm"})
_log = logging.getLogger("servestatic")


def has_deltas(name: str, length: int) -> bool:
    """Return whether deltas of a fingerprinted file are made, by its name and length."""
    return MIN_LENGTH <= length <= MAX_LENGTH and media_type(name).essence in _KINDS


def offer_deltas(name: str, length: int, *, fingerprinted: bool) -> Fields:
    """Offer the bytes of a content-named file as a dictionary for its other versions, if these have deltas."""
    if not has_deltas(name, length):
        return ()
    last = name.rpartition("/")[2]
    if fingerprinted:
        before, _, after = insert_fingerprint(last, "\0").partition("\0")
        return offer_dictionary(encode(before), encode(after))
    parts = split_hash(last)
    return offer_dictionary(*map(encode, parts)) if parts else ()


def encode_delta(old: bytes, new: bytes) -> bytes:
    """Encode bytes as their difference from others (RFC 9842 §5), in about 15 ms for each megabyte."""
    library = find_zstd()
    if library is None:
        raise ImportError("Zstandard is not installed: see `has_zstd`")
    parameters = library.CompressionParameter
    options = {parameters.compression_level: _LEVEL, parameters.window_log: _WINDOW_LOG}
    prefix = library.ZstdDict(old, is_raw=True).as_prefix
    return _HEADER + hashlib.sha256(old).digest() + bytes(library.compress(new, zstd_dict=prefix, options=options))


def is_worthwhile(delta: int, representations: tuple[Representation, ...]) -> bool:
    """Return whether a delta saves at least a tenth of the smallest other representation."""
    return delta <= 0.9 * min(representation.length for representation in representations)


class Made(NamedTuple):
    """Deltas that this process has begun to send: their number, and the bytes they save each time."""

    deltas: int = 0
    saved: int = 0


class Deltas:
    """Makes deltas on demand, one thread each.

    Args:
        versions: finds and reads earlier versions.
        cache: keeps deltas, so that each is made once.
    """

    def __init__(self, versions: Versions, cache: Cache) -> None:
        self._versions = versions
        self._cache = cache
        self._unknown: dict[bytes, float] = {}  # digests that no version has
        self._making: set[str] = set()
        self._lock, self._large = threading.Lock(), threading.Semaphore(_AT_ONCE)
        self._logged = time.monotonic(), Made()
        self._fetching = _Fetching(versions)
        self._worker = Worker(self._fetching.work, "servestatic deltas")
        self.made = Made()

    def find(self, mount: str, name: str, digest: bytes) -> Kept | None:
        """Find the version of a file with this SHA-256; None if it is unknown, or too large to be a dictionary."""
        if time.monotonic() < self._unknown.get(digest, 0.0):
            return None
        found = self._versions.find_version(mount, name, digest)
        if found and found.row.stamp.size <= MAX_LENGTH:
            return found
        if len(self._unknown) >= _MAX_UNKNOWN:
            self._unknown.clear()
        self._unknown[digest] = time.monotonic() + _UNKNOWN
        return None

    def make(self, version: Kept, representations: tuple[Representation, ...]) -> Representation | None:
        """Return the delta from an earlier version to a resource, identity first; None if none is worthwhile.

        Raises:
            BlockingIOError: the earlier version is still to be fetched, or another thread makes the delta: try later.
        """
        identity = representations[0]
        key = make_key("delta", str(_LEVEL), version.row.digest.hex(), identity.etag)
        blob = self._cache.get(key) or self._encode(key, version, identity)
        if blob is None or not is_worthwhile(blob.length, representations):
            return None
        self._count(min(representation.length for representation in representations) - blob.length)
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
        _log.info("deltas: %d more files are sent as their difference, which saves %d bytes", *more)

    def _encode(self, key: str, version: Kept, identity: Representation) -> Blob | None:
        large = max(version.row.stamp.size, identity.length) > LARGE
        with self._alone(key), self._large if large else nullcontext():
            try:
                old, new = self._versions.read(version), _read(identity)
            except BlockingIOError:
                if self._fetching.ask(version):
                    self._worker.start()
                    self._worker.wake()
                raise
            if old is None or new is None:
                return None
            try:
                return self._cache.put(key, encode_delta(old, new))
            except Exception as error:  # noqa: BLE001 - whatever the library fails with, the whole file is sent
                if is_new("deltas", repr(error)):
                    _log.warning("no delta can be made, files are sent whole: %r", error)
                return None

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


def _read(identity: Representation) -> bytes | None:
    """Return the bytes that an entity tag promises; None if they have changed."""
    body = identity.body
    try:  # a file of a build has no stamp before its first request; the tag is a digest in any case
        data = read_file(body.path).data if isinstance(body, Slice) and not body.stamp.inode else read_body(body)
    except OSError:
        return None
    blob = Blob(body, identity.length, hashlib.sha256(data or b"").digest())
    return data if represent(identity.coding, blob).etag == identity.etag else None


class _Fetching:
    """Fetches versions from a distant place, one after the other."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._wanted: dict[bytes, Kept] = {}
        self._unavailable: dict[bytes, float] = {}

    def ask(self, version: Kept) -> bool:
        """Note that a version is wanted; False if it was unavailable a moment ago, or too many others are wanted."""
        if time.monotonic() < self._unavailable.get(version.row.digest, 0.0) or len(self._wanted) >= _MAX_WANTED:
            return False
        self._wanted[version.row.digest] = version
        return True

    def work(self) -> None:
        """Fetch what is wanted."""
        while self._wanted:
            digest, version = self._wanted.popitem()
            if not self._versions.fetch(version):
                if len(self._unavailable) >= _MAX_WANTED:
                    self._unavailable.clear()
                self._unavailable[digest] = time.monotonic() + _UNAVAILABLE
