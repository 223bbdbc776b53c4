"""Content codings as a table, and the table of coded representations that becomes better while the index stays frozen.

To add a coding, write its row in `CODINGS` (and its name in the ranking of http/fields.py).
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from servestatic.http.fields import IDENTITY
from servestatic.http.message import Memory, Slice
from servestatic.http.representation import Representation


def _brotli(quality: int) -> Callable[[bytes], bytes]:
    def encode(data: bytes) -> bytes:
        import brotli

        encoded: bytes = brotli.compress(data, quality=quality, lgwin=22)
        return encoded

    return encode


def _gzip(level: int) -> Callable[[bytes], bytes]:
    def encode(data: bytes) -> bytes:
        # Our own header (RFC 1952: no name, no time, unknown system): the same bytes from every Python version.
        header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
        trailer = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
        return header + deflate.compress(data) + deflate.flush() + trailer

    return encode


def _zstd(level: int) -> Callable[[bytes], bytes | None]:
    def encode(data: bytes) -> bytes | None:
        zstd = _import_zstd()
        if zstd is None:
            return None
        # RFC 9659 §3: browsers may refuse a window of more than 8 MB.
        options = {zstd.CompressionParameter.compression_level: level, zstd.CompressionParameter.window_log: 23}
        encoded: bytes = zstd.compress(data, options=options)
        return encoded

    return encode


def _import_zstd() -> ModuleType | None:
    """Import zstd from the standard library (3.14) or the extra `zstd`."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


class ContentCoding(NamedTuple):
    """One content coding (RFC 9110 §8.4.1).

    Attributes:
        name: as in Accept-Encoding.
        suffix: of files that hold it, such as `.br`.
        fast: encodes in milliseconds; None where the library is not installed.
    """

    name: str
    suffix: str
    fast: Callable[[bytes], bytes | None]


CODINGS = (
    ContentCoding("br", ".br", _brotli(5)),
    ContentCoding("zstd", ".zst", _zstd(6)),
    ContentCoding("gzip", ".gz", _gzip(6)),
)


def worthwhile(length: int, encoded: int) -> bool:
    """Tell whether a coding saves enough: at least 5 %."""
    return encoded <= 0.95 * length


def entity_tag(digest: bytes) -> str:
    """Write the strong entity tag of bytes by their SHA-256: half of it, which nobody can forge or meet by chance."""
    return f'"{digest[:16].hex()}"'


def identity(body: Memory | Slice, length: int, digest: bytes) -> Representation:
    """Return the representation of bytes as they are."""
    return Representation(IDENTITY, body, length, entity_tag(digest))


def encode_fast(data: bytes) -> tuple[Representation, ...]:
    """Make the coded representations of `data` that are worthwhile, with each coding's fast parameters."""
    encoded = ((coding.name, coding.fast(data)) for coding in CODINGS)
    return tuple(
        Representation(name, Memory(each), len(each), entity_tag(hashlib.sha256(each).digest()))
        for name, each in encoded
        if each is not None and worthwhile(len(data), len(each))
    )


class Codings:
    """Coded representations by the SHA-256 of the bytes that they encode.

    Rows are replaced whole, so a reader sees an old row or a new one. `generation` grows with each replacement and
    tells holders of resources that theirs may be old.
    """

    __slots__ = ("_rows", "generation")

    def __init__(self, rows: Mapping[bytes, tuple[Representation, ...]]) -> None:
        self._rows = dict(rows)
        self.generation = 0

    def get(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the coded representations of the bytes with this digest; None if none were tried yet."""
        return self._rows.get(digest)

    def add(self, digest: bytes, representations: tuple[Representation, ...]) -> None:
        """Fill a row for the first time. No resource without it is wrong, so the generation stays."""
        self._rows[digest] = representations

    def replace(self, digest: bytes, representations: tuple[Representation, ...]) -> None:
        """Replace a row. The row is there before the generation tells of it."""
        self._rows[digest] = representations
        self.generation += 1
