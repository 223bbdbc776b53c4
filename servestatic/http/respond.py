"""The function that answers HTTP requests for static resources: method → representation → preconditions → range.

It is pure and total: it opens nothing, awaits nothing and raises nothing, and every request has an answer.
Preconditions are a ladder in the order of RFC 9110 §13.2.2, one rung per line.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from servestatic.http.dictionary import ASKED, DELTA
from servestatic.http.fields import (
    UNSATISFIABLE,
    ByteRange,
    match_strongly,
    match_weakly,
    read_date,
    read_entity_tags,
    read_range,
)
from servestatic.http.message import NOSNIFF, Asked, Memory, Response, Slice, encode, reject
from servestatic.http.representation import (
    Missing,
    Redirect,
    Representation,
    Resource,
    Selected,
    Target,
)

_METHODS = "GET, HEAD, OPTIONS"
_NO_STORE = ("Cache-Control", "no-store")
_DAY = "86400"
_CONDITIONS = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})


def respond(resource: Target, request: Asked) -> Response:
    """Answer a request for a resource (RFC 9110 §§9, 12, 13, 14, 15)."""
    method, fields, _ = request
    if not isinstance(resource, Resource):
        return _answer_without_representation(resource, request)
    if method != "GET" and method != "HEAD":
        return _answer_other_method(resource, request)
    accept_encoding = fields.get("accept-encoding")
    selected = resource.chosen.get(accept_encoding) or resource.select(accept_encoding)
    span = None
    if len(fields) > 1 or accept_encoding is None:
        if resource.deltas and ASKED in fields:
            selected = resource.select_delta(accept_encoding, fields[ASKED]) or selected
        if fields.get("if-none-match") == selected.representation.etag and not (
            "range" in fields or "if-match" in fields or "if-unmodified-since" in fields
        ):
            return selected.not_modified  # the usual revalidation of a browser needs no ladder
        if method == "GET" and "range" in fields:
            selected, span = _select_range(resource, selected, fields)
        if not _CONDITIONS.isdisjoint(fields) and (rejected := _check_preconditions(resource, selected, fields)):
            return rejected if method == "GET" else without_body(rejected)
    if span is not None:
        return _partial(resource, selected, span)
    return selected.ok if method == "GET" else selected.head


# ------------------------------------------------------------------------------- preconditions, RFC 9110 §13


def _check_preconditions(resource: Resource, selected: Selected, fields: Mapping[str, str]) -> Response | None:
    etag, modified = selected.representation.etag, resource.last_modified
    match = read_entity_tags(fields.get("if-match"))
    unmodified_since = read_date(fields.get("if-unmodified-since")) if match is None else None
    none_match = read_entity_tags(fields.get("if-none-match"))
    modified_since = read_date(fields.get("if-modified-since")) if none_match is None else None

    if match is not None and not match_strongly(match, etag):
        return _precondition_failed(resource)
    if unmodified_since is not None and modified is not None and modified > unmodified_since:
        return _precondition_failed(resource)
    if none_match is not None and match_weakly(none_match, etag):
        return selected.not_modified
    if modified_since is not None and modified is not None and modified <= modified_since:
        return selected.not_modified
    return None


def _precondition_failed(resource: Resource) -> Response:
    return reject(412, "Precondition failed.", (*resource.vary, *resource.fields))


# --------------------------------------------------------------------------------------- ranges, RFC 9110 §14


def _select_range(
    resource: Resource, selected: Selected, fields: Mapping[str, str]
) -> tuple[Selected, ByteRange | None]:
    """Choose the representation to take a range of, and the range; None if the whole is sent."""
    if "if-range" in fields:
        ranged = _continue(resource, selected, fields["if-range"])
    elif resource.preferences.rank(fields.get("accept-encoding")).identity:
        # Identity has the same bytes in every process, whichever codings a process has made so far.
        ranged = resource.representations[0]
    else:
        ranged = selected.representation if selected.representation.coding != DELTA else None
    span = read_range(fields["range"], ranged.length) if ranged else None
    if ranged is None or span is None:
        return selected, None
    return (selected if ranged is selected.representation else resource.offer(ranged)), span


def _continue(resource: Resource, selected: Selected, condition: str) -> Representation | None:
    """Return the representation whose first part the client has (If-Range, §13.1.5): by strong tag or exact date."""
    condition = condition.strip(" \t")
    for representation in (*resource.representations, selected.representation):
        if representation.etag == condition:
            return representation
    date = read_date(condition)
    return resource.representations[0] if date is not None and date == resource.last_modified else None


def _partial(resource: Resource, selected: Selected, span: ByteRange) -> Response:
    (start, stop), representation = span, selected.representation
    if span == UNSATISFIABLE:
        known = ("Content-Range", f"bytes */{representation.length}")
        fields = (known, ("Accept-Ranges", "bytes"), *resource.vary, *resource.fields)
        return reject(416, "Range not satisfiable.", fields)
    where = (
        ("Content-Range", f"bytes {start}-{stop - 1}/{representation.length}"),
        ("Content-Length", str(stop - start)),
    )
    fields, raw = (*selected.fields, *where), (*selected.raw, *encode(where))
    return Response(206, fields, _cut(representation.body, start, stop), raw)


def _cut(body: Memory | Slice, start: int, stop: int) -> Memory | Slice:
    if isinstance(body, Memory):
        return Memory(body.data[start:stop])
    return Slice(body.path, body.start + start, body.start + stop, body.stamp, body.fixed)


# ------------------------------------------------------------------------------------ everything else, §9, §15


def _answer_other_method(resource: Target, request: Asked) -> Response:
    cors = resource.fields
    method, fields, _ = request
    if method != "OPTIONS":
        return reject(405, f"Method not allowed. Allowed: {_METHODS}.", (("Allow", _METHODS), _NO_STORE, *cors))
    if "access-control-request-method" not in fields or not cors:
        return Response(204, (("Allow", _METHODS), NOSNIFF, *cors), None)
    asked = fields.get("access-control-request-headers", "")
    headers = (("Access-Control-Allow-Headers", asked),) if re.match(_FIELD_NAMES, asked) else ()
    methods = ("Access-Control-Allow-Methods", _METHODS)
    more = (methods, *headers, ("Access-Control-Max-Age", _DAY))
    return Response(204, (("Allow", _METHODS), NOSNIFF, *cors, *more), None)


_FIELD_NAMES = r"[!#$%&'*+.^_`|~0-9A-Za-z, -]{1,1024}+\Z"


def _answer_without_representation(resource: Missing | Redirect, request: Asked) -> Response:
    method, _, asked = request
    if method not in ("GET", "HEAD"):
        return _answer_other_method(resource, request)
    if isinstance(resource, Missing):
        response = reject(404, "Not found: no such release of this file.", (_NO_STORE, *resource.fields))
    else:
        query = quote(asked, _QUERY, "latin-1", "replace")
        location = resource.location + (f"?{query}" if query else "")
        freshness = (("Cache-Control", resource.cache_control),) if resource.cache_control else ()
        response = reject(308, "Moved.", (("Location", location), *freshness, *resource.fields))
    return response if method == "GET" else without_body(response)


_QUERY = "!$%&'()*+,-./:;=?@[]_~"  # characters that stay as sent (RFC 3986 §3.4); a line break never gets into Location


def without_body(response: Response) -> Response:
    """Turn the answer to a GET request into the answer to the same HEAD request (§9.3.2)."""
    return response if response.body is None else Response(response.status, response.fields, None, response.raw)
