"""Which files are sent as their difference from an earlier version, and what the versions of a file have in common."""

from servestatic.assets.media_types import media_type
from servestatic.assets.names import encode, insert_fingerprint, split_fingerprint, split_hash
from servestatic.http.dictionary import offer_dictionary
from servestatic.http.message import Fields

MAX_LENGTH = 8 * 1024 * 1024  # bytes of either version: the window that every client has for both (RFC 9842 §5)
MIN_LENGTH = 1024  # bytes; of less, the fields would outweigh what is saved
_KINDS = frozenset({"text/javascript", "text/css", "application/json", "image/svg+xml", "application/wasm"})


def has_deltas(name: str, length: int) -> bool:
    """Return whether a content-named file is sent as a difference, by its name and length."""
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


def find_common(public: str) -> tuple[str, str] | None:
    """Return what comes before and after the part of a content-named file's name that differs between versions."""
    if parts := split_fingerprint(public):
        return parts[0], ""
    return split_hash(public)
