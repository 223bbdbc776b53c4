"""Each field reader against a table of texts."""

from __future__ import annotations

import pytest

from servestatic.http.fields import (
    UNSATISFIABLE,
    ByteRange,
    match_strongly,
    match_weakly,
    read_date,
    read_entity_tags,
    read_range,
    revalidated,
    write_date,
)
from servestatic.http.preferences import read_accept_encoding

ALL = ("br", "zstd", "gzip", "identity")

# text → groups, whether identity is taken
RANKINGS: list[tuple[str | None, tuple[tuple[str, ...], ...], bool]] = [
    (None, (), True),
    ("", (), True),
    (" ", (), True),
    ("gzip", (("gzip",),), True),
    ("gzip, br", (("br", "gzip"),), True),
    ("gzip;q=0.5, br", (("br",), ("gzip",)), True),
    ("gzip;q=0.5,br;q=0.5,zstd;q=1", (("zstd",), ("br", "gzip")), True),
    ("*", (ALL,), True),
    ("*;q=0.1", (ALL,), True),
    ("*;q=0", (), False),
    ("identity;q=0", (), False),
    ("identity;q=0, *", (("br", "zstd", "gzip"),), False),
    ("identity, *;q=0", (("identity",),), True),
    ("br, *;q=0", (("br",),), False),
    ("br;q=0, *", (("zstd", "gzip", "identity"),), True),
    ("gzip;q=0", (), True),
    ("gzip;q=0, gzip", (), True),
    ("x-gzip", (("gzip",),), True),
    ("X-GZIP;Q=0.5", (("gzip",),), True),
    ("x-gzip;q=0, gzip", (), True),
    ("compress, deflate, abbr, xgzip", (), True),
    ("gzip;q=1.000", (("gzip",),), True),
    ("gzip;q=1.", (("gzip",),), True),
    ("gzip;q=0.001", (("gzip",),), True),
    ("gzip;q=0.", (), True),
    ("gzip;q=0.000", (), True),
    ("gzip;q=1.001", (), True),
    ("gzip;q=0.0001", (), True),
    ("gzip;q=00", (), True),
    ("gzip;q=01", (), True),
    ("gzip;q=2", (), True),
    ("gzip;q=-0", (), True),
    ("gzip;q=+1", (), True),
    ("gzip;q=1e0", (), True),
    ("gzip;q=nan", (), True),
    ("gzip;q=inf", (), True),
    ("gzip;q=0,5", (), True),
    ("gzip;q=", (), True),
    ("gzip;q", (), True),
    ("gzip;", (), True),
    ("gzip; q =1", (), True),
    ("gzip;q= 1", (), True),
    ("gzip\t;\tq=1\t", (("gzip",),), True),
    ("gzip;q=1;x=y", (), True),
    ("gzip;x=y", (), True),
    ("gzip br", (), True),
    ('"gzip"', (), True),
    ("gzip\x00", (), True),
    ("gzip\n", (), True),
    ("gzip;q=0.5\n", (), True),
    ("gzíp", (), True),
    ("gzip;q=٠", (), True),
    (",,gzip,,", (("gzip",),), True),
    (",", (), True),
]


@pytest.mark.parametrize(("text", "groups", "identity"), RANKINGS)
def test_accept_encoding(text: str | None, groups: tuple[tuple[str, ...], ...], identity: bool) -> None:
    ranking = read_accept_encoding(text, ("br", "zstd", "gzip"))
    assert (ranking.groups, ranking.identity) == (groups, identity)


TAGS: list[tuple[str | None, tuple[str, ...] | None]] = [
    (None, None),
    ("", None),
    ("*", ("*",)),
    (" * ", ("*",)),
    ('"a"', ('"a"',)),
    ('W/"a"', ('W/"a"',)),
    ('"a","b"', ('"a"', '"b"')),
    ('"a" , W/"b"', ('"a"', 'W/"b"')),
    (',, "a" ,\t,', ('"a"',)),
    ('"a,b", "c"', ('"a,b"', '"c"')),
    ('""', ('""',)),
    ('"é"', ('"é"',)),
    ('"\\"', ('"\\"',)),
    ('"*"', ('"*"',)),
    ('w/"a"', None),
    ('W/ "a"', None),
    ("W/", None),
    ("a", None),
    ('"a', None),
    ('a"', None),
    ('"a" "b"', None),
    ('"a""b"', None),
    ('"a", *', None),
    ('*, "a"', None),
    ('"a b"', None),
    ('"a\x7f"', None),
    ('"\u20ac"', None),
    ('"a"\n', None),
    (",", None),
]


@pytest.mark.parametrize(("text", "tags"), TAGS)
def test_entity_tags(text: str | None, tags: tuple[str, ...] | None) -> None:
    assert read_entity_tags(text) == tags


# §8.8.3.2: two tags, strong comparison, weak comparison
COMPARISONS = [
    ('W/"1"', 'W/"1"', False, True),
    ('W/"1"', 'W/"2"', False, False),
    ('W/"1"', '"1"', False, True),
    ('"1"', 'W/"1"', False, True),
    ('"1"', '"1"', True, True),
    ("*", '"1"', True, True),
    ('"W/"', '"W/"', True, True),
]


@pytest.mark.parametrize(("sent", "etag", "strong", "weak"), COMPARISONS)
def test_comparison(sent: str, etag: str, strong: bool, weak: bool) -> None:
    assert (match_strongly((sent,), etag), match_weakly((sent,), etag)) == (strong, weak)
    assert not match_strongly((), etag)
    assert not match_weakly((), etag)


