"""A file that is stored in a content coding is sent in it, through every adapter: SVG 1.1 §1.2, RFC 9110 §8.4."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from servestatic import collect
from tests.support.drivers import DRIVERS
from tests.support.judge import Sent

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>\n" * 50
DATA = gzip.compress(SVG, mtime=0)
# Method and fields of the request → status, Content-Encoding and body.
ROWS: list[tuple[str, dict[str, str], int, str | None, bytes]] = [
    ("GET", {}, 200, "gzip", DATA),
    ("GET", {"Accept-Encoding": "gzip, br"}, 200, "gzip", DATA),
    ("GET", {"Accept-Encoding": "gzip;q=0"}, 200, "gzip", DATA),  # §12.5.3: there is no other representation
    ("HEAD", {"Accept-Encoding": "gzip"}, 200, "gzip", b""),
    ("GET", {"Range": "bytes=0-1"}, 206, "gzip", DATA[:2]),
    ("GET", {"If-None-Match": "*"}, 304, None, b""),
]


@pytest.mark.parametrize("adapter", DRIVERS)
@pytest.mark.parametrize(("method", "fields", "status", "coding", "body"), ROWS)
def test_svgz(
    adapter: str, method: str, fields: dict[str, str], status: int, coding: str | None, body: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.svgz").write_bytes(DATA)
    index = collect(tmp_path, store="none")
    got = DRIVERS[adapter](index, Sent(method, index.url("a.svgz"), tuple(fields.items())))
    answered = dict(got.fields)
    assert (got.status, answered.get("content-encoding"), got.body) == (status, coding, body)
    assert answered.get("content-type") == (None if status == 304 else "image/svg+xml")
    assert "vary" not in answered
