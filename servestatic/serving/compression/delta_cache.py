"""Where deltas are kept, so that each is made once: the store, or memory where there is none."""

import hashlib
from typing import Protocol

from servestatic.http.message import Blob, Memory

MAX_HELD = 8 * 1024 * 1024  # bytes


class Cache(Protocol):
    """Keeps deltas by a key of 64 hex digits: a store, or memory."""

    def get(self, key: str) -> Blob | None:
        """Return what is kept."""

    def put(self, key: str, data: bytes) -> Blob | None:
        """Keep bytes, if there is room."""


class MemoryCache:
    """Keeps deltas in memory, within bounds."""

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}
        self._size = 0

    def get(self, key: str) -> Blob | None:
        """Return what is kept."""
        return self._blobs.get(key)

    def put(self, key: str, data: bytes) -> Blob | None:
        """Keep bytes until the memory is full: then no more deltas are sent."""
        if self._size + len(data) > MAX_HELD:
            return None
        self._size += len(data)
        return self._blobs.setdefault(key, Blob(Memory(data), len(data), hashlib.sha256(data).digest()))
