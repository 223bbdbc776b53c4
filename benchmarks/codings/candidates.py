"""What is compared: rows of a coding with its library and parameters."""

import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from benchmarks.lib.environments import CannotRunError
from servestatic.serving.compression.coders import codings, find_fast

Encode = Callable[[bytes], bytes]


class Candidate(NamedTuple):
    """A coding with its parameters; `slow` ones are measured once."""

    coding: str
    name: str
    encode: Encode
    slow: bool = False


def list_candidates() -> list[Candidate]:
    """Return all rows.

    Raises:
        CannotRunError: a library is missing.
    """
    try:
        brotli, deflate, zstd = import_module("brotli"), import_module("deflate"), _import_zstd()
    except ImportError as error:
        raise CannotRunError(f"{error}: pip install 'statictree[gzip,zstd]'") from error
    rows = [
        Candidate("br", f"brotli {quality}, window {window}", _brotli(brotli, quality, lgwin=window), quality > 9)
        for quality in (4, 5, 6, 9, 11)
        for window in (18, 22, 24)
    ]
    text = _brotli(brotli, 11, lgwin=22, mode=brotli.MODE_TEXT)
    rows.append(Candidate("br", "brotli 11, window 22, for text", text, slow=True))
    rows += [
        Candidate("gzip", f"zlib {level}, memory {memory}", _zlib(level, memory))
        for level in (6, 9)
        for memory in (8, 9)
    ]
    rows += [Candidate("gzip", f"libdeflate {level}", _libdeflate(deflate, level)) for level in (6, 9, 10, 11, 12)]
    rows += [
        Candidate("zstd", f"zstd {level}, window 23", _zstd(zstd, level, 23), level > 9)
        for level in (3, 9, 12, 13, 15, 16, 17, 19, 22)
    ]
    rows.append(Candidate("zstd", "zstd 22, window 27", _zstd(zstd, 22, 27), slow=True))
    return rows


# What the package uses.
CHOSEN = {
    "brotli 5, window 22": "fast",
    "brotli 11, window 22": "best",
    "zlib 6, memory 9": "fast",
    "libdeflate 10": "best, with the extra `gzip`",
    "zlib 9, memory 9": "best, without",
    "zstd 13, window 23": "best",
}


def check_chosen(candidates: list[Candidate], data: bytes) -> None:
    """Compare `CHOSEN` with the package: the same bytes, but for gzip's header.

    Raises:
        CannotRunError: the package uses other parameters.
    """
    encode = {candidate.name: candidate.encode for candidate in candidates}
    uses = {"br": ("brotli 5, window 22", "brotli 11, window 22"), "gzip": ("zlib 6, memory 9", "libdeflate 10")}
    uses["zstd"] = ("", "zstd 13, window 23")
    for row in codings():
        for own, name in zip((find_fast().get(row.name), row.best), uses[row.name], strict=True):
            if own and name and own(data)[10:] != encode[name](data)[10:]:
                raise CannotRunError(f"servestatic's {row.name} is no longer {name}: correct candidates.py.")


def _import_zstd() -> Any:
    try:
        return import_module("compression.zstd")
    except ImportError:
        return import_module("backports.zstd")


def _brotli(library: Any, quality: int, **options: int) -> Encode:
    return lambda data: bytes(library.compress(data, quality=quality, **options))


def _zlib(level: int, memory: int) -> Encode:
    # The header has ten bytes. Python's gzip module uses memory level 8.
    return lambda data: _deflate(zlib.compressobj(level, zlib.DEFLATED, 31, memory), data)


def _deflate(compressor: Any, data: bytes) -> bytes:
    return bytes(compressor.compress(data) + compressor.flush())


def _libdeflate(library: Any, level: int) -> Encode:
    return lambda data: bytes(library.gzip_compress(data, level))


def _zstd(library: Any, level: int, window: int) -> Encode:
    parameter = library.CompressionParameter
    options = {parameter.compression_level: level, parameter.window_log: window}
    return lambda data: bytes(library.compress(data, options=options))
