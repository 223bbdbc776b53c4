"""Rewriting on demand: a start only finds out what to write, which takes little memory.

What edits make is an object of the store. Its key follows from the source's digest and the edits, so that the next
start neither reads the source nor rewrites it, and what is lost is made again. Without a store it stays in memory while
it is in use.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator

from servestatic.assets.fingerprint import Edit, rewrite
from servestatic.disk.read import read_blob
from servestatic.http.message import Blob, Memory, Slice
from servestatic.releases.rows import Edits
from servestatic.store import Store

_FORMAT = b"servestatic rewriting 1\n"  # a change of what edits do must change this
_EDIT = struct.Struct("<QQI")  # start, stop, length of the text that follows


def pack_edits(edits: Iterable[Edit]) -> Edits:
    """Pack edits into a third of the memory."""
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
    """Applies edits, or finds what they made before."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def rewrite(self, digest: bytes, edits: Edits, source: Memory | Slice | None) -> Blob | None:
        """Return what edits make of the source with a digest; None without source and object, or edits."""
        key = hashlib.sha256(_FORMAT + digest + edits).hexdigest()
        stored = self._store.get(key) if self._store else None
        if stored is None:
            data = source and read_blob(source, digest)  # verified: other processes rely on what is in the store
            if data is None:
                return None
            try:
                made = rewrite(data, [*unpack_edits(edits)])
            except ValueError:  # of a snapshot that no start of ours has written
                return None
            stored = self._store.put(key, made) if self._store else None
            if stored is None:
                return Blob(Memory(made), len(made), hashlib.sha256(made).digest())
        return stored
