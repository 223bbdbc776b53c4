"""Whether an answer is one that the documentation promises, whatever happens to files and workers."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from servestatic.assets.coding import MAX_CODED
from servestatic.http.dictionary import DELTA
from servestatic.serving.compression.coders import codings, find_zstd
from tests.acceptance.soak.journal import ABSENT, CHANGES, HALF_WRITTEN, WRITTEN, Journal
from tests.acceptance.soak.site import LARGE, PAGE, Known, is_page

if TYPE_CHECKING:
    from collections.abc import Mapping

_DCZ_HEAD = 40  # bytes: a magic number, and the SHA-256 of the dictionary (RFC 9842 §5)
_NOTICED = 3.0  # seconds after which a plain URL has noticed a change, on a busy machine
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


class Asked(NamedTuple):
    """A request: its method, URL and fields, and the dictionary that the client has."""

    method: str
    url: str
    fields: Mapping[str, str]
    dictionary: bytes = b""


class Got(NamedTuple):
    """An answer, and when its request began and it ended."""

    status: int
    fields: Mapping[str, str]  # by names in lower case
    body: bytes
    start: float
    stop: float

    @property
    def coding(self) -> str:
        """The content coding."""
        return self.fields.get("content-encoding", "identity")


class Judge:
    """Checks answers, and counts them; `survivor` is the worker that is never killed."""

    def __init__(self, known: Known, journal: Journal, survivor: int) -> None:
        self.counts: Counter[str] = Counter()
        self.verified: Counter[str] = Counter()  # bodies, by coding
        self.failures: list[str] = []
        self._known, self._journal, self._survivor = known, journal, survivor
        self._decode = {coding.name: coding.decode for coding in codings()}
        self._bodies: dict[str, tuple[str, bytes]] = {}  # coding and bytes by entity tag
        self._lock = threading.Lock()

    def judge(self, asked: Asked, got: Got, worker: int) -> None:
        """Check an answer; what is wrong with it becomes a failure."""
        outcome = self._check(asked, got, worker)
        with self._lock:
            self.counts[str(got.status)] += 1
            if outcome in ("body", "range"):
                self.verified[got.coding if outcome == "body" else "range"] += 1
            elif outcome in ("", "half written"):
                self.counts["half written"] += outcome == "half written"
            else:
                shown = {name: value for name, value in got.fields.items() if name != "date"}
                self.failures.append(f"{outcome}: {asked} of worker {worker}: {got.status} {shown} {got.body[:80]!r}")

    def fail(self, what: str) -> None:
        """Note a failure."""
        with self._lock:
            self.failures.append(what)

    def _check(self, asked: Asked, got: Got, worker: int) -> str:
        """Return which body was verified, nothing, or what is wrong."""
        if got.status == 404:
            return self._check_absence(asked, got, worker)
        if got.status == 503:
            return self._check_busy(asked, got)
        if got.status == 416:
            return self._check_refusal(asked, got)
        tag = got.fields.get("etag", "")
        if not re.fullmatch(r'"[0-9a-f]{32}"', tag):
            return "no strong entity tag"
        if got.status == 304:
            return "" if tag == asked.fields.get("If-None-Match") and not got.body else "not what the client has"
        if got.status not in (200, 206):
            return "an unexpected status"
        if got.coding != "identity" and not _accepts(asked, got, tag):
            return "a coding that was not asked for"
        if asked.method == "HEAD":
            return self._check_head(got, tag)
        return self._check_range(asked, got, tag) if got.status == 206 else self._check_body(asked, got, tag)

    # ------------------------------------------------------------------------------------------ with a body

    def _check_body(self, asked: Asked, got: Got, tag: str) -> str:
        if got.fields.get("content-length") != str(len(got.body)):
            return "another length"
        own_tag = _tag_of(got.body) == tag
        decoded = self._decoded(asked, got)
        right = decoded is not None and self._serves(asked.url, decoded)
        if own_tag and right and self._bodies.setdefault(tag, (got.coding, got.body)) == (got.coding, got.body):
            return "body"
        if self._may_be_half_written(asked, got):
            return "half written"
        return "other bytes" if own_tag else "bytes of another entity tag"

    def _decoded(self, asked: Asked, got: Got) -> bytes | None:
        if got.coding == DELTA:
            zstd, head = find_zstd(), got.body[:_DCZ_HEAD]
            assert zstd is not None
            if not asked.dictionary or head[8:] != hashlib.sha256(asked.dictionary).digest():
                return None
            dictionary = zstd.ZstdDict(asked.dictionary, is_raw=True).as_prefix
            return bytes(zstd.decompress(got.body[_DCZ_HEAD:], zstd_dict=dictionary))
        try:
            return self._decode[got.coding](got.body, MAX_CODED) if got.coding != "identity" else got.body
        except ValueError:
            return None

    def _serves(self, url: str, body: bytes) -> bool:
        """Return whether a URL may serve these bytes."""
        promised = self._known.own.get(url) or self._known.other.get(url)
        if promised is not None:
            return body == promised
        name = self._known.names[url]
        return is_page(body, self._known) if name == PAGE else hashlib.sha256(body).digest() in self._known.plain[name]

    def _check_head(self, got: Got, tag: str) -> str:
        coding, body = self._bodies.get(tag, (got.coding, None))
        same = coding == got.coding and (body is None or str(len(body)) == got.fields["content-length"])
        return "" if same else "HEAD of other bytes"

    def _check_range(self, asked: Asked, got: Got, tag: str) -> str:
        """Check a part of a file, or of the coded representation that If-Range names."""
        match = _CONTENT_RANGE.fullmatch(got.fields.get("content-range", ""))
        if not match or match[1] is None or (got.coding != "identity" and asked.fields.get("If-Range") != tag):
            return "a range without Content-Range, or of a coding"
        start, last, length = int(match[1]), int(match[2]), int(match[3])
        for coding, whole in self._states(asked.url, tag):
            if (coding, len(whole), whole[start : last + 1]) == (got.coding, length, got.body):
                return "range"
        return "half written" if self._may_be_half_written(asked, got) else "a range of other bytes"

    def _states(self, url: str, tag: str) -> list[tuple[str, bytes]]:
        """Return what a URL may serve under an entity tag: coding and bytes."""
        if tag in self._bodies:
            return [self._bodies[tag]]
        return [("identity", whole) for whole in self._wholes(url) if _tag_of(whole) == tag]

    def _wholes(self, url: str) -> list[bytes]:
        promised = self._known.own.get(url) or self._known.other.get(url)
        return [promised] if promised is not None else [*self._known.plain[self._known.names[url]].values()]

    def _may_be_half_written(self, asked: Asked, got: Got) -> bool:
        """Return whether this is what was read while a file was written in place, which only plain URLs may serve."""
        plain = asked.url not in self._known.own and asked.url not in self._known.other
        since = got.start - HALF_WRITTEN
        return plain and self._journal.happened((WRITTEN,), self._known.names[asked.url], since, got.stop)

    # ------------------------------------------------------------------------------------------ without one

    def _check_absence(self, asked: Asked, got: Got, worker: int) -> str:
        if got.fields.get("cache-control") != "no-store":
            return "a 404 that caches may keep"
        if asked.url in self._known.own:
            return "a name of this release is not found"
        name = self._known.names.get(asked.url)
        if name is None or asked.url in self._known.other:
            return ""
        since = got.start - _NOTICED if worker == self._survivor else 0.0  # others collected what existed then
        return "" if self._journal.happened((ABSENT,), name, since, got.stop) else "a file is not found"

    def _check_busy(self, asked: Asked, got: Got) -> str:
        """Check that a plain URL is refused only of a large file that was read again a moment ago."""
        name = self._known.names.get(asked.url)
        large = asked.url not in {**self._known.own, **self._known.other} and name in LARGE
        since = got.start - _NOTICED
        changed = name is not None and self._journal.happened(CHANGES, name, since, got.stop)
        return "" if large and changed and got.fields.get("retry-after") == "1" else "a file is refused"

    def _check_refusal(self, asked: Asked, got: Got) -> str:
        match = _CONTENT_RANGE.fullmatch(got.fields.get("content-range", ""))
        first = int(asked.fields["Range"].removeprefix("bytes=").partition("-")[0])
        lengths = {len(whole) for whole in self._wholes(asked.url)}
        lengths |= {len(whole) for _, whole in self._states(asked.url, asked.fields.get("If-Range", ""))}
        if match and int(match[3]) in lengths and first >= int(match[3]):
            return ""
        return "half written" if self._may_be_half_written(asked, got) else "a range is refused"


def _tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _accepts(asked: Asked, got: Got, tag: str) -> bool:
    """Return whether a client takes a coding: it lists it, or has a part of it and lists none."""
    accepted = [part.strip() for part in asked.fields.get("Accept-Encoding", "").split(",")]
    resumes = accepted == [""] and asked.fields.get("If-Range") == tag
    return (got.coding in accepted or resumes) and "accept-encoding" in got.fields.get("vary", "").lower()
