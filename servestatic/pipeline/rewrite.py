"""Rewriting on demand: a start only makes the edits, which take little memory.

The rewritten bytes are an object of the store. Its key is made of the source's digest and the edits, so that the next
start neither reads the source nor rewrites it, and lost bytes are made again. Without a store, they stay in memory
while they are in use.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator

from servestatic.assets.fingerprint import Edit, rewrite
from servestatic.disk.read import read_blob
from servestatic.http.message import Blob, Memory, Slice
from servestatic.releases.rows import Edits
from servestatic.store import Store

_FORMAT = b"servestatic rewriting 1\n"  # change this when edits have another effect
_EDIT = struct.Struct("<QQI")  # start, stop, length of the text that follows


def pack_edits(edits: Iterable[Edit]) -> Edits:
    """Return edits packed: a third of the memory."""
    return b"".join(_EDIT.pack(start, stop, len(text)) + text for start, stop, text in edits)


def unpack_edits(packed: Edits) -> Iterator[Edit]:
    """Undo `pack_edits`.

    Raises:
        ValueError: they are damaged.
    """
    done = 0
    while done < len(packed):
        header = packed[done : done + _EDIT.size]
        if len(header) < _EDIT.size:
            raise ValueError("half an edit")
        start, stop, length = _EDIT.unpack(header)
        done += _EDIT.size + length
        yield Edit(start, stop, packed[done - length : done])
    if done > len(packed):
        raise ValueError("half an edit")


class Rewriter:
    """Applies edits, or finds their earlier result."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def rewrite(self, digest: bytes, edits: Edits, source: Memory | Slice | None) -> Blob | None:
        """Return the result of edits on the source with a digest; None if it cannot be made."""
        key = hashlib.sha256(_FORMAT + digest + edits).hexdigest()
        stored = self._store.get(key) if self._store else None
        if stored is None:
            data = source and read_blob(source, digest)  # verified: other processes rely on objects of the store
            if data is None:
                return None
            try:
                made = rewrite(data, [*unpack_edits(edits)])
            except ValueError:  # edits of a snapshot that was not written by us
                return None
            stored = self._store.put(key, made) if self._store else None
            if stored is None:
                return Blob(Memory(made), len(made), hashlib.sha256(made).digest())
        return stored