DATES: list[tuple[str | None, int | None]] = [
    (None, None),
    ("", None),
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
    ("Sun Nov  6 08:49:37 1994", 784111777),
    ("Sun Nov 06 08:49:37 1994", 784111777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
    ("Mon, 01 Jan 0001 00:00:00 GMT", -62135596800),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799),
    ("Thursday, 01-Jan-70 00:00:00 GMT", 0),
    ("Wednesday, 31-Dec-69 00:00:00 GMT", 3155673600),
    ("Sat, 31 Dec 2016 23:59:60 GMT", 1483228799),
    ("Sat, 31 Dec 2016 23:59:61 GMT", None),
    ("Sat, 31 Dec 2016 23:60:00 GMT", None),
    ("Sat, 31 Dec 2016 24:00:00 GMT", None),
    ("Thu, 29 Feb 2024 00:00:00 GMT", 1709164800),
    ("Wed, 29 Feb 2023 00:00:00 GMT", None),
    ("Sat, 00 Jan 2000 00:00:00 GMT", None),
    ("Sat, 01 Jan 0000 00:00:00 GMT", None),
    ("Sat, 1 Jan 2000 00:00:00 GMT", None),
    ("sat, 01 jan 2000 00:00:00 gmt", None),
    ("Sat, 01 Jan 2000 00:00:00", None),
    ("Sat, 01 Jan 2000 00:00:00 UTC", None),
    ("Sat, 01 Jan 2000 00:00:00 GMT ", None),
    ("Sat, 01 Jan 2000 00:00:00 GMT\n", None),
    (" Sat, 01 Jan 2000 00:00:00 GMT", None),
    ("Sat,  01 Jan 2000 00:00:00 GMT", None),
    ("Sat, 01 Foo 2000 00:00:00 GMT", None),
    ("Sat, ٠١ Jan 2000 00:00:00 GMT", None),
    ("Sat, 01 Jan 20000 00:00:00 GMT", None),
    ("Sat Jan 2000", None),
    ("0", None),
    ("garbage", None),
]


@pytest.mark.parametrize(("text", "seconds"), DATES)
def test_dates(text: str | None, seconds: int | None) -> None:
    assert read_date(text) == seconds


@pytest.mark.parametrize("seconds", [0, -1, 784111777, 951782400, -62135596800, 253402300799])
def test_dates_written(seconds: int) -> None:
    text = write_date(seconds)
    assert len(text) == 29
    assert read_date(text) == seconds


# text, length → range
RANGES: list[tuple[str | None, int, ByteRange | None]] = [
    (None, 10, None),
    ("", 10, None),
    ("bytes=0-0", 10, ByteRange(0, 1)),
    ("bytes=0-9", 10, ByteRange(0, 10)),
    ("bytes=0-10", 10, ByteRange(0, 10)),
    ("bytes=9-", 10, ByteRange(9, 10)),
    ("bytes=10-", 10, UNSATISFIABLE),
    ("bytes=10-9", 10, None),
    ("bytes=11-12", 10, UNSATISFIABLE),
    ("bytes=-1", 10, ByteRange(9, 10)),
    ("bytes=-10", 10, ByteRange(0, 10)),
    ("bytes=-11", 10, ByteRange(0, 10)),
    ("bytes=-0", 10, UNSATISFIABLE),
    ("bytes=-00", 10, UNSATISFIABLE),
    ("bytes=-", 10, None),
    ("bytes=0-", 0, UNSATISFIABLE),
    ("bytes=-0", 0, UNSATISFIABLE),
    ("bytes=-1", 0, None),
    ("BYTES=1-2", 10, ByteRange(1, 3)),
    ("bytes=,,1-2,", 10, ByteRange(1, 3)),
    ("bytes=1-2,3-4", 10, None),
    ("bytes=1-2\n", 10, None),
    ("bytes=1-2 ", 10, ByteRange(1, 3)),
    ("bytes=1 -2", 10, None),
    ("bytes=+1-2", 10, None),
    ("bytes=1_0-20", 100, None),
    ("bytes=0-²", 10, None),
    ("bytes=0-٣", 10, None),
    ("bytes=0x1-2", 10, None),
    ("bytes=1.0-2", 10, None),
    ("bits=0-1", 10, None),
    ("bytes", 10, None),
    ("=0-1", 10, None),
    ("bytes=0-1,", 10, ByteRange(0, 2)),
    ("bytes=0-" + "9" * 256, 10, ByteRange(0, 10)),
    ("bytes=0-" + "9" * 257, 10, None),
    ("bytes=" + "0" * 5000 + "-1", 10, None),
    ("bytes=-" + "9" * 5000, 10, None),
]


@pytest.mark.parametrize(("text", "length", "expected"), RANGES, ids=lambda value: str(value)[:40])
def test_ranges(text: str | None, length: int, expected: ByteRange | None) -> None:
    assert read_range(text, length) == expected


# Cache-Control of an answer → of the same answer before codings are made.
FRESHNESS = [
    ("max-age=31536000, immutable", "no-cache"),
    ("public, max-age=31536000, s-maxage=9, immutable", "no-cache"),
    ("private, max-age=31536000, immutable", "no-cache, private"),
    ("max-age=60", "max-age=60"),
    ("no-cache", "no-cache"),
    ("no-store", "no-store"),
]


@pytest.mark.parametrize(("usual", "early"), FRESHNESS)
def test_revalidated(usual: str, early: str) -> None:
    kind = ("Content-Type", "text/css; charset=utf-8")
    assert revalidated((kind, ("Cache-Control", usual))) == (kind, ("Cache-Control", early))
