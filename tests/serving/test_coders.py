"""Content codings: right bytes, the same from everywhere, and only where they are worth it."""

import gzip
import random
import zlib
from pathlib import Path

import brotli
import pytest

import servestatic
from servestatic.assets.coding import NAMES, worthwhile
from servestatic.serving.compression.coders import codings, encode_fast, find_fast

zstd = pytest.importorskip("backports.zstd")

TEXT = b"".join(path.read_bytes() for path in sorted(Path(servestatic.__file__).parent.rglob("*.py")))[:300_000]
NOISE = random.Random(1).randbytes(5000)
DECODE = {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": zstd.decompress}


def test_the_table() -> None:
    assert tuple(coding.name for coding in codings()) == NAMES == ("br", "zstd", "gzip")
    assert all(coding.coder for coding in codings())


@pytest.mark.parametrize("data", [b"", b"a", TEXT, NOISE], ids=["empty", "one", "css", "noise"])
def test_round_trip(data: bytes) -> None:
    for coding in codings():
        for encode in filter(None, (coding.best, find_fast().get(coding.name))):
            encoded = encode(data)
            assert DECODE[coding.name](encoded) == data
            assert encode(data) == encoded


def test_the_best_is_better() -> None:
    best = {coding.name: coding.best for coding in codings()}
    for name, encode in find_fast().items():
        assert len(best[name](TEXT)) <= len(encode(TEXT)) < len(TEXT)


@pytest.mark.parametrize("which", ["fast", "best"])
def test_gzip_says_nothing_of_when_and_where(which: str) -> None:
    (coding,) = [coding for coding in codings() if coding.name == "gzip"]
    header = (find_fast()["gzip"] if which == "fast" else coding.best)(TEXT)[:10]
    assert header[:4] == b"\x1f\x8b\x08\x00"
    assert header[4:8] == bytes(4)
    assert header[9] == 255


def test_only_what_shrinks_by_a_twentieth() -> None:
    assert worthwhile(100, 95)
    assert not worthwhile(100, 96)
    assert not worthwhile(0, 1)
    assert encode_fast(NOISE) == ()
    made = encode_fast(TEXT)
    assert {each.coding for each in made} == {"br", "gzip"}
    assert len({each.etag for each in made}) == 2


def window(frame: bytes) -> int:
    """Read the window of a zstd frame (RFC 8878 §3.1.1.1)."""
    descriptor = frame[4]
    if descriptor & 0x20:  # a single segment: the window is the content
        size = descriptor >> 6
        return int.from_bytes(frame[5 : 5 + (1, 2, 4, 8)[size]], "little") + (256 if size == 1 else 0)
    base = 1 << (10 + (frame[5] >> 3))
    return base + base // 8 * (frame[5] & 7)


@pytest.mark.parametrize("size", [1000, 300_000, 9_000_000, 20_000_000])
def test_zstd_windows_are_at_most_8_mb(size: int) -> None:
    """RFC 9659 §3."""
    (coding,) = [coding for coding in codings() if coding.name == "zstd"]
    data = zlib.compress(TEXT)
    data *= size // len(data) + 1
    assert window(coding.best(data[:size])) <= 8 * 1024 * 1024
