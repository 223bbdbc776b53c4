"""The file cache: what an earlier start knows of files that have not changed since.

A warm start neither reads nor scans them. A file is identified by its path and stamp. One that changed less than two
seconds before it was read is not remembered, since it may change again within one tick of the file system's clock
(git's racy rule). The document is untrusted: a row of the wrong shape counts as absent.
"""

import hashlib
import time
from collections.abc import Iterable
from typing import get_args

from servestatic.assets.asset import Asset
from servestatic.assets.file import File
from servestatic.assets.references import SYNTAXES, Kind, Reference
from servestatic.disk.read import is_steady
from servestatic.store import Store

_FORMAT = 1
_DIGEST_SIZE = hashlib.sha256().digest_size


class FileCache:
    """The document of one collection: of certain sources, in this order."""

    def __init__(self, store: Store | None, roots: Iterable[str]) -> None:
        self._store = store
        self._started = time.time_ns()  # before anything is read
        versions = ",".join(f"{name}{syntax.version}" for name, syntax in sorted(SYNTAXES.items()))
        named = "\n".join((f"{_FORMAT} {versions}", *roots))
        self._key = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()
        loaded = store.load(self._key) if store else None
        files = loaded.get("files") if isinstance(loaded, dict) else None
        self._files: dict[str, list[object]] = files if isinstance(files, dict) else {}
        self._found = 0

    def find(self, file: File) -> Asset | None:
        """Return what is known of a file in its present state."""
        row = self._files.get(file.content) if isinstance(file.content, str) else None
        if row is None or file.stamp is None:
            return None
        try:
            device, inode, size, mtime_ns, ctime_ns, digest, utf8, references = row
            if (device, inode, size, mtime_ns, ctime_ns) != file.stamp:
                return None
            checked = [] if references == [] else _check_references(references, file.stamp.size)
            asset = Asset(file, file.stamp, _check_digest(digest), utf8 is True, checked)
        except (TypeError, ValueError):
            return None
        self._found += 1
        return asset

    def save(self, assets: Iterable[Asset]) -> None:
        """Remember what is known of files, if any of it is new."""
        assets = [*assets]
        if self._store is None or self._found == len(assets) == len(self._files):
            return
        rows: dict[str, list[object]] = {}
        for asset in assets:
            path, stamp = asset.file.content, asset.stamp
            if isinstance(path, str) and is_steady(stamp, self._started):
                references = [[*reference] for reference in asset.references]
                rows[path] = [*stamp, asset.digest.hex(), asset.utf8, references]
        if rows != self._files:
            self._store.save(self._key, {"files": rows})


def _check_digest(text: object) -> bytes:
    digest = bytes.fromhex(text) if isinstance(text, str) else b""
    if len(digest) != _DIGEST_SIZE:
        raise ValueError("not a SHA-256")
    return digest


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
