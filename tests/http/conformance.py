"""What HTTP asks of an origin server of files, a row for each question: pure data.

`python -m docs.generate.http` makes the page docs/reference/http.md of it.

Words in a row's fields: `{E}` is the entity tag of the file as it is, `{E:br}` of its brotli coding; `{date}` is its
Last-Modified, `{date-1}` a second before it, `{date:asctime}` the same moment in another form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

APPLICATION = 299  # the status with which the wrapped application answers, untouched
ANY_CODING = ("*",)
FINGERPRINT = "url:"  # before a name: its fingerprinted URL


class Where(NamedTuple):
    """An expectation that is not one exact value: `text` describes it, `holds` decides."""

    text: str
    holds: Callable[[str | None], bool]


Expected: TypeAlias = str | Where | None  # None: the field must be absent


@dataclass(frozen=True)
class Row:
    """One request and its answer.

    Attributes:
        id: section of RFC 9110 (or 9111, or the Fetch standard) and what is asked.
        target: a name below /static/, or one after `url:` for its fingerprinted URL, or a request target as it is sent.
        status: of the answer.
        fields: of the request, in order; a name may come twice.
        file: the file whose bytes are sent and whose tags and dates the fields name.
        codings: of the body, the first that exists.
        part: bytes of the representation that a 206 carries, half-open.
        expected: fields of the answer beyond those that its status and file imply (see `judge`).
        root: where the application is mounted (ASGI root_path, WSGI SCRIPT_NAME).
    """

    id: str
    target: str
    status: int
    fields: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    file: str = ""
    codings: tuple[str, ...] = ("identity",)
    part: tuple[int, int] | None = None
    expected: Mapping[str, Expected] = field(default_factory=dict)
    root: str = ""


class Group(NamedTuple):
    """Rows that answer one question."""

    title: str
    rows: tuple[Row, ...]


def ask(status: int, id: str, target: str, *lines: str, **more: object) -> Row:  # noqa: A002 # it is the row's own word
    """Make a row from request field lines such as `Range: bytes=0-0`; unknown keywords are expected fields."""
    method = str(more.pop("method", "GET"))
    file = str(more.pop("file", "" if target.startswith("/") else target.removeprefix(FINGERPRINT)))
    codings = more.pop("codings", None) or (more.pop("coding", "identity"),)
    part, root = more.pop("part", None), str(more.pop("root", ""))
    pairs = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    expected = {name.replace("_", "-"): value for name, value in more.items()}
    return Row(id, target, status, pairs, method, file, codings, part, expected, root)  # type: ignore[arg-type] # the keywords are what the dataclass names


def whole(id: str, target: str, *lines: str, **more: object) -> Row:  # noqa: A002
    return ask(200, id, target, *lines, **more)


def part(id: str, start: int, stop: int, target: str, *lines: str, **more: object) -> Row:  # noqa: A002
    return ask(206, id, target, *lines, part=(start, stop), **more)


def not_modified(id: str, target: str, *lines: str, **more: object) -> Row:  # noqa: A002
    return ask(304, id, target, *lines, **more)


def failed(id: str, target: str, *lines: str, **more: object) -> Row:  # noqa: A002
    return ask(412, id, target, *lines, **more)


def unsatisfiable(id: str, length: int, target: str, *lines: str, **more: object) -> Row:  # noqa: A002
    return ask(416, id, target, *lines, content_range=f"bytes */{length}", **more)


def passed(id: str, target: str, *lines: str, **more: object) -> Row:  # noqa: A002
    return ask(APPLICATION, id, target, *lines, **more)


def missing(id: str, target: str, *lines: str, **more: object) -> Row:  # noqa: A002
    return ask(404, id, target, *lines, cache_control="no-store", **more)


# ------------------------------------------------------------------------------------------------------- §14

_T = "thousand.bin"
_DIGITS = "9" * 5000

RANGES = (
    part("§14.1.2 first byte", 0, 1, _T, "Range: bytes=0-0"),
    part("§14.1.2 one byte", 5, 6, _T, "Range: bytes=5-5"),
    part("§14.1.2 last byte, as suffix", 999, 1000, _T, "Range: bytes=-1"),
    part("§14.1.2 last byte, open", 999, 1000, _T, "Range: bytes=999-"),
    part("§14.1.2 last byte, closed", 999, 1000, _T, "Range: bytes=999-999"),
    part("§14.1.2 first half", 0, 500, _T, "Range: bytes=0-499"),
    part("§14.1.2 second half", 500, 1000, _T, "Range: bytes=500-"),
    part("§14.1.2 all, closed", 0, 1000, _T, "Range: bytes=0-999"),
    part("§14.1.2 all, open", 0, 1000, _T, "Range: bytes=0-"),
    part("§14.1.2 all, as suffix", 0, 1000, _T, "Range: bytes=-1000"),
    part("§14.1.2 last beyond the end", 999, 1000, _T, "Range: bytes=999-5000"),
    part("§14.1.2 last one beyond the end", 0, 1000, _T, "Range: bytes=0-1000"),
    part("§14.1.2 suffix longer than the file", 0, 1000, _T, "Range: bytes=-5000"),
    part("§14.1.2 last far beyond the end", 0, 1000, _T, "Range: bytes=0-99999999999999999999999"),
    part("§14.1.2 leading zeros", 1, 3, _T, "Range: bytes=0001-002"),
    part("§14.1.1 unit in another case", 0, 2, _T, "Range: Bytes=0-1"),
    part("§14.1.1 unit in capitals", 0, 2, _T, "Range: BYTES=0-1"),
    part("§5.6.1.2 empty list members", 0, 2, _T, "Range: bytes=,0-1,"),
    part("§5.6.1.2 empty list members with space", 0, 2, _T, "Range: bytes=0-1, ,"),
    unsatisfiable("§14.1.2 suffix of zero", 1000, _T, "Range: bytes=-0"),
    unsatisfiable("§14.1.2 first at the end", 1000, _T, "Range: bytes=1000-"),
    unsatisfiable("§14.1.2 first at the end, closed", 1000, _T, "Range: bytes=1000-1000"),
    unsatisfiable("§14.1.2 first far beyond the end", 1000, _T, "Range: bytes=99999999999999999999999-"),
    whole("§14.1.2 last before first", _T, "Range: bytes=5-4"),
    whole("§14.1.2 last before first, beyond the end", _T, "Range: bytes=5000-4000"),
    whole("§14.2 negative last", _T, "Range: bytes=0--1"),
    whole("§14.2 two signs", _T, "Range: bytes=--1"),
    whole("§14.2 letters", _T, "Range: bytes=abc"),
    whole("§14.2 letters for digits", _T, "Range: bytes=a-b"),
    whole("§14.2 empty", _T, "Range: "),
    whole("§14.2 unit alone", _T, "Range: bytes"),
    whole("§14.2 no range", _T, "Range: bytes="),
    whole("§14.2 dash alone", _T, "Range: bytes=-"),
    whole("§14.2 commas alone", _T, "Range: bytes=,,"),
    whole("§14.2 no dash", _T, "Range: bytes=5"),
    whole("§14.2 plus sign", _T, "Range: bytes=+1-2"),
    whole("§14.2 underscore in digits", _T, "Range: bytes=1_0-20"),
    whole("§14.2 digit that is no ASCII", _T, "Range: bytes=0-²"),
    whole("§14.2 hexadecimal", _T, "Range: bytes=0x0-0x1"),
    whole("§14.2 fraction", _T, "Range: bytes=0-1.5"),
    whole("§14.2 space around the dash", _T, "Range: bytes=0 - 1"),
    whole("§14.2 space before the equals sign", _T, "Range: bytes =0-1"),
    whole("§14.2 colon for the equals sign", _T, "Range: bytes:0-1"),
    whole("§14.2 parameter", _T, "Range: bytes=0-1;q=1"),
    whole("§14.2 trailing letters", _T, "Range: bytes=0-1x"),
    whole("§14.2 5,000 digits", _T, f"Range: bytes=0-{_DIGITS}"),
    whole("§14.2 5,000 digits first", _T, f"Range: bytes={_DIGITS}-"),
    whole("§14.2 unknown unit", _T, "Range: items=0-1"),
    whole("§14.2 unknown unit with the same ending", _T, "Range: kilobytes=0-1"),
    whole("§14.3 none is no unit to ask for", _T, "Range: none=0-1"),
    whole("§14.2 two ranges", _T, "Range: bytes=0-499,500-999"),
    whole("§14.2 two distant ranges", _T, "Range: bytes=0-0, -1"),
    whole("§14.2 overlapping ranges", _T, "Range: bytes=0-,0-,0-,0-"),
    whole("§14.2 500 ranges", _T, "Range: bytes=" + ",".join(f"{n}-{n}" for n in range(500))),
    whole("§14.2 one good range, one beyond the end", _T, "Range: bytes=0-1,5000-"),
    whole("§5.3 two field lines", _T, "Range: bytes=0-1", "Range: bytes=2-3"),
    unsatisfiable("§14.1.2 empty file, open", 0, "empty.txt", "Range: bytes=0-"),
    unsatisfiable("§14.1.2 empty file, closed", 0, "empty.txt", "Range: bytes=0-0"),
    whole("§14.1.2 empty file, suffix", "empty.txt", "Range: bytes=-1"),
    unsatisfiable("§14.1.2 empty file, suffix of zero", 0, "empty.txt", "Range: bytes=-0"),
    whole("§14.2 HEAD ignores Range", _T, "Range: bytes=0-0", method="HEAD", content_length="1000", content_range=None),
    whole("§14.2 HEAD ignores an unsatisfiable Range", _T, "Range: bytes=1000-", method="HEAD", content_length="1000"),
    whole("§14.3 Accept-Ranges", _T, accept_ranges="bytes"),
    part("§14.4 a large file, first byte", 0, 1, "large.bin", "Range: bytes=0-0"),
    part("§14.4 a large file, last byte", 716_799, 716_800, "large.bin", "Range: bytes=-1"),
    part("§14.4 a large file, across reads", 262_000, 530_000, "large.bin", "Range: bytes=262000-529999"),
    part("§14.4 a large file, exactly one read", 262_144, 524_288, "large.bin", "Range: bytes=262144-524287"),
    part("§14.4 a large file, to its end", 300_000, 716_800, "large.bin", "Range: bytes=300000-"),
    part("§14.4 a large file, all", 0, 716_800, "large.bin", "Range: bytes=0-"),
    part("§14.4 a large file, but for the last byte", 0, 716_799, "large.bin", "Range: bytes=0-716798"),
    unsatisfiable("§14.4 a large file, beyond the end", 716_800, "large.bin", "Range: bytes=716800-"),
    part("§14.2 of a fingerprinted URL", 10, 20, "url:thousand.bin", "Range: bytes=10-19"),
    part("§14.2 of rewritten bytes", 0, 10, "url:site.css", "Range: bytes=0-9"),
)

_BR = "Accept-Encoding: br"
_GZIP = "Accept-Encoding: gzip"
_BROWSER = "Accept-Encoding: gzip, deflate, br"

RANGES_AND_CODINGS = (
    part("§14.2 identity where br is taken too", 0, 10, "app.css", "Range: bytes=0-9", _BR),
    part("§14.2 identity for a browser", 100, 200, "large.css", "Range: bytes=100-199", _BROWSER),
    part(
        "§14.2 br where identity is refused", 0, 10, "app.css", "Range: bytes=0-9", _BR + ", identity;q=0", coding="br"
    ),
    part("§14.2 gzip where all else is refused", 0, 5, "app.css", "Range: bytes=0-4", _GZIP + ", *;q=0", coding="gzip"),
    unsatisfiable("§15.5.17 length of identity", 8000, "app.css", "Range: bytes=900000-", _BR),
    part("§13.1.5 continues br", 10, 20, "app.css", "Range: bytes=10-19", "If-Range: {E:br}", _BR, coding="br"),
    part(
        "§13.1.5 continues br of a large file",
        9,
        11,
        "large.css",
        "Range: bytes=9-10",
        "If-Range: {E:br}",
        _BR,
        coding="br",
    ),
    part("§13.1.5 continues gzip", 10, 20, "app.css", "Range: bytes=10-19", "If-Range: {E:gzip}", _BR, coding="gzip"),
    part("§13.1.5 continues identity", 10, 20, "app.css", "Range: bytes=10-19", "If-Range: {E}", _BR),
    whole("§13.1.5 weak tag of br", "app.css", "Range: bytes=10-19", "If-Range: W/{E:br}", _BR, coding="br"),
    whole("§13.1.5 another tag, br taken", "app.css", "Range: bytes=10-19", 'If-Range: "x"', _BR, coding="br"),
)

IF_RANGE = (
    part("§13.1.5 strong tag", 0, 1, _T, "Range: bytes=0-0", "If-Range: {E}"),
    part("§13.1.5 exact date", 0, 1, _T, "Range: bytes=0-0", "If-Range: {date}"),
    part("§13.1.5 early in 1970", 0, 1, "early.txt", "Range: bytes=0-0", "If-Range: Thu, 01 Jan 1970 00:00:02 GMT"),
    whole("§13.1.5 zero is no date", "epoch.txt", "Range: bytes=0-0", "If-Range: Thu, 01 Jan 1970 00:00:00 GMT"),
    unsatisfiable("§13.1.5 true, and the range beyond the end", 1000, _T, "Range: bytes=1000-", "If-Range: {E}"),
    whole("§13.1.5 false, and the range beyond the end", _T, "Range: bytes=1000-", 'If-Range: "x"'),
    whole("§13.1.5 another tag", _T, "Range: bytes=0-0", 'If-Range: "x"'),
    whole("§13.1.5 weak tag", _T, "Range: bytes=0-0", "If-Range: W/{E}"),
    whole("§13.1.5 earlier date", _T, "Range: bytes=0-0", "If-Range: {date-1}"),
    whole("§13.1.5 later date", _T, "Range: bytes=0-0", "If-Range: {date+1}"),
    whole("§13.1.5 garbage", _T, "Range: bytes=0-0", "If-Range: garbage"),
    whole("§13.1.5 empty", _T, "Range: bytes=0-0", "If-Range: "),
    whole("§13.1.5 unquoted tag", _T, "Range: bytes=0-0", "If-Range: x"),
    whole("§13.1.5 star is no validator", _T, "Range: bytes=0-0", "If-Range: *"),
    whole("§13.1.5 a list is no validator", _T, "Range: bytes=0-0", 'If-Range: {E}, "x"'),
    whole("§13.1.5 no date where bytes have none", "url:site.css", "Range: bytes=0-0", "If-Range: {date}"),
    whole("§13.1.5 without Range", _T, 'If-Range: "x"'),
    whole("§13.1.5 HEAD", _T, "Range: bytes=0-0", "If-Range: {E}", method="HEAD"),
)

# ------------------------------------------------------------------------------------------------------- §13

_EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"
_EARLY = "Thu, 01 Jan 1970 00:00:02 GMT"

IF_NONE_MATCH = (
    not_modified("§13.1.2 the tag", _T, "If-None-Match: {E}"),
    not_modified("§13.1.2 the tag, weak", _T, "If-None-Match: W/{E}"),
    not_modified("§13.1.2 last of a list", _T, 'If-None-Match: "x", {E}'),
    not_modified("§13.1.2 first of a list", _T, 'If-None-Match: {E},"x"'),
    not_modified("§13.1.2 list with weak members", _T, 'If-None-Match: W/"x" , W/{E}'),
    not_modified("§13.1.2 any", _T, "If-None-Match: *"),
    not_modified("§8.8.3 comma within a tag", _T, 'If-None-Match: "a,b", {E}'),
    not_modified("§5.6.1.2 empty list members", _T, "If-None-Match: ,, {E} ,"),
    not_modified("§5.3 two field lines", _T, 'If-None-Match: "x"', "If-None-Match: {E}"),
    not_modified("§13.1.2 long list", _T, "If-None-Match: " + '"0123456789abcdef", ' * 300 + "{E}"),
    not_modified("§13.1.2 HEAD", _T, "If-None-Match: {E}", method="HEAD"),
    not_modified("§13.1.2 fingerprinted URL", "url:app.css", "If-None-Match: {E}"),
    not_modified("§13.1.2 rewritten bytes", "url:site.css", "If-None-Match: {E}"),
    not_modified("§13.1.2 empty file", "empty.txt", "If-None-Match: {E}"),
    not_modified("§13.1.2 large file", "large.bin", "If-None-Match: {E}"),
    not_modified("§13.1.2 tag of br", "app.css", "If-None-Match: {E:br}", _BR, coding="br"),
    not_modified("§13.1.2 tag of br, as a browser asks", "app.css", "If-None-Match: {E:br}", _BROWSER, coding="br"),
    not_modified("§13.1.2 tag of gzip", "app.css", "If-None-Match: {E:gzip}", _GZIP, coding="gzip"),
    not_modified("§13.1.2 tag of br, weak, in a list", "app.css", 'If-None-Match: "x", W/{E:br}', _BR, coding="br"),
    not_modified("§13.1.2 tag of br of a large file", "large.css", "If-None-Match: {E:br}", _BR, coding="br"),
    whole("§13.1.2 tag of br, identity asked for", "app.css", "If-None-Match: {E:br}"),
    whole("§13.1.2 tag of identity, br asked for", "app.css", "If-None-Match: {E}", _BR, coding="br"),
    whole("§13.1.2 another tag", _T, 'If-None-Match: "x"'),
    whole("§8.8.3 tag within another tag", _T, 'If-None-Match: "x{E}"'),
    whole("§8.8.3 tags are case-sensitive", _T, 'If-None-Match: "A", w/{E}'),
    whole("§8.8.3 unquoted", _T, "If-None-Match: garbage"),
    whole("§8.8.3 quote not closed", _T, 'If-None-Match: "garbage'),
    whole("§8.8.3 empty tag", _T, 'If-None-Match: ""'),
    whole("§8.8.3 empty field", _T, "If-None-Match: "),
    whole("§8.8.3 no comma between tags", _T, 'If-None-Match: "x" {E}'),
    whole("§13.1.2 any among others", _T, 'If-None-Match: "x", *'),
    whole("§13.1.3 ignored beside another tag", _T, 'If-None-Match: "x"', "If-Modified-Since: {date}"),
    whole("§13.1.3 ignored beside another tag, later", _T, 'If-None-Match: "x"', "If-Modified-Since: {date+1}"),
)

IF_MODIFIED_SINCE = (
    not_modified("§13.1.3 the date", _T, "If-Modified-Since: {date}"),
    not_modified("§13.1.3 later", _T, "If-Modified-Since: {date+1}"),
    not_modified("§13.1.3 the last year", _T, "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT"),
    not_modified("§13.1.3 HEAD", _T, "If-Modified-Since: {date}", method="HEAD"),
    not_modified("§13.1.3 early in 1970", "early.txt", f"If-Modified-Since: {_EARLY}"),
    whole("§13.1.3 earlier in 1970", "early.txt", f"If-Modified-Since: {_EPOCH}"),
    whole("§13.1.3 zero is no date", "epoch.txt", f"If-Modified-Since: {_EPOCH}"),
    not_modified("§5.6.7 RFC 850 form", _T, "If-Modified-Since: {date:rfc850}"),
    not_modified("§5.6.7 asctime form", _T, "If-Modified-Since: {date:asctime}"),
    not_modified("§5.6.7 leap second", _T, "If-Modified-Since: Sat, 31 Dec 2033 23:59:60 GMT"),
    not_modified("§13.1.3 br", "app.css", "If-Modified-Since: {date}", _BR, coding="br"),
    whole("§13.1.3 earlier", _T, "If-Modified-Since: {date-1}"),
    whole("§13.1.3 before 1970", _T, "If-Modified-Since: Wed, 31 Dec 1969 23:59:59 GMT"),
    whole("§13.1.3 before 1970, file of 1970", "early.txt", "If-Modified-Since: Wed, 31 Dec 1969 23:59:59 GMT"),
    whole("§13.1.3 bytes without a date", "url:site.css", "If-Modified-Since: {date}"),
    whole("§5.6.7 garbage", _T, "If-Modified-Since: garbage"),
    whole("§5.6.7 empty", _T, "If-Modified-Since: "),
    whole("§5.6.7 a number", _T, "If-Modified-Since: 9999999999"),
    whole("§5.6.7 no day of the calendar", _T, "If-Modified-Since: Thu, 31 Feb 2030 00:00:00 GMT"),
    whole("§5.6.7 hour 25", _T, "If-Modified-Since: Tue, 01 Jan 2030 25:00:00 GMT"),
    whole("§5.6.7 year 0", _T, "If-Modified-Since: Sat, 01 Jan 0000 00:00:00 GMT"),
    whole("§5.6.7 year of five digits", _T, "If-Modified-Since: Sat, 01 Jan 20300 00:00:00 GMT"),
    whole("§5.6.7 overflowing", _T, "If-Modified-Since: Sat, 99 Jan 9999 99:99:99 GMT"),
    whole("§5.6.7 digits that are no ASCII", _T, "If-Modified-Since: Tue, ²¹ Jan 2030 00:00:00 GMT"),
    whole("§5.6.7 another zone", _T, "If-Modified-Since: Tue, 01 Jan 2030 00:00:00 EST"),
    whole("§5.6.7 an offset", _T, "If-Modified-Since: Tue, 01 Jan 2030 00:00:00 +0000"),
    whole("§5.6.7 ISO 8601", _T, "If-Modified-Since: 2030-01-01T00:00:00Z"),
    whole("§13.1.3 more than one member", _T, "If-Modified-Since: {date}", "If-Modified-Since: {date}"),
    whole("§5.6.7 with a length parameter", _T, "If-Modified-Since: {date}; length=1000"),
)

PRECONDITIONS = (
    whole("§13.1.1 the tag", _T, "If-Match: {E}"),
    whole("§13.1.1 in a list", _T, 'If-Match: "x", {E}'),
    whole("§13.1.1 any", _T, "If-Match: *"),
    whole("§13.1.1 tag of br", "app.css", "If-Match: {E:br}", _BR, coding="br"),
    whole("§13.1.1 HEAD", _T, "If-Match: {E}", method="HEAD"),
    whole("§13.1.1 malformed counts as absent", _T, "If-Match: garbage"),
    failed("§13.1.1 another tag", _T, 'If-Match: "x"'),
    failed("§13.1.1 the tag, weak", _T, "If-Match: W/{E}"),
    failed("§13.1.1 tag of another coding", "app.css", "If-Match: {E:gzip}", _BR),
    failed("§13.1.1 HEAD and another tag", _T, 'If-Match: "x"', method="HEAD"),
    failed("§13.1.1 fingerprinted URL", "url:app.css", 'If-Match: "x"'),
    whole("§13.1.4 the date", _T, "If-Unmodified-Since: {date}"),
    whole("§13.1.4 later", _T, "If-Unmodified-Since: {date+1}"),
    whole("§13.1.4 garbage", _T, "If-Unmodified-Since: garbage"),
    whole("§13.1.4 early in 1970", "early.txt", f"If-Unmodified-Since: {_EARLY}"),
    whole("§13.1.4 zero is no date", "epoch.txt", "If-Unmodified-Since: Wed, 31 Dec 1969 23:59:59 GMT"),
    failed("§13.1.4 earlier", _T, "If-Unmodified-Since: {date-1}"),
    failed("§13.1.4 earlier than 1970", "early.txt", "If-Unmodified-Since: Wed, 31 Dec 1969 23:59:59 GMT"),
    failed("§13.1.4 HEAD", _T, "If-Unmodified-Since: {date-1}", method="HEAD"),
    whole("§13.1.4 ignored beside If-Match", _T, "If-Match: {E}", "If-Unmodified-Since: {date-1}"),
    failed("§13.2.2 If-Match before If-None-Match", _T, 'If-Match: "x"', "If-None-Match: {E}"),
    failed("§13.2.2 If-Unmodified-Since comes first", _T, "If-None-Match: {E}", "If-Unmodified-Since: {date-1}"),
    failed(
        "§13.2.2 the same, as a browser asks", "app.css", "If-None-Match: {E:br}", "If-Unmodified-Since: {date-1}", _BR
    ),
    failed("§13.2.2 If-Match before Range", _T, 'If-Match: "x"', "Range: bytes=0-0"),
    failed("§13.2.2 If-Match before an unsatisfiable Range", _T, 'If-Match: "x"', "Range: bytes=5000-"),
    not_modified("§13.2.2 If-Match true, If-None-Match false", _T, "If-Match: {E}", "If-None-Match: {E}"),
    not_modified("§13.2.2 If-Match true, not modified", _T, "If-Match: {E}", "If-Modified-Since: {date}"),
    not_modified("§13.2.2 If-None-Match before Range", _T, "If-None-Match: {E}", "Range: bytes=0-0"),
    not_modified("§13.2.2 before an unsatisfiable Range", _T, "If-None-Match: {E}", "Range: bytes=5000-"),
    not_modified("§13.2.2 If-Modified-Since before Range", _T, "If-Modified-Since: {date}", "Range: bytes=0-0"),
    part(
        "§13.2.2 all true, with Range",
        0,
        1,
        _T,
        "If-Match: {E}",
        'If-None-Match: "x"',
        "If-Range: {E}",
        "Range: bytes=0-0",
    ),
    part("§13.2.2 If-Match and Range", 0, 1, _T, "If-Match: {E}", "Range: bytes=0-0"),
    ask(204, "§13.2.1 OPTIONS has no preconditions", _T, 'If-Match: "x"', method="OPTIONS"),
    ask(405, "§13.2.1 no preconditions on what is refused", _T, 'If-Match: "x"', method="PUT"),
    missing("§13.2.1 no preconditions on what is missing", "/static/app.000000000000.css", "If-None-Match: *"),
)

# ------------------------------------------------------------------------------------------------------- §12


def _encodings(number: str, field_text: str, *codings: str) -> Row:
    shown = field_text if len(field_text) < 60 else f"{field_text[:40]}… ({len(field_text)} bytes)"
    return whole(f"§12.5.3 {number} {shown}", "app.css", f"Accept-Encoding: {field_text}", codings=codings)


_ID, _B, _G = "identity", "br", "gzip"

CODINGS = (
    whole("§12.5.3 absent", "app.css"),
    _encodings("empty", "", _ID),
    _encodings("refused:", "gzip;q=0", _ID),
    _encodings("refused:", "gzip;q=0, br;q=0", _ID),
    _encodings("refused:", "gzip;q=0.000", _ID),
    _encodings("refused:", "gzip;Q=0", _ID),
    _encodings("refused:", "x-gzip;q=0, gzip", _ID),
    _encodings("refused once:", "gzip;q=0, gzip;q=1", _ID),
    _encodings("refused once:", "gzip, br, gzip;q=0", _B),
    _encodings("weights:", "br;q=0, gzip", _G),
    _encodings("weights:", "br;q=0.1, gzip;q=1", _G),
    _encodings("weights:", "br;q=0.001, gzip;q=0.002", _G),
    _encodings("weights:", "br;q=1.000, gzip;q=0.999", _B),
    _encodings("weights:", "gzip;q=0., br;q=1.", _B),
    _encodings("weights:", "identity, gzip;q=0.5", _ID),
    _encodings("weights:", "identity;q=0.5, gzip;q=0.6", _G),
    _encodings("weights:", "gzip;q=0.5", _G),
    _encodings("equal, the smaller:", "gzip, br", _B),
    _encodings("equal, the smaller:", "identity, gzip", _G),
    _encodings("equal, the smaller:", "identity;q=0.5, br;q=0.5", _B),
    _encodings("identity refused:", "identity;q=0", _ID),
    _encodings("all refused:", "*;q=0", _ID),
    _encodings("all refused:", "identity;q=0, br;q=0, gzip;q=0, zstd;q=0", _ID),
    _encodings("identity refused:", "identity;q=0, gzip", _G),
    _encodings("all but one refused:", "br, *;q=0", _B),
    _encodings("any:", "*", *ANY_CODING),
    _encodings("any but:", "*, br;q=0, zstd;q=0", _G),
    _encodings("any, less:", "identity, *;q=0.1", _ID),
    _encodings("any, less:", "gzip, *;q=0.5", _G),
    _encodings("case:", "GZIP", _G),
    _encodings("case:", "Br", _B),
    _encodings("alias:", "x-gzip", _G),
    _encodings("alias:", "X-GZip;q=0.5", _G),
    _encodings("unknown:", "abbr, xgzip", _ID),
    _encodings("unknown:", "compress, deflate", _ID),
    _encodings("unknown:", "compress, deflate, gzip;q=0.1", _G),
    _encodings("zstd:", "zstd", "zstd", _ID),
    _encodings("zstd:", "zstd, gzip;q=0.9", "zstd", _G),
    _encodings("malformed:", "gzip;q=foo", _ID),
    _encodings("malformed:", "br;q=2", _ID),
    _encodings("malformed:", "br;q=1.001", _ID),
    _encodings("malformed:", "br;q=0.0001", _ID),
    _encodings("malformed:", "br;q=-1", _ID),
    _encodings("malformed:", "br;q=", _ID),
    _encodings("malformed:", "br;q", _ID),
    _encodings("malformed:", "br;", _ID),
    _encodings("malformed:", "br; q = 1", _ID),
    _encodings("malformed:", "br;level=5", _ID),
    _encodings("malformed:", "br;q=.5", _ID),
    _encodings("malformed:", "br;q=¹", _ID),
    _encodings("malformed:", '"gzip"', _ID),
    _encodings("malformed:", "br gzip", _ID),
    _encodings("malformed:", "br;q=1;q=1", _ID),
    _encodings("malformed beside a good one:", "gzip;q=foo, br", _B),
    _encodings("space:", "gzip ; q=0.5 ,\tbr ;\tq=0.9", _B),
    _encodings("empty members:", ", gzip,,", _G),
    _encodings("browser:", "gzip, deflate, br", _B),
    _encodings("browser:", "gzip, deflate", _G),
    _encodings("long:", "gzip;q=0.5, " * 850 + "br", _B),
    _encodings("long and malformed:", "gzip;" * 2000, _ID),
    _encodings("long, one token:", "g" * 10_000, _ID),
    whole("§5.3 two field lines", "app.css", "Accept-Encoding: gzip;q=0.5", "Accept-Encoding: br", coding="br"),
    whole("§5.3 two field lines, one refuses", "app.css", "Accept-Encoding: gzip", "Accept-Encoding: gzip;q=0"),
    whole("§12.5.3 large file", "large.js", _BROWSER, coding="br"),
    whole("§12.5.3 large file, large in br, too", "large.css", _BR, coding="br"),
    whole("§12.5.3 large file, gzip", "large.js", _GZIP, coding="gzip"),
    whole("§12.5.3 HEAD", "app.css", _BROWSER, method="HEAD", coding="br"),
    whole("§12.5.3 fingerprinted URL", "url:app.css", _BROWSER, coding="br"),
    whole("§12.5.3 rewritten bytes", "url:site.css", _BROWSER, coding="br"),
    whole("§12.5.3 font", "text.ttf", _BROWSER, coding="br"),
    whole("§12.5.5 no Vary where nothing varies", _T, _BROWSER, vary=None, content_encoding=None),
    whole("§12.5.5 compressed type", "pixel.png", _BROWSER, vary=None, content_encoding=None),
    whole("§12.5.5 no coding saves 5 %", "tiny.css", _BROWSER, vary=None, content_encoding=None),
    whole("§12.5.5 empty file", "empty.txt", _BROWSER, vary=None, content_encoding=None),
    whole("§12.5.5 200", "app.css", vary="Accept-Encoding"),
    whole("§12.5.5 HEAD", "app.css", method="HEAD", vary="Accept-Encoding"),
    part("§12.5.5 206", 0, 1, "app.css", "Range: bytes=0-0", vary="Accept-Encoding"),
    not_modified("§12.5.5 304", "app.css", "If-None-Match: {E}", vary="Accept-Encoding"),
    failed("§12.5.5 412", "app.css", 'If-Match: "x"', vary="Accept-Encoding"),
    unsatisfiable("§12.5.5 416", 8000, "app.css", "Range: bytes=8000-", vary="Accept-Encoding"),
)

# --------------------------------------------------------------------------------------------------- §8, §9, §15

_NOT_LATER = Where("not later than now", lambda value: value is None or " 2100 " not in value)


def _type(name: str, media_type: str) -> Row:
    return whole(f"§8.3 {name}", name, content_type=media_type)


METADATA = (
    _type("app.css", "text/css; charset=utf-8"),
    _type("large.js", "text/javascript; charset=utf-8"),
    _type("module.mjs", "text/javascript; charset=utf-8"),
    _type("common.cjs", "text/javascript; charset=utf-8"),
    _type("page.html", "text/html; charset=utf-8"),
    _type("empty.txt", "text/plain; charset=utf-8"),
    _type("notes.md", "text/markdown; charset=utf-8"),
    _type("latin.css", "text/css"),
    _type("UPPER.CSS", "text/css; charset=utf-8"),
    _type("data.json", "application/json"),
    _type("app.js.map", "application/json"),
    _type("app.webmanifest", "application/manifest+json"),
    _type("import.importmap", "application/importmap+json"),
    _type("program.wasm", "application/wasm"),
    _type("icon.svg", "image/svg+xml"),
    _type("pixel.png", "image/png"),
    _type("photo.avif", "image/avif"),
    _type("photo.jxl", "image/jxl"),
    _type("model.glb", "model/gltf-binary"),
    _type("text.woff2", "font/woff2"),
    _type("text.ttf", "font/ttf"),
    _type("film.mp4", "video/mp4"),
    _type("document.pdf", "application/pdf"),
    _type("thousand.bin", "application/octet-stream"),
    _type("LICENSE", "application/octet-stream"),
    whole("§8.3 a compressed archive", "archive.tar.gz", _GZIP, content_type="application/gzip", content_encoding=None),
    whole("§8.4 a .css.gz is no text", "other.css.gz", _GZIP, content_type="application/gzip", content_encoding=None),
    whole("§8.6 Content-Length", _T, content_length="1000"),
    whole("§8.6 Content-Length of nothing", "empty.txt", content_length="0"),
    whole("§8.6 Content-Length of a large file", "large.bin", content_length="716800"),
    whole("§8.8.2 Last-Modified", _T, last_modified="{date}"),
    whole("§8.8.2 Last-Modified early in 1970", "early.txt", last_modified=_EARLY),
    whole("§8.8.2 zero, as reproducible builds set it, is no date", "epoch.txt", last_modified=None),
    whole("§8.8.2 one, as reproducible builds set it, is no date", "reproducible.txt", last_modified=None),
    whole("§8.8.2.1 Last-Modified not in the future", "future.txt", last_modified=_NOT_LATER),
    whole("§8.8.2 no date of its own", "url:site.css", last_modified=None),
    whole("§8.8.2 fingerprinted, not rewritten", "url:app.css", last_modified="{date}"),
    whole("RFC 9111 §5.2.2.1 plain URL", "app.css", cache_control="max-age=60"),
    whole("RFC 9111 §5.2.2.4 page", "page.html", cache_control="no-cache"),
    whole("RFC 9111 §5.2.2.4 page by the URL for pages", "url:page.html", cache_control="no-cache"),
    whole("§8.8.2 page, rewritten: no date of its own", "linked.html", last_modified=None),
    whole("§12.5.3 page, rewritten", "linked.html", _BROWSER, coding="br"),
    not_modified("§13.1.2 page, rewritten", "linked.html", "If-None-Match: {E}"),
    part("§14.2 page, rewritten", 60, 70, "linked.html", "Range: bytes=60-69"),
    whole("a field for some files", "document.pdf", x_robots_tag="noindex"),
    part("a field for some files, 206", 0, 1, "document.pdf", "Range: bytes=0-0", x_robots_tag="noindex"),
    not_modified("a field for some files, 304", "document.pdf", "If-None-Match: {E}", x_robots_tag=None),
    whole("RFC 8246 fingerprinted URL", "url:app.css", cache_control="max-age=31536000, immutable"),
    whole("RFC 8246 rewritten bytes", "url:site.css", cache_control="max-age=31536000, immutable"),
    not_modified("RFC 9111 §4.3.4 304", "app.css", "If-None-Match: {E}", cache_control="max-age=60"),
    not_modified("RFC 8246 304", "url:app.css", "If-None-Match: {E}", cache_control="max-age=31536000, immutable"),
    whole("Fetch §3.3 any origin may read", "app.css", "Origin: https://example.org", access_control_allow_origin="*"),
    whole("Fetch §3.3 fonts", "text.woff2", access_control_allow_origin="*"),
    whole("Fetch §3.6 the type is not guessed", _T, x_content_type_options="nosniff"),
)

_ALLOW = "GET, HEAD, OPTIONS"


def _refused(method: str, target: str = _T) -> Row:
    return ask(405, f"§15.5.6 {method} on {target}", target, method=method, allow=_ALLOW)


METHODS = (
    whole("§9.3.1 GET", _T),
    whole("§9.3.1 GET of a large file", "large.bin"),
    whole("§9.3.1 GET with a query", "/static/thousand.bin?v=1&x=%2e%2e", file=_T),
    whole("§9.3.2 HEAD", _T, method="HEAD", content_length="1000"),
    whole("§9.3.2 HEAD of a large file", "large.bin", method="HEAD", content_length="716800"),
    whole("§9.3.2 HEAD of an empty file", "empty.txt", method="HEAD", content_length="0"),
    *(_refused(method) for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "BREW", "QUERY")),
    _refused("POST", "url:app.css"),
    _refused("DELETE", "large.css"),
    ask(405, "§9.1 methods are case-sensitive", _T, method="Get", allow=_ALLOW),
    ask(405, "§15.5.6 no store of a refusal", _T, method="POST", cache_control="no-store"),
    ask(405, "§15.5.6 POST to a missing release", "/static/app.000000000000.css", method="POST", allow=_ALLOW),
    ask(204, "§9.3.7 OPTIONS", _T, method="OPTIONS", allow=_ALLOW, access_control_allow_methods=None),
    ask(204, "§9.3.7 OPTIONS on a missing release", "/static/app.000000000000.css", method="OPTIONS", allow=_ALLOW),
    ask(
        204,
        "Fetch §3.3.2 preflight",
        "text.woff2",
        "Origin: https://example.org",
        "Access-Control-Request-Method: GET",
        method="OPTIONS",
        allow=_ALLOW,
        access_control_allow_methods=_ALLOW,
        access_control_max_age="86400",
        access_control_allow_headers=None,
    ),
    ask(
        204,
        "Fetch §3.3.2 preflight with request headers",
        _T,
        "Origin: https://example.org",
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: range, x-trace",
        method="OPTIONS",
        access_control_allow_headers="range, x-trace",
    ),
    ask(
        204,
        "Fetch §3.3.2 preflight with malformed headers",
        _T,
        "Origin: https://example.org",
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: <script>",
        method="OPTIONS",
        access_control_allow_headers=None,
    ),
    passed("§9.3.7 OPTIONS on what is no file", "/static/nothing.css", method="OPTIONS"),
    passed("§9.3.3 POST to what is no file", "/api", method="POST"),
)

MISSING = (
    missing("§15.5.5 unknown release", "/static/app.000000000000.css"),
    missing("§15.5.5 unknown release, HEAD", "/static/app.000000000000.css", method="HEAD"),
    missing("§15.5.5 unknown release, Range", "/static/app.000000000000.css", "Range: bytes=0-0"),
    missing("§15.5.5 unknown release, browser", "/static/app.000000000000.css", _BROWSER, content_encoding=None),
    missing("§15.5.5 unknown release, query", "/static/app.000000000000.css?v=1"),
    missing("§15.5.5 unknown release in a folder", "/static/sub/deep/file.ffffffffffff.txt"),
    missing("§15.5.5 unknown release without extension", "/static/LICENSE.000000000000"),
    missing("§15.5.5 fingerprint of another file", "/static/thousand.{fingerprint:app.css}.bin"),
    whole("§15.3.1 a file called like a fingerprint", "vendor.0123456789ab.js"),
    missing("§15.5.5 fingerprint of no known name", "/static/unknown.000000000000.css"),
    missing("§15.5.5 pages have no fingerprints", "/static/page.000000000000.html"),
    passed("§15.5.5 fingerprint in capitals", "/static/app.00000000000A.css"),
    passed("§15.5.5 fingerprint too short", "/static/app.00000000000.css"),
    passed("§15.5.5 fingerprint too long", "/static/app.0000000000000.css"),
)

FOLDERS = (
    whole("index file", "/static/sub/", file="sub/index.html", content_type="text/html; charset=utf-8"),
    whole("index file, with a query", "/static/sub/?a=1", file="sub/index.html"),
    whole("index file, by its own name", "sub/index.html"),
    not_modified("index file, not modified", "/static/sub/", "If-None-Match: {E}", file="sub/index.html"),
    ask(308, "§15.4.9 folder without slash", "/static/sub", location="./sub/", cache_control="no-cache"),
    ask(308, "§15.4.9 query kept", "/static/sub?a=1&b=%2F%3f", location="./sub/?a=1&b=%2F%3f"),
    ask(308, "§15.4.9 HEAD", "/static/sub", method="HEAD", location="./sub/"),
    ask(308, "§10.2.2 relative, below a mount", "/sub/static/sub?x", root="/sub", location="./sub/?x"),
    ask(308, "§10.2.2 a folder that is not ASCII", "/static/b%C3%BCcher", location="./b%C3%BCcher/"),
    ask(308, "§10.2.2 a folder that looks like a scheme", "/static/a:b", location="./a:b/"),
    ask(308, "§10.2.2 no other host", "/static/sub?//evil.example", location="./sub/?//evil.example"),
    ask(405, "§15.5.6 POST to a folder", "/static/sub", method="POST", allow=_ALLOW),
    ask(204, "§9.3.7 OPTIONS on a folder", "/static/sub", method="OPTIONS", allow=_ALLOW),
    passed("folder without index file", "/static/sub/deep"),
    passed("folder without index file, slash", "/static/sub/deep/"),
    passed("no folder", "/static/nowhere/"),
    passed("two slashes", "/static/sub//"),
    passed("slashes before it", "/static//sub"),
    passed("not the folder of another host", "/static//evil.example/"),
)

# ------------------------------------------------------------------------------------------------------ paths


def _named(encoded: str, name: str) -> Row:
    return whole(f"§4.2.3 {encoded if len(encoded) < 60 else encoded[:50] + '…'}", f"/static/{encoded}", file=name)


PATHS = (
    _named("%C3%BCn%C3%AF%20c.txt", "ünï c.txt"),
    _named("%c3%bcn%c3%af%20c.txt", "ünï c.txt"),
    _named("%E6%97%A5%E6%9C%AC%E8%AA%9E.txt", "日本語.txt"),
    _named("u%CC%88ni%CC%88%20c.txt", "ünï c.txt"),
    _named("%C3%85ngstr%C3%B6m.txt", "Ångström.txt"),
    _named("A%CC%8Angstro%CC%88m.txt", "Ångström.txt"),
    _named("100%25.txt", "100%.txt"),
    _named("a%2520b.txt", "a%20b.txt"),
    _named("a%20b.txt", "a b.txt"),
    _named("a%23b.txt", "a#b.txt"),
    _named("a%3Fb.txt", "a?b.txt"),
    _named("a+b.txt", "a+b.txt"),
    _named("a%2Bb.txt", "a+b.txt"),
    _named("a;b.txt", "a;b.txt"),
    _named("a%3Bb.txt", "a;b.txt"),
    _named("a&b=c.txt", "a&b=c.txt"),
    _named("a%27b%22c.txt", "a'b\"c.txt"),
    _named("a:b@c,d!$(e)*~f.txt", "a:b@c,d!$(e)*~f.txt"),
    _named("back%5Cslash.txt", "back\\slash.txt"),
    _named("%61pp%2Ecss", "app.css"),
    _named("sub%2Fdeep%2ffile.txt", "sub/deep/file.txt"),
    _named("sub/deep/file.txt", "sub/deep/file.txt"),
    whole("§4.2.3 fingerprinted name, encoded", "url:ünï c.txt"),
    whole("§4.2.3 fingerprinted name with a percent sign", "url:100%.txt"),
    whole("§4.2.3 fingerprinted name with a question mark", "url:a?b.txt"),
    whole("RFC 8615 .well-known", ".well-known/security.txt"),
    whole("§4.2.3 a mount at the root", "/robots.txt", file="robots.txt"),
    whole("links within a source", "inside.bin"),
    *(
        passed(f"not collected: {path}", f"/static/{path}")
        for path in (
            ".env",
            ".git/config",
            "backup.txt~",
            "CVS/Entries",
            "outside.txt",
            "dangling.txt",
            "pipe.txt",
            "loop/app.css",
        )
    ),
    *(
        passed(f"no file: {path if len(path) < 60 else path[:30] + '…'}", path)
        for path in (
            "/",
            "/static",
            "/static/",
            "/static/folder.css",
            "/static/folder.css/",
            "/static/missing.js",
            "/static/missing.css",
            "/static/APP.css",
            "/static/upper.css",
            "/static/app.css/",
            "/static/app.css/foo",
            "/static/thousand.bin%2F",
            "/static/app.css.gz",
            "/static/app.css.br",
            "/static/app.css%00",
            "/static/%00app.css",
            "/static/app.css%00.png",
            "/static/app.css%0a",
            "/static/%01%1f%7f",
            "/static/app.css%20",
            "/static/app.css.",
            "/static/%FF%FE",
            "/static/app%C3.css",
            "/static/%C0%AE%C0%AE/outside.txt",
            "/static/%ED%A0%80.txt",
            "/static/../outside.txt",
            "/static/sub/../app.css",
            "/static/./app.css",
            "/static/sub/deep/../../app.css",
            "/static/%2e%2e/outside.txt",
            "/static/%2e%2e%2foutside.txt",
            "/static/..%2foutside.txt",
            "/static/..%5coutside.txt",
            "/static/%252e%252e%252foutside.txt",
            "/static/%252e%252e/outside.txt",
            "/static/..;/outside.txt",
            "/static//app.css",
            "//static/app.css",
            "/static//etc/passwd",
            "/static/%2fetc%2fpasswd",
            "/static/file:///etc/passwd",
            "/static/C:/Windows/win.ini",
            "/static/C:%5CWindows%5Cwin.ini",
            "/static/NUL",
            "/static/CON.txt",
            "/static/app.css::$DATA",
            "/static/sub%5cdeep%5cfile.txt",
            "/staticfoo/secret.txt",
            "/static/../staticfoo/secret.txt",
            "/static/100%2525.txt",
            "/static/a%252520b.txt",
            "/static/" + "a" * 300 + ".txt",
            "/static/" + "a/" * 8000 + "b.txt",
            "/static/" + "%C3%A9" * 2000,
            "/static/" + "../" * 500 + "etc/passwd",
            "/static/app.css;jsessionid=1",
            "/STATIC/app.css",
        )
    ),
)

MOUNTS = (
    whole("mounted, by the full path", "/sub/static/app.css", root="/sub", file="app.css"),
    whole("mounted, by the path below", "/static/app.css", root="/sub", file="app.css"),
    whole("mounted, not ASCII", "/%C3%BC/static/%C3%BCn%C3%AF%20c.txt", root="/ü", file="ünï c.txt"),
    part("mounted, a range", 0, 1, "/sub/static/thousand.bin", "Range: bytes=0-0", root="/sub", file=_T),
    missing("mounted, unknown release", "/sub/static/app.000000000000.css", root="/sub"),
    passed("mounted, no file", "/sub/static/nothing.css", root="/sub"),
    passed("mounted twice", "/sub/sub/static/app.css", root="/sub"),
    passed("a mount of another name", "/subway/static/app.css"),
    passed("not mounted there", "/sub/static/app.css"),
)

GROUPS = (
    Group("Ranges (§14)", RANGES),
    Group("Ranges and content codings (§14.2)", RANGES_AND_CODINGS),
    Group("If-Range (§13.1.5)", IF_RANGE),
    Group("If-None-Match (§13.1.2)", IF_NONE_MATCH),
    Group("If-Modified-Since (§13.1.3)", IF_MODIFIED_SINCE),
    Group("If-Match, If-Unmodified-Since and the order of preconditions (§13.2.2)", PRECONDITIONS),
    Group("Content codings (§12.5.3)", CODINGS),
    Group("Representation metadata (§8) and freshness", METADATA),
    Group("Methods (§9)", METHODS),
    Group("Files that are not here (§15.5.5)", MISSING),
    Group("Folders and redirects (§15.4.9)", FOLDERS),
    Group("Paths", PATHS),
    Group("Mounted applications", MOUNTS),
)


def _number(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Make every id unique, in order."""
    seen: dict[str, int] = {}
    numbered = []
    for row in rows:
        seen[row.id] = seen.get(row.id, 0) + 1
        numbered.append(row if seen[row.id] == 1 else replace(row, id=f"{row.id} ({seen[row.id]})"))
    return tuple(numbered)


ROWS = _number(tuple(row for group in GROUPS for row in group.rows))
