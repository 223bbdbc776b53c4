"""Which files of a build are as they were last written or read: known by their stamps, so they are not read again.

The store remembers the stamps for each directory. Without a store, or if its document is damaged, all files are read.
"""

import hashlib
import os
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from servestatic.disk.read import is_steady, stamp_of
from servestatic.http.message import Stamp
from servestatic.releases.rows import pack_rows, unpack_rows

if TYPE_CHECKING:
    from servestatic.store import Store

_PACKED = struct.Struct("<32sQQQqq")  # SHA-256 and stamp


class Intact:
    """The known stamps and digests of files below a directory, by their paths in it."""

    def __init__(self, store: "Store | None", out: str) -> None:
        self._store = store
        self._below = os.path.join(out, "")
        named = f"build {os.path.realpath(out)}"
        self._key = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()
        self._rows: Mapping[str, bytes] = {}
        document = store.load(self._key) if store else None
        with suppress(KeyError, TypeError, ValueError):
            self._rows = unpack_rows(document, _PACKED.size) if isinstance(document, dict) else {}
        self._found: dict[str, bytes] = {}
        self._started = time.time_ns()

    def find(self, path: str, digest: bytes) -> bool:
        """Return whether a file is known to have the bytes with this SHA-256, and is untouched since."""
        packed = self._rows.get(path)
        if packed is None:
            return False
        try:
            status = os.lstat(self._below + path)
        except OSError:
            return False
        if _PACKED.pack(digest, *stamp_of(status)) == packed:
            self._found[path] = packed
        return path in self._found

    def note(self, path: str, digest: bytes, stamp: Stamp, *, written: bool) -> None:
        """Note a file that was written, or read; a file read a moment after it changed is not noted."""
        if written or is_steady(stamp, self._started):
            self._found[path] = _PACKED.pack(digest, *stamp)

    def keep(self) -> None:
        """Save what was found or noted for the next build."""
        if self._store and self._found != self._rows:
            self._store.save(self._key, pack_rows(self._found))
