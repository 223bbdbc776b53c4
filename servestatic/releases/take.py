"""Codings that exist already: in the store, or in a place."""

from servestatic.assets.coding import ContentCoding, name_object
from servestatic.disk.read import read_body
from servestatic.releases.coding_table import MakeCoding, encode_best
from servestatic.releases.history import History
from servestatic.store import Store


def take_or(encode: MakeCoding = encode_best, *, history: History, store: Store | None = None) -> MakeCoding:
    """Return a function that takes codings from the store, then from a place, and makes the others."""

    def take(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        stored = store.get(name_object(digest, coding)) if store else None
        taken = read_body(stored.body) if stored else None
        if taken is None:
            taken = history.take(digest, coding, data)
        return encode(digest, coding, data) if taken is None else taken

    return take
