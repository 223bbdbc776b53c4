"""Why a field of an answer is another than before: a rule for each field. Nothing here opens a file."""

from collections.abc import Iterator
from typing import NamedTuple

from servestatic.assets.media_types import media_type
from servestatic.migration.verify import reasons
from servestatic.migration.verify.answer import Answer, split_url
from servestatic.migration.verify.reasons import Reason


class Change(NamedTuple):
    """A field of the answers for a file whose value differs; an absent one is empty."""

    name: str
    field: str
    was: str
    becomes: str
    old: Answer
    new: Answer


_OF_CODINGS = {"content-length", "content-encoding"}


def compare_fields(name: str, old: Answer, new: Answer) -> Iterator[tuple[Reason, str, str]]:
    """Yield the differences that mean something, each with its reason, the old value and the new one."""
    for field in sorted((old.fields.keys() | new.fields.keys()) - _OF_CODINGS):
        change = Change(name, field, old.fields.get(field, ""), new.fields.get(field, ""), old, new)
        explain = _RULES.get(field, _explain_other)
        if change.was != change.becomes and (reason := explain(change)):
            yield reason, change.was or "–", change.becomes or "–"


def _explain_type(change: Change) -> Reason | None:
    (essence, charset), (ours, our_charset) = _read_type(change.was), _read_type(change.becomes)
    if essence == ours:
        return None if charset == our_charset else reasons.CHARSET
    usual = not change.old.default_type or essence == _read_type(change.old.default_type)[0]
    return reasons.MEDIA_TYPE if usual and ours == media_type(change.name).essence else reasons.OWN_TYPE


def _read_type(value: str) -> tuple[str, str]:
    essence, _, parameter = value.lower().partition(";")
    return essence.strip(), parameter.strip().removeprefix("charset=").strip('"')


def _explain_lifetime(change: Change) -> Reason | None:
    before, after = (_members(value) - {"public"} for value in (change.was, change.becomes))
    if before == after:
        return reasons.NO_PUBLIC
    if "immutable" in before & after:
        return reasons.LIFETIME
    if "immutable" in after and _has_fingerprint(change.name, change.new):
        return reasons.FINGERPRINTED
    if "no-cache" in after and _is_page(change):
        return reasons.PAGE_FRESH
    return reasons.NO_CACHE if "no-cache" in after and "max-age=0" in before else reasons.OTHER_LIFETIME


def _is_page(change: Change) -> bool:
    """Return whether a file is a page, or a URL at the site's root is answered with one."""
    essence, _ = _read_type(change.new.fields.get("content-type", ""))
    return media_type(change.name).page or essence == "text/html"


def _has_fingerprint(name: str, answer: Answer) -> bool:
    parts = split_url(name, answer.url)
    return bool(parts and parts[1])


def _explain_vary(change: Change) -> Reason | None:
    before, after = _members(change.was), _members(change.becomes)
    if before == after:
        return None
    if before - after - {"accept-encoding"} or after - before - {"accept-encoding", "available-dictionary"}:
        return reasons.OTHER_VARY
    if "available-dictionary" in after:
        return reasons.DELTAS
    return reasons.CODED_NOW if after else reasons.NOT_CODED


def _members(value: str) -> set[str]:
    return {member.strip().lower() for member in value.split(",")} - {""}


def _explain_etag(change: Change) -> Reason | None:
    if change.was and change.becomes:  # of different schemes, they always differ
        return None
    return reasons.ETAG if change.becomes else reasons.NO_ETAG


def _explain_date(change: Change) -> Reason | None:
    if change.was and change.becomes:  # that of a copy, and that of the source
        return None
    return reasons.DATE_NOW if change.becomes else reasons.DATE


def _explain_cors(_: Change) -> Reason | None:
    return reasons.CORS


def _explain_other(change: Change) -> Reason | None:
    reason = reasons.OWN_FIELD if change.was else reasons.FIELDS_NOW.get(change.field, reasons.FIELD_NOW)
    return reason._replace(what="-".join(part.capitalize() for part in change.field.split("-")))


_RULES = {
    "content-type": _explain_type,
    "cache-control": _explain_lifetime,
    "vary": _explain_vary,
    "etag": _explain_etag,
    "last-modified": _explain_date,
    "access-control-allow-origin": _explain_cors,
}
