"""How to read and write the fields that decide an answer: one typed value per field.

Every reader is total (malformed text counts as absent, RFC 9110 §§8.8.3, 13.1, 14.2) and takes time linear in the
length of its text: regular expressions are anchored and possessive, lists are split once.
"""

import re
from calendar import timegm
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from servestatic.http.message import Fields

# ------------------------------------------------------------ entity tags, RFC 9110 §§8.8.3, 13.1.1, 13.1.2

ANY = "*"
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*+"'
_TAGS = re.compile(rf"[ \t,]*+{_TAG}(?:[ \t]*+,[ \t,]*+{_TAG})*+[ \t,]*+\Z")
_ONE_TAG = re.compile(_TAG)


def read_entity_tags(text: str | None) -> tuple[str, ...] | None:
    """Return a list of entity tags as they are written, `("*",)` for any, None if absent or malformed."""
    if text is None:
        return None
    if text.strip(" \t") == ANY:
        return (ANY,)
    return tuple(_ONE_TAG.findall(text)) if _TAGS.match(text) else None


def match_weakly(tags: Iterable[str], etag: str) -> bool:
    """Compare as If-None-Match does (§8.8.3.2): `W/"a"` matches `"a"`."""
    opaque = etag.removeprefix("W/")
    return any(tag == ANY or tag.removeprefix("W/") == opaque for tag in tags)


def match_strongly(tags: Iterable[str], etag: str) -> bool:
    """Compare as If-Match and If-Range do (§8.8.3.2): weak tags match nothing."""
    return any(tag in (ANY, etag) for tag in tags) and not etag.startswith("W/")


# ------------------------------------------------------------------------------ HTTP dates, RFC 9110 §5.6.7

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"


@cache  # compiled on first use, since a start takes only milliseconds
def _dates() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of IMF-fixdate and of the two obsolete forms that a recipient must accept."""
    days = "|".join(_DAYS)
    return (
        re.compile(rf"(?:{days}), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT\Z"),
        re.compile(rf"[A-Z][a-z]{{5,8}}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT\Z"),
        re.compile(rf"(?:{days}) {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})\Z"),
    )


def read_date(text: str | None) -> int | None:
    """Read an HTTP date as seconds since 1970, UTC; None if it is absent, malformed or not in the calendar."""
    if text is None:
        return None
    match = next((match for form in _dates() if (match := form.match(text))), None)
    if match is None:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 2000 if year < 70 else 1900  # POSIX's window: a sliding one needs a clock, and this function is pure
    second = min(int(match["second"]), 59)  # a leap second counts as the one before it
    try:
        moment = datetime(
            year,
            _MONTHS.index(match["month"]) + 1,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            second,
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return timegm(moment.timetuple()) if int(match["second"]) <= 60 else None


def revalidated(fields: Fields) -> Fields:
    """Have an immutable answer revalidated (RFC 9111 §5.2.2.4), because a better one will take its place soon.

    An answer without a coding, sent before one was made, would otherwise be in a shared cache for a year.
    """
    return tuple((name, _revalidate(value)) if name == "Cache-Control" else (name, value) for name, value in fields)


def _revalidate(cache_control: str) -> str:
    words = cache_control.split(", ")
    kept = [word for word in words if word not in ("public", "immutable") and "max" not in word]
    return ", ".join(["no-cache", *kept]) if "immutable" in words else cache_control


def write_date(seconds: int) -> str:
    """Write seconds since 1970, UTC, as an IMF-fixdate. The year must be 1 to 9999."""
    moment = datetime.fromtimestamp(seconds, UTC)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} GMT"


# ------------------------------------------------------------------------------------ Range, RFC 9110 §14


class ByteRange(NamedTuple):
    """The bytes from `start` up to, but not including, `stop`."""

    start: int
    stop: int


UNSATISFIABLE = ByteRange(-1, -1)
# 256 digits are enough for the size of any file; int() of an unbounded text takes quadratic time, or raises.
_RANGE = re.compile(r"[bB][yY][tT][eE][sS]=[ \t,]*+([0-9]{0,256}+)-([0-9]{0,256}+)[ \t,]*+\Z")


def read_range(text: str | None, length: int) -> ByteRange | None:
    """Return the range that a request wants of a representation of `length` bytes.

    None means that the server ignores the field: it is absent, malformed, in another unit, or has several ranges,
    which §14.2 allows to be answered with the whole. `UNSATISFIABLE` means 416.
    """
    match = _RANGE.match(text or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return _read_suffix(int(match[2]), length)
    start, last = int(match[1]), int(match[2] or length)
    if match[2] and last < start:
        return None
    return ByteRange(start, min(last + 1, length)) if start < length else UNSATISFIABLE


def _read_suffix(count: int, length: int) -> ByteRange | None:
    if count and not length:
        return None  # satisfiable by §14.1.2, but no Content-Range can express it: send the whole, which is empty
    return ByteRange(max(length - count, 0), length) if count else UNSATISFIABLE
