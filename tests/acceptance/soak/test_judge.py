"""What the judge of the soak lets pass, and what it does not."""

from __future__ import annotations

import gzip
import hashlib
import time

import pytest

from tests.acceptance.soak.journal import ABSENT, WRITTEN, Interval, Journal, Kill
from tests.acceptance.soak.judge import Asked, Got, Judge
from tests.acceptance.soak.site import Known

DATA, OTHER = b"the bytes of a file" * 10, b"what it never was" * 10
CODED = gzip.compress(DATA)
KNOWN = Known(
    plain={"a.js": {hashlib.sha256(DATA).digest(): DATA}},
    own={"/a.1.js": DATA},
    other={"/a.2.js": DATA},
    names=dict.fromkeys(("/a.js", "/a.1.js", "/a.2.js"), "a.js"),
    indexes=[],
)
SURVIVOR = 1


def fields_of(body: bytes, **more: str) -> dict[str, str]:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return {"etag": tag, "content-length": str(len(body))} | {
        name.replace("_", "-"): text for name, text in more.items()
    }


GZIP = fields_of(CODED, content_encoding="gzip", vary="Accept-Encoding")
PART = fields_of(DATA, content_range=f"bytes 2-5/{len(DATA)}")
NO_STORE = {"cache-control": "no-store"}
# URL, fields of the request; status, fields and body of the answer; what happened to the file; what is wrong with it
ROWS = {
    "the file": ("/a.js", {}, 200, fields_of(DATA), DATA, None, None),
    "other bytes": ("/a.js", {}, 200, fields_of(OTHER), OTHER, None, "other bytes"),
    "half written": ("/a.js", {}, 200, fields_of(OTHER), OTHER, WRITTEN, None),
    "half written, by its fingerprint": ("/a.1.js", {}, 200, fields_of(OTHER), OTHER, WRITTEN, "other bytes"),
    "another tag": ("/a.js", {}, 200, fields_of(OTHER), DATA, None, "another length"),
    "a tag of other bytes": ("/a.js", {}, 200, fields_of(DATA[::-1]), DATA, None, "bytes of another entity tag"),
    "a weak tag": ("/a.js", {}, 200, fields_of(DATA) | {"etag": 'W/"1"'}, DATA, None, "no strong entity tag"),
    "gzip": ("/a.1.js", {"Accept-Encoding": "gzip"}, 200, GZIP, CODED, None, None),
    "gzip unasked": ("/a.1.js", {"Accept-Encoding": "br"}, 200, GZIP, CODED, None, "a coding that was not"),
    "a part": ("/a.js", {"Range": "bytes=2-5"}, 206, PART, DATA[2:6], None, None),
    "another part": ("/a.js", {"Range": "bytes=2-5"}, 206, PART, DATA[3:7], None, "a range of other bytes"),
    "a tag that the client has not": ("/a.js", {"If-None-Match": '"1"'}, 304, fields_of(DATA), b"", None, "not what"),
    "deleted": ("/a.js", {}, 404, NO_STORE, b"", ABSENT, None),
    "not deleted": ("/a.js", {}, 404, NO_STORE, b"", None, "a file is not found"),
    "pruned": ("/a.2.js", {}, 404, NO_STORE, b"", None, None),
    "never pruned": ("/a.1.js", {}, 404, NO_STORE, b"", ABSENT, "a name of this release is not found"),
    "a 404 that is kept": ("/a.2.js", {}, 404, {}, b"", None, "a 404 that caches may keep"),
    "an error": ("/a.js", {}, 500, fields_of(b""), b"", None, "an unexpected status"),
    "busy": ("/a.js", {}, 503, {"retry-after": "1"}, b"", WRITTEN, "a file is refused"),
}


@pytest.mark.parametrize("row", ROWS)
def test_an_answer(row: str) -> None:
    url, fields, status, got, body, happened, wrong = ROWS[row]
    journal, now = Journal(), time.monotonic()
    if happened:
        journal.begin(happened, "a.js")
    judge = Judge(KNOWN, journal, SURVIVOR)
    judge.judge(Asked("GET", url, fields), Got(status, got, body, now, time.monotonic()), SURVIVOR)
    assert [each.startswith(wrong or "-") for each in judge.failures] == ([True] if wrong else [])


@pytest.mark.parametrize(
    ("worker", "opened", "failed", "excused"),
    [
        (7, 0.0, 15.0, True),
        (8, 0.0, 15.0, False),
        (None, 0.0, 15.0, True),
        (None, 0.0, 9.0, False),
        (7, 12.0, 15.0, False),
    ],
)
def test_a_connection_that_broke(worker: int | None, opened: float, failed: float, excused: bool) -> None:
    """A worker, 7, died between 10 and 11."""
    journal = Journal()
    journal.kills.append(Kill(7, Interval(10.0, 11.0)))
    assert journal.excuses(worker, opened, failed) is excused
