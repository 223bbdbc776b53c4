"""The file cache: what an earlier start knows of files that have not changed since.

A warm start neither reads nor scans them. A file is identified by its path and stamp. One that changed less than two
seconds before it was read is not remembered, since it may change again within one tick of the file system's clock
(git's racy rule). What is noted is untrusted: a value of the wrong shape counts as absent.
"""

import json
import os
import struct
import time
from collections.abc import Iterable
from typing import get_args

from servestatic.assets.asset import Asset
from servestatic.assets.file import File
from servestatic.assets.references import SYNTAXES, Kind, Reference
from servestatic.disk.read import is_steady
from servestatic.releases.notes import Note
from servestatic.store import Store

_KNOWN = struct.Struct("<QQQqq32s?")  # stamp, SHA-256, UTF-8; references follow, as JSON


class FileCache:
    """The note of one collection: of certain sources, in this order."""

    def __init__(self, store: Store | None, roots: Iterable[str]) -> None:
        self._started = time.time_ns()  # before anything is read
        versions = ",".join(f"{name}{syntax.version}" for name, syntax in sorted(SYNTAXES.items()))
        self._note = Note(store, f"files {versions}", *roots)
        self._files = self._note.read_pairs()
        self._found = 0

    def find(self, file: File) -> Asset | None:
        """Return what is known of a file in its present state."""
        known = self._files.get(os.fsencode(file.content)) if isinstance(file.content, str) and self._files else None
        if known is None or file.stamp is None or len(known) < _KNOWN.size:
            return None
        *stamp, digest, utf8 = _KNOWN.unpack_from(known)
        if (*stamp,) != file.stamp:
            return None
        try:
            rows = json.loads(known[_KNOWN.size :]) if len(known) > _KNOWN.size else []
            references = _check_references(rows, file.stamp.size)
        except (TypeError, ValueError, RecursionError):
            return None
        self._found += 1
        return Asset(file, file.stamp, digest, utf8, references)

    def save(self, assets: Iterable[Asset]) -> None:
        """Remember what is known of files, if any of it is new."""
        assets = [*assets]
        if self._found == len(assets) == len(self._files):
            return
        files: dict[bytes, bytes] = {}
        for asset in assets:
            if isinstance(asset.file.content, str) and is_steady(asset.stamp, self._started):
                references = json.dumps(asset.references, separators=(",", ":")).encode() if asset.references else b""
                known = _KNOWN.pack(*asset.stamp, asset.digest, asset.utf8) + references
                files[os.fsencode(asset.file.content)] = known
        if files != self._files:
            self._note.save_pairs(files.items())


def _check_references(rows: object, size: int) -> list[Reference]:
    """Return the references of a row, whose spans must be in order, apart, and within the file."""
    if not isinstance(rows, list):
        raise TypeError("not a list")
    references: list[Reference] = []
    done = 0
    for start, stop, url, kind in rows:
        if type(start) is not int or type(stop) is not int or not done <= start <= stop <= size:
            raise ValueError("not a span")
        if not isinstance(url, str) or kind not in get_args(Kind):
            raise ValueError("not a reference")
        references.append(Reference(start, stop, url, kind))
        done = stop
    return references
