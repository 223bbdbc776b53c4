"""Bringing earlier versions of files near, beside requests."""

import time

from servestatic.releases.versions import Kept, Versions
from servestatic.runtime.worker import Worker

_MAX_WANTED = 64  # versions
_UNAVAILABLE = 30.0  # seconds until a version is fetched again


class Fetcher:
    """Fetches versions from a distant place, one after the other, in a thread of its own."""

    def __init__(self, versions: Versions) -> None:
        self._queue = _Queue(versions)
        self._worker = Worker(self._queue.work, "servestatic deltas")

    def ask(self, version: Kept) -> None:
        """Have a version fetched, unless it was unavailable a moment ago, or too many others are wanted."""
        if self._queue.add(version):
            self._worker.start()
            self._worker.wake()


class _Queue:
    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._wanted: dict[bytes, Kept] = {}
        self._unavailable: dict[bytes, float] = {}

    def add(self, version: Kept) -> bool:
        """Note that a version is wanted, and return whether it is worth a try."""
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
