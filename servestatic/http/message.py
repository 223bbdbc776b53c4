"""Requests, responses and bodies as plain values. A body is a description of bytes, never an open file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

# The request fields that an answer can depend on (RFC 9110 §§12, 13, 14; RFC 9842; Fetch), in lower case.
# An adapter passes these and drops the rest: it costs one pass over the fifteen or so fields that a browser sends.
REQUEST_FIELDS = frozenset(
    {
        "accept-encoding",
        "available-dictionary",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
        "range",
        "access-control-request-method",
        "access-control-request-headers",
    }
)


class Stamp(NamedTuple):
    """What identifies one state of a file without reading it (from `os.stat`, times in nanoseconds)."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class Memory(NamedTuple):
    """A body held in memory."""

    data: bytes


class Slice(NamedTuple):
    """Bytes `start` to `stop` (half-open) of the file at `path`, valid while the file's stamp is `stamp`.

    `fixed` means that nothing changes the file while it is served: it is an object of the store, or a file of a sealed
    build. Only then may the server send the file itself, because it would not notice a change.
    """

    path: str
    start: int
    stop: int
    stamp: Stamp
    fixed: bool = False


Body: TypeAlias = Memory | Slice | None


class Blob(NamedTuple):
    """Bytes together with their length and SHA-256."""

    body: Memory | Slice
    length: int
    digest: bytes


Fields: TypeAlias = tuple[tuple[str, str], ...]
RawFields: TypeAlias = tuple[tuple[bytes, bytes], ...]


class Request(NamedTuple):
    """All that an answer depends on, except the path, which is looked up before.

    Attributes:
        method: as sent, case-sensitive (RFC 9110 §9.1).
        fields: the fields of the request that are in `REQUEST_FIELDS`, as `join_fields` returns them.
        query: undecoded and without `?`; only redirects repeat it.
    """

    method: str
    fields: Mapping[str, str]
    query: str = ""


MAX_FIELD = 16 * 1024  # characters; longer fields are ignored, so that no request costs more than reading it


def join_fields(lines: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Join the lines of each field (RFC 9110 §5.3) in one pass; a field longer than `MAX_FIELD` becomes empty.

    An empty field means the same as an absent one, except for If-Range, where it is a false condition.
    """
    fields = dict(lines)
    if len(fields) == len(lines) and not has_long_field(fields):
        return fields
    values: dict[str, list[str]] = {}
    for name, value in lines:
        values.setdefault(name, []).append(value)
    return {name: _join_lines(parts) for name, parts in values.items()}


def has_long_field(fields: Mapping[str, str]) -> bool:
    """Return whether a field is longer than `MAX_FIELD`."""
    for text in fields.values():  # noqa: SIM110 - `any` takes twice as long for the few fields of a request
        if len(text) > MAX_FIELD:
            return True
    return False


def _join_lines(values: list[str]) -> str:
    length = sum(map(len, values)) + 2 * (len(values) - 1)
    return ", ".join(values) if length <= MAX_FIELD else ""


# What `respond` accepts: a `Request`, or a plain tuple of the same items, which adapters make in a tenth of the time.
Asked: TypeAlias = tuple[str, Mapping[str, str], str]


@dataclass(frozen=True, slots=True)  # read several times in each answer, which takes twice as long of a named tuple
class Response:
    """Status, fields in the order they are sent, and body. Answers to HEAD, 204 and 304 have no body.

    `raw` is `encode(fields)`, prepared for answers that are sent often.
    """

    status: int
    fields: Fields
    body: Body
    raw: RawFields | None = field(default=None, repr=False, compare=False)


def encode(fields: Fields) -> RawFields:
    """Write fields as ASGI wants them: lower-case names, bytes."""
    return tuple([(_encode_name(name), value.encode("latin-1")) for name, value in fields])


@lru_cache(maxsize=256)
def _encode_name(name: str) -> bytes:
    return name.lower().encode("latin-1")


NOSNIFF = ("X-Content-Type-Options", "nosniff")  # Fetch §3.6: on all answers but 304, which has no metadata of a body

_REASONS = {
    200: "OK",
    204: "No Content",
    206: "Partial Content",
    304: "Not Modified",
    308: "Permanent Redirect",
    404: "Not Found",
    405: "Method Not Allowed",
    412: "Precondition Failed",
    416: "Range Not Satisfiable",
    503: "Service Unavailable",
}

# Status and reason phrase as WSGI wants them, such as `206 Partial Content`.
LINES = {status: f"{status} {reason}" for status, reason in _REASONS.items()}


def reject(status: int, text: str, fields: Fields = ()) -> Response:
    """Return an answer without representation: one line of text."""
    body = f"{text}\n".encode()
    plain = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))))
    return Response(status, (*plain, NOSNIFF, *fields), Memory(body))
