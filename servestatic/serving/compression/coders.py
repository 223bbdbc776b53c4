"""Content codings as a table, and the table of coded representations that becomes better while the index stays frozen.

To add a coding, write a function that makes its row, and name it in `_TABLE`.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import NamedTuple, TypeAlias

from servestatic.assets.media_types import media_type
from servestatic.http.fields import IDENTITY
from servestatic.http.message import Memory, Slice
from servestatic.http.representation import Representation

Encode: TypeAlias = Callable[[bytes], bytes]
MAX_CODED = 64 * 1024 * 1024  # bytes; more is sent as it is: to encode it, all of it has to be in memory


class ContentCoding(NamedTuple):
    """One content coding (RFC 9110 §8.4.1).

    Attributes:
        name: as in Accept-Encoding.
        suffix: of files that hold it, such as `.br`.
        fast: encodes some 50 MB in a second, for the first request; None where the best alone is worth it.
        best: encodes as small as is sensible.
        coder: library, version and parameters of `best`: what its bytes depend on.
    """

    name: str
    suffix: str
    fast: Encode | None
    best: Encode
    coder: str


def _brotli(quality: int) -> Encode:
    def encode(data: bytes) -> bytes:
        import brotli

        encoded: bytes = brotli.compress(data, quality=quality, lgwin=22)
        return encoded

    return encode


def _zlib(level: int) -> Encode:
    def encode(data: bytes) -> bytes:
        # Our own header (RFC 1952: no name, no time, unknown system): the same bytes from every Python version.
        header = (
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" if level == 9 else b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
        )
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
        trailer = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
        return header + deflate.compress(data) + deflate.flush() + trailer

    return encode


def _libdeflate(library: ModuleType) -> Encode:
    # Level 12 takes twice as long for three bytes fewer in a thousand.
    return lambda data: bytes(library.gzip_compress(data, 10))


def _zstd(library: ModuleType) -> Encode:
    # RFC 9659 §3: browsers may refuse a window of more than 8 MB.
    parameters = library.CompressionParameter
    # Level 19 takes four times as long for five bytes fewer in a hundred, which next to brotli nobody is sent; 14 and
    # 15 take more memory.
    options = {parameters.compression_level: 13, parameters.window_log: 23}
    return lambda data: bytes(library.compress(data, options=options))


def _import(*names: str) -> ModuleType | None:
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _make_br() -> ContentCoding | None:
    if (library := _import("brotli")) is None:
        return None
    coder = f"brotli {library.__version__} quality 11 window 22"
    return ContentCoding("br", ".br", fast=_brotli(5), best=_brotli(11), coder=coder)


def _make_zstd() -> ContentCoding | None:
    if (library := _import("compression.zstd", "backports.zstd")) is None:
        return None
    coder = f"zstd {library.zstd_version} level 13 window 23"
    return ContentCoding("zstd", ".zst", fast=None, best=_zstd(library), coder=coder)


def _make_gzip() -> ContentCoding:
    library = _import("deflate")
    best, coder = (_libdeflate(library), "libdeflate level 10") if library else (_zlib(9), "zlib level 9")
    return ContentCoding("gzip", ".gz", fast=_zlib(6), best=best, coder=coder)


_TABLE: dict[str, Callable[[], ContentCoding | None]] = {"br": _make_br, "zstd": _make_zstd, "gzip": _make_gzip}
NAMES = tuple(_TABLE)  # what a client may ask for, whatever is installed here: a build may have been made elsewhere


@cache
def codings() -> tuple[ContentCoding, ...]:
    """Return a row for each coding whose library is installed, the libraries imported at the first call."""
    return tuple(row for make in _TABLE.values() if (row := make()))


def name_object(digest: bytes, coding: ContentCoding) -> str:
    """Name what a coder makes of bytes with this SHA-256, for the store: 64 hex digits."""
    return hashlib.sha256(digest + f"{coding.name}\n{coding.coder}\n".encode()).hexdigest()


def is_coded(name: str, length: int) -> bool:
    """Return whether codings of a file are worth a try, by its name and its length."""
    return 0 < length <= MAX_CODED and media_type(name).compressible


def worthwhile(length: int, encoded: int) -> bool:
    """Tell whether a coding saves enough: at least 5 %."""
    return encoded <= 0.95 * length


def entity_tag(digest: bytes) -> str:
    """Write the strong entity tag of bytes by their SHA-256: half of it, which nobody can forge or meet by chance."""
    return f'"{digest[:16].hex()}"'


def represent(coding: str, body: Memory | Slice, length: int, digest: bytes) -> Representation:
    """Return the representation of `length` bytes with this SHA-256."""
    return Representation(coding, body, length, entity_tag(digest))


def identity(body: Memory | Slice, length: int, digest: bytes) -> Representation:
    """Return the representation of bytes as they are."""
    return represent(IDENTITY, body, length, digest)


def encode_fast(data: bytes, without: frozenset[str] = frozenset()) -> tuple[Representation, ...]:
    """Make the fast coded representations of `data` that are worthwhile, but for those codings."""
    made = ((row.name, row.fast(data)) for row in codings() if row.fast and row.name not in without)
    return tuple(
        represent(name, Memory(encoded), len(encoded), hashlib.sha256(encoded).digest())
        for name, encoded in made
        if worthwhile(len(data), len(encoded))
    )


class Codings:
    """Coded representations by the SHA-256 of the bytes that they encode.

    Rows are replaced whole, so a reader sees an old row or a new one. `generation` grows with each replacement, and
    then `on_replace` tells whoever holds resources that they may be old.
    """

    __slots__ = ("_making", "_rows", "generation", "on_replace")

    SWEPT = 4096  # rows; each time that there are so many more, those that can be adopted again are forgotten

    def __init__(self) -> None:
        self._rows: dict[bytes, tuple[Representation, ...]] = {}
        self._making: dict[bytes, list[int]] = {}  # lengths of what is being encoded now
        self.generation = 0
        self.on_replace: Callable[[], object] = _tell_nobody

    def get(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the coded representations of the bytes with this digest; None if none were tried yet."""
        return self._rows.get(digest)

    def add(self, digest: bytes, representations: tuple[Representation, ...]) -> None:
        """Fill a row for the first time. No resource without it is wrong, so the generation stays."""
        if len(self._rows) % self.SWEPT == self.SWEPT - 1:
            self._sweep()
        self._rows[digest] = representations

    def is_made(self, digest: bytes) -> bool:
        """Return whether a thread makes a row now."""
        return digest in self._making

    @contextmanager
    def make(self, digest: bytes, length: int) -> Iterator[bool]:
        """Hold the only right to make a row of so many bytes; False if another thread has it.

        Rows of more than `MAX_CODED` bytes in all are not made at a time, since all of them are in memory.
        """
        mine = [length]
        if self._making.setdefault(digest, mine) is not mine:
            yield False
            return
        try:
            yield sum(each for (each,) in [*self._making.values()]) <= MAX_CODED
        finally:
            del self._making[digest]

    def _sweep(self) -> None:
        for digest, row in [*self._rows.items()]:
            if not any(isinstance(each.body, Memory) for each in row):
                self._rows.pop(digest, None)

    def drop(self, digest: bytes) -> None:
        """Empty a row of which something was lost. Whoever still has it finds that out by himself."""
        self._rows.pop(digest, None)

    def replace(self, digest: bytes, representations: tuple[Representation, ...]) -> None:
        """Replace a row. The row is there before the generation tells of it."""
        self._rows[digest] = representations
        self.generation += 1
        self.on_replace()


def _tell_nobody() -> None:
    pass
