"""What differs between the answers of two sides, and the reason for each difference. Nothing here opens a file."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote

from servestatic.assets.media_types import media_type
from servestatic.migration.verify import reasons
from servestatic.migration.verify.answer import Answer, split_url
from servestatic.migration.verify.bodies import Normal, normalise, show_difference
from servestatic.migration.verify.fields import compare_fields
from servestatic.migration.verify.reasons import Reason

ReadBody: TypeAlias = Callable[[str], bytes]  # by the SHA-256 of the decoded body, in hex


class Difference(NamedTuple):
    """One thing that differs, and the reason; `old` and `new` are short, for people."""

    name: str
    reason: Reason
    old: str
    new: str


_Found: TypeAlias = Iterator[tuple[Reason, str, str]]


def compare_all(old: Mapping[str, Answer], new: Mapping[str, Answer], read: ReadBody) -> list[Difference]:
    """Return the differences of all files, in the order of their names."""
    return [
        Difference(name, *found)
        for name in sorted(old.keys() | new.keys())
        for found in _compare(name, old.get(name), new.get(name), read)
    ]


def _compare(name: str, old: Answer | None, new: Answer | None, read: ReadBody) -> _Found:
    if not (old and new):
        yield reasons.GONE if old else reasons.COME, old.url if old else "–", new.url if new else "–"
        return
    if old.url != new.url:
        yield _explain_url(name, old.url, new.url), old.url or "–", new.url or "–"
    if new.status == 200 and old.status in (200, 0) and old.url:
        yield from compare_fields(name, old, new) if old.status else ()
        yield from _compare_bytes(name, old, new, read)
    elif old.url and new.url and old.status != new.status:
        yield _explain_status(old, new), f"{old.status} {old.url}", f"{new.status} {new.url}"


def _explain_url(name: str, old: str, new: str) -> Reason:
    """Return why the URL of a file is another; either is empty if its storage has none."""
    if not (old and new):
        return reasons.NEW_URL if new else reasons.NO_URL
    if unquote(old) == unquote(new):
        return reasons.SPELLING
    before, after = split_url(name, old), split_url(name, new)
    if not (before and after) or before[0] != after[0]:
        return reasons.OTHER_URL
    if after[1]:
        return reasons.SCHEME if before[1] else reasons.NAMED_NOW
    return reasons.PAGE if media_type(name).page else reasons.NOT_NAMED


def _explain_status(old: Answer, new: Answer) -> Reason:
    if new.status == 200:
        return reasons.SERVED_NOW
    if {old.status // 100, new.status // 100} == {3}:
        return reasons.REDIRECT
    return reasons.NOT_SERVED if old.source else reasons.ROOT_NOT_SERVED


def _compare_bytes(name: str, old: Answer, new: Answer, read: ReadBody) -> _Found:
    if old.digest == new.digest:
        return
    before, after = read(old.digest), read(new.digest)
    if old.source != new.source:
        reason = reasons.OTHER_SOURCE
    else:
        reason = _explain_bytes(normalise(name, before, old.url), normalise(name, after, new.url))
    if reason == reasons.REFERENCES and old.digest == old.source:
        reason = reasons.MORE_KINDS
    yield reason, *show_difference(before, after)


def _explain_bytes(old: Normal, new: Normal) -> Reason:
    if old.rest != new.rest:
        return reasons.OTHER_BYTES
    return reasons.REFERENCES if old.targets == new.targets else reasons.OTHER_TARGET
