"""Which files of a build are as they were last written or read: known by their stamps, so they are not read again.

The store remembers the stamps for each directory. Without a store, or if its document is damaged, all files are read.
"""

import os
import struct
import time
from typing import TYPE_CHECKING

from servestatic.disk.read import is_steady, stamp_of
from servestatic.http.message import Stamp
from servestatic.releases.columns import encode
from servestatic.releases.notes import Note

if TYPE_CHECKING:
    from servestatic.store import Store

_PACKED = struct.Struct("<32sQQQqq")  # SHA-256 and stamp


class Intact:
    """The known stamps and digests of files below a directory, by their paths in it."""

    def __init__(self, store: "Store | None", out: str) -> None:
        self._below = os.path.join(out, "")
        self._note = Note(store, f"build {os.path.realpath(out)}")
        self._known = self._note.read_pairs()
        self._found: dict[bytes, bytes] = {}
        self._started = time.time_ns()

    def find(self, path: str, digest: bytes) -> bool:
        """Return whether a file is known to have the bytes with this SHA-256, and is untouched since."""
        packed = self._known.get(encode(path))
        if packed is None:
            return False
        try:
            status = os.lstat(self._below + path)
        except OSError:
            return False
        same = _PACKED.pack(digest, *stamp_of(status)) == packed
        if same:
            self._found[encode(path)] = packed
        return same

    def note(self, path: str, digest: bytes, stamp: Stamp, *, written: bool) -> None:
        """Note a file that was written, or read; a file read a moment after it changed is not noted."""
        if written or is_steady(stamp, self._started):
            self._found[encode(path)] = _PACKED.pack(digest, *stamp)

    def keep(self) -> None:
        """Save what was found or noted for the next build."""
        if self._found != self._known:
            self._note.save_pairs(self._found.items())
