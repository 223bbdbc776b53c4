"""What a content coding is, and when one is worth sending. Which there are: see `serving.compression.coders`."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from servestatic.assets.media_types import media_type

Encode: TypeAlias = Callable[[bytes], bytes]
NAMES = ("br", "zstd", "gzip")  # what a client may ask for, installed here or not: builds come from other machines
MAX_CODED = 64 * 1024 * 1024  # bytes; more is sent as it is: to encode it, all of it has to be in memory


class ContentCoding(NamedTuple):
    """One content coding (RFC 9110 §8.4.1).

    Attributes:
        name: as in Accept-Encoding.
        suffix: of files that hold it, such as `.br`.
        fast: encodes some 50 MB in a second, for the first request; None where only the best is worthwhile.
        best: encodes as small as is sensible.
        coder: library, version and parameters of `best`: what its bytes depend on.
    """

    name: str
    suffix: str
    fast: Encode | None
    best: Encode
    coder: str


def name_object(digest: bytes, coding: ContentCoding) -> str:
    """Name what a coder makes of bytes with this SHA-256, for the store: 64 hex digits."""
    return hashlib.sha256(digest + f"{coding.name}\n{coding.coder}\n".encode()).hexdigest()


def is_coded(name: str, length: int) -> bool:
    """Return whether codings of a file are worth a try, by its name and its length."""
    return 0 < length <= MAX_CODED and media_type(name).compressible


def worthwhile(length: int, encoded: int) -> bool:
    """Return whether a coding saves enough: at least 5 %."""
    return encoded <= 0.95 * length
