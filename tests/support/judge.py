"""The request of a row and the judgement of its answer: the same for the pure function and every adapter."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

import brotli

from servestatic.assets.media_types import media_type
from tests.http.conformance import ANY_CODING, APPLICATION, FINGERPRINT, Row, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.tree import Site

TAG = "{E}"


class Sent(NamedTuple):
    """A request as a client sends it: `target` is ASCII, with query; `root` is where the application is mounted."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    root: str = ""


class Exchange(NamedTuple):
    """An answer as a client receives it; names of fields are lower-case."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes


def resource_path(site: Site, row: Row) -> str:
    """Return the decoded URL path of the resource of a row."""
    if row.target.startswith(FINGERPRINT):
        return unquote(site.index.url(row.file))
    return "/robots.txt" if row.file == "robots.txt" else f"/static/{row.file}"


def request(site: Site, row: Row) -> Sent:
    """Return the request of a row, its words filled in."""
    if row.target.startswith("/"):
        target = row.target
        if "{fingerprint:" in target:
            head, _, rest = target.partition("{fingerprint:")
            name, _, tail = rest.partition("}")
            target = head + site.index.path(name).split(".")[-2] + tail
    else:
        target = quote(resource_path(site, row))
    fields = tuple((name, _fill(site, row, value)) for name, value in row.fields)
    return Sent(row.method, target, fields, row.root)


def _fill(site: Site, row: Row, text: str) -> str:
    if "{" not in text:
        return text
    tags = site.tags(resource_path(site, row))
    words = {"{E}": tags["identity"], **{f"{{E:{coding}}}": tag for coding, tag in tags.items()}}
    moment = parsedate_to_datetime(site.date(row.file))
    words["{date}"] = site.date(row.file)
    for word, seconds in (("{date-1}", -1), ("{date+1}", 1)):
        other = datetime.fromtimestamp(moment.timestamp() + seconds, UTC)
        words[word] = f"{other:%a, %d %b %Y %H:%M:%S} GMT"
    words["{date:rfc850}"] = f"{moment:%A, %d-%b-%y %H:%M:%S} GMT"
    words["{date:asctime}"] = f"{moment:%a %b} {moment.day:2} {moment:%H:%M:%S %Y}"
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def problems(site: Site, row: Row, answer: Exchange) -> list[str]:
    """Return everything that is wrong with an answer, in sentences."""
    return list(_problems(site, row, answer))


def _problems(site: Site, row: Row, answer: Exchange) -> Iterator[str]:
    if answer.status != row.status:
        yield f"status {answer.status} instead of {row.status}: {answer.body[:80]!r}"
        return
    fields = dict(answer.fields)
    if len(fields) != len(answer.fields):
        yield f"a field comes twice: {answer.fields}"
    if row.status == APPLICATION:
        if fields.get("x-application") != "yes" or (row.method != "HEAD" and answer.body != b"the application\n"):
            yield f"not the application's answer: {answer}"
        return
    for name, expected in {**_implied(site, row, fields), **row.expected}.items():
        value = fields.get(name)
        if isinstance(expected, Where):
            if not expected.holds(value):
                yield f"{name}: {value} instead of {expected.text}"
        elif value != (expected and _fill(site, row, expected)):
            yield f"{name}: {value} instead of {expected}"
    yield from _check_body(site, row, answer, fields)


# ---------------------------------------------------------------------------------------------------- fields

_ALLOWED = {  # RFC 9110 §15.4.5 and what each other answer may say
    204: {"allow", "access-control-allow-methods", "access-control-allow-headers", "access-control-max-age"},
    304: {"cache-control", "etag", "vary"},
    308: {"cache-control", "location", "content-type", "content-length"},
    404: {"cache-control", "content-type", "content-length"},
    405: {"cache-control", "content-type", "content-length", "allow"},
    412: {"content-type", "content-length", "vary"},
    416: {"content-type", "content-length", "vary", "content-range", "accept-ranges"},
}
_ALWAYS = {"access-control-allow-origin", "x-content-type-options"}
_NEVER = {"connection", "transfer-encoding", "date", "server", "set-cookie", "content-location", "expires"}
_ERROR_TYPE = "text/plain; charset=utf-8"
_UNTRIED = Where("none, but before a coding was tried", lambda value: value in (None, "Accept-Encoding"))


def _implied(site: Site, row: Row, fields: dict[str, str]) -> dict[str, str | Where | None]:
    """Return what status and file imply, by field."""
    implied: dict[str, str | Where | None] = dict.fromkeys(_NEVER)
    implied["access-control-allow-origin"] = "*"
    implied["x-content-type-options"] = None if row.status == 304 else "nosniff"
    if row.status in _ALLOWED:
        implied |= dict.fromkeys(fields.keys() - _ALLOWED[row.status] - _ALWAYS)
    if row.status in (404, 405, 412, 416, 308):
        implied["content-type"] = _ERROR_TYPE
    if row.status not in (200, 206, 304, 412, 416):
        return implied
    tags = site.tags(resource_path(site, row))
    implied["vary"] = "Accept-Encoding" if len(tags) > 1 else _UNTRIED if media_type(row.file).compressible else None
    differs = _differs(site, row)
    if differs:
        implied["vary"] = "Accept-Encoding, Available-Dictionary"
    implied["use-as-dictionary"] = differs if row.status in (200, 206) else None
    if row.status in (412, 416):
        return implied
    implied["etag"] = _one_of(tags[coding] for coding in _codings(row, tags))
    implied["cache-control"] = _freshness(row)
    if row.status == 304:
        return implied
    implied["accept-ranges"] = "bytes"
    if row.codings != ANY_CODING:
        coding = _codings(row, tags)[0]
        implied["content-encoding"] = None if coding == "identity" else coding
    if row.part is None:
        implied["content-range"] = None
    if row.file != "future.txt":
        implied["last-modified"] = None if rewritten(row) else site.last_modified(row.file)
    return implied


def _differs(site: Site, row: Row) -> Where | None:
    """Return the pattern with which a URL offers its bytes as a dictionary (RFC 9842 §2.1); None if it does not."""
    segment = resource_path(site, row).rpartition("/")[2]
    stem, _, extension = segment.rpartition(".")
    fingerprinted = row.target.startswith(FINGERPRINT) and re.search(r"\.[0-9a-f]{12}$", stem)
    if site.index.resources.deltas is None or not fingerprinted or extension not in ("css", "js", "svg", "json"):
        return None
    pattern = f'match="{stem[:-12]}*.{extension}"'
    return Where(pattern, lambda value: value == pattern) if len(site.data(row.file)) >= 1024 else None


def _codings(row: Row, tags: dict[str, str]) -> list[str]:
    """Return the codings that the body may have."""
    if row.codings == ANY_CODING:
        return list(tags)
    return [next(coding for coding in row.codings if coding in tags)]


def _one_of(values: Iterator[str]) -> Where:
    allowed = tuple(values)
    return Where(" or ".join(allowed), lambda value: value in allowed)


def _freshness(row: Row) -> str:
    if row.file.endswith(".html"):
        return "no-cache"
    return "max-age=31536000, immutable" if row.target.startswith(FINGERPRINT) else "max-age=60"


# ------------------------------------------------------------------------------------------------------ body


def decode(coding: str, data: bytes) -> bytes:
    """Undo a content coding."""
    if coding == "br":
        decoded: bytes = brotli.decompress(data)
        return decoded
    if coding == "gzip":
        return gzip.decompress(data)
    if coding == "zstd":
        zstd = import_module("compression.zstd" if _has("compression.zstd") else "backports.zstd")
        undone: bytes = zstd.decompress(data)
        return undone
    return data


def _has(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def _check_body(site: Site, row: Row, answer: Exchange, fields: dict[str, str]) -> Iterator[str]:
    body = answer.body
    if row.status in (204, 304) or row.method == "HEAD":
        if body:
            yield f"{len(body)} bytes of body where none may be"
        if row.status in (204, 304):
            if "content-length" in fields:
                yield f"Content-Length {fields['content-length']} in a {row.status}"
            return
    elif fields.get("content-length") != str(len(body)):
        yield f"Content-Length {fields.get('content-length')} with {len(body)} bytes"
    if row.status in (200, 206):
        yield from _check_representation(site, row, answer, fields)
    elif row.method != "HEAD" and not (body.endswith(b"\n") and body.count(b"\n") == 1 and len(body) < 80):
        yield f"not one line of text: {body[:100]!r}"


def _check_representation(site: Site, row: Row, answer: Exchange, fields: dict[str, str]) -> Iterator[str]:
    coding = fields.get("content-encoding", "identity")
    content = served(site, row)
    if row.part is None:
        if row.method != "HEAD" and decode(coding, answer.body) != content:
            yield "the body is not the file's bytes"
        elif row.method == "HEAD" and coding == "identity" and fields["content-length"] != str(len(content)):
            yield f"Content-Length {fields['content-length']} of {len(content)} bytes"
        return
    start, stop = row.part
    known = coded(site, row, coding) if coding != "identity" else content
    if answer.body != known[start:stop]:
        yield f"the body is not bytes {start} to {stop} of {coding}"
    if fields.get("content-range") != f"bytes {start}-{stop - 1}/{len(known)}":
        yield f"Content-Range {fields.get('content-range')} of bytes {start}-{stop - 1}/{len(known)}"


def served(site: Site, row: Row) -> bytes:
    """Return the identity bytes that a row's URL serves."""
    data = site.data(row.file)
    if rewritten(row):
        for name in ("pixel.png", "app.css"):
            data = data.replace(name.encode(), site.index.path(name).encode())
    return data


def rewritten(row: Row) -> bool:
    """Return whether a row's URL serves other bytes than the file's."""
    return row.file == "linked.html" or (row.file == "site.css" and row.target.startswith(FINGERPRINT))


def coded(site: Site, row: Row, coding: str) -> bytes:
    """Return the coded bytes of a row's whole resource, which decode to the file."""
    from tests.support.interfaces.function import call_function

    sent = Sent("GET", quote(resource_path(site, row)), (("Accept-Encoding", f"{coding}, *;q=0"),))
    whole = call_function(site.index, sent).body
    assert decode(coding, whole) == served(site, row)
    return whole
