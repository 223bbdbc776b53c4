"""What a content coding is, and when it is worth sending. `serving.compression.coders` has those that exist."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from servestatic.assets.media_types import media_type

Encode: TypeAlias = Callable[[bytes], bytes]
Decode: TypeAlias = Callable[[bytes, int], bytes]  # at most so many bytes; raises ValueError if they are damaged
NAMES = ("br", "zstd", "gzip")  # all that a client may accept, installed or not, since builds come from other machines
MAX_CODED = 64 * 1024 * 1024  # bytes; longer files are sent as they are, since encoding needs all of them in memory
PACKET = 188  # bytes of each packet of an MPEG transport stream


class ContentCoding(NamedTuple):
    """A content coding (RFC 9110 §8.4.1).

    Attributes:
        name: as in Accept-Encoding.
        suffix: of the names of coded files, such as `.br`.
        best: encodes as small as is sensible.
        coder: library, version and parameters of `best`, which determine its output.
        decode: undoes it.
    """

    name: str
    suffix: str
    best: Encode
    coder: str
    decode: Decode


def name_object(digest: bytes, coding: ContentCoding) -> str:
    """Return the name under which the store keeps what a coder makes of bytes with this SHA-256: 64 hex digits."""
    return hashlib.sha256(digest + f"{coding.name}\n{coding.coder}\n".encode()).hexdigest()


def is_coded(name: str, length: int) -> bool:
    """Return whether a file is worth encoding, by its name and length.

    A `.ts` of whole packets is a film (ISO/IEC 13818-1 §2.4.3.2); any other is TypeScript.
    """
    kind = media_type(name)
    film = kind.essence == "video/mp2t" and length % PACKET == 0
    return 0 < length <= MAX_CODED and kind.compressible and not film


def worthwhile(length: int, encoded: int) -> bool:
    """Return whether a coding saves at least 5 %."""
    return encoded <= 0.95 * length
