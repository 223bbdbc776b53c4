"""The content codings: a row for each whose library is installed.

To add one, write a function that makes its row, and name it in `_TABLE`.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from servestatic.assets.coding import NAMES, ContentCoding, Decode, Encode, worthwhile
from servestatic.http.message import Blob, Memory
from servestatic.http.representation import Representation, represent
from servestatic.runtime.worker import leave_at_exit

_PART = 1024  # bytes that are decoded at a time, so that no bomb fills the memory
_STEP = 256 * 1024  # bytes that are encoded between two checks of whether the process ends


def _in_steps(compress: Callable[[bytes], bytes], data: bytes) -> bytes:
    """Compress data as one call does; between two steps, a thread ends if its process does."""
    encoded = bytearray()
    for start in range(0, len(data), _STEP):
        leave_at_exit()
        encoded += compress(data[start : start + _STEP])
    return bytes(encoded)


def _brotli(quality: int) -> Encode:
    def encode(data: bytes) -> bytes:
        import brotli

        compressor = brotli.Compressor(quality=quality, lgwin=22)
        return _in_steps(compressor.process, data) + bytes(compressor.finish())

    return encode


def _unbrotli(data: bytes, length: int) -> bytes:
    import brotli

    decoder, decoded = brotli.Decompressor(), bytearray()
    try:
        for start in range(0, len(data), _PART):
            decoded += decoder.process(data[start : start + _PART])
            if len(decoded) > length:
                break
    except brotli.error as error:
        raise ValueError(str(error)) from error
    return bytes(decoded[: length + 1])


def _gunzip(data: bytes, length: int) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, length + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _unzstd(library: ModuleType) -> Decode:
    def decode(data: bytes, length: int) -> bytes:
        try:
            return bytes(library.ZstdDecompressor().decompress(data, length + 1))
        except (library.ZstdError, EOFError) as error:
            raise ValueError(str(error)) from error

    return decode


def _zlib(level: int) -> Encode:
    def encode(data: bytes) -> bytes:
        # Our own header (RFC 1952: no name, no time, unknown system): the same bytes from every Python version.
        header = (
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" if level == 9 else b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
        )
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
        trailer = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
        return header + _in_steps(deflate.compress, data) + deflate.flush() + trailer

    return encode


def _libdeflate(library: ModuleType) -> Encode:
    # Level 12 takes twice as long for three bytes fewer in a thousand.
    return lambda data: bytes(library.gzip_compress(data, 10))


def _zstd(library: ModuleType) -> Encode:
    # RFC 9659 §3: browsers may refuse a window of more than 8 MB.
    parameters = library.CompressionParameter
    # Level 19 takes four times as long for 5 % fewer bytes, and few clients get zstd instead of brotli; levels 14
    # and 15 take more memory.
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
    return ContentCoding("br", ".br", best=_brotli(11), coder=coder, decode=_unbrotli)


_ZSTD = ("compression.zstd", "backports.zstd")  # of Python 3.14, and for those before it


def has_zstd() -> bool:
    """Return whether Zstandard is installed, without importing it, which takes 10 ms."""
    for name in ("_zstd", "backports.zstd"):  # Python may have been built without the first
        with suppress(ModuleNotFoundError):
            if find_spec(name):
                return True
    return False


@cache
def find_zstd() -> ModuleType | None:
    """Return the module of Zstandard, if one is installed."""
    return _import(*_ZSTD)


def _make_zstd() -> ContentCoding | None:
    if (library := find_zstd()) is None:
        return None
    coder = f"zstd {library.zstd_version} level 13 window 23"
    return ContentCoding("zstd", ".zst", best=_zstd(library), coder=coder, decode=_unzstd(library))


def _make_gzip() -> ContentCoding:
    library = _import("deflate")
    best, coder = (_libdeflate(library), "libdeflate level 10") if library else (_zlib(9), "zlib level 9")
    return ContentCoding("gzip", ".gz", best=best, coder=coder, decode=_gunzip)


_TABLE: dict[str, Callable[[], ContentCoding | None]] = {"br": _make_br, "zstd": _make_zstd, "gzip": _make_gzip}


@cache
def find_row(name: str) -> ContentCoding | None:
    """Return the row of a coding, if its library is installed."""
    return _TABLE[name]()


def each_coding() -> Iterator[ContentCoding]:
    """Yield a row for each coding whose library is installed, which is imported when its turn comes."""
    return (row for name in NAMES if (row := find_row(name)))


def codings() -> tuple[ContentCoding, ...]:
    """Return all rows."""
    return tuple(each_coding())


_FAST = {"br": ("brotli", _brotli(5)), "gzip": ("zlib", _zlib(6))}


@cache
def find_fast() -> Mapping[str, Encode]:
    """Return what encodes about 50 MB per second, for the first request, by the name of the coding."""
    return {name: encode for name, (library, encode) in _FAST.items() if _import(library)}


def encode_fast(data: bytes) -> tuple[Representation, ...]:
    """Make the fast coded representations of `data` that are worthwhile."""
    made = ((name, encode(data)) for name, encode in find_fast().items())
    return tuple(
        represent(name, Blob(Memory(encoded), len(encoded), hashlib.sha256(encoded).digest()))
        for name, encoded in made
        if worthwhile(len(data), len(encoded))
    )
