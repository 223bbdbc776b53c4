"""The difference from an earlier release, through every adapter: first made, then remembered (RFC 9842)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

import servestatic
from servestatic.http.dictionary import write_dictionary
from tests.support.drivers import DRIVERS
from tests.support.files import write
from tests.support.judge import Sent

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic import Index

OLD = "".join(f"value{number}={number * 7919 % 65521};\n" for number in range(2000))
NEW = OLD.replace("value1000=", "changed=")
DICTIONARY = write_dictionary(hashlib.sha256(OLD.encode()).digest())
CHROME = "gzip, deflate, br, zstd, dcb, dcz"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    settings = {"store": str(tmp_path / "store"), "releases": str(tmp_path / "releases"), "compress": "startup"}
    for text in (OLD, NEW):
        index = servestatic.collect(write(tmp_path / "static", {"app.js": text}), **settings)  # type: ignore[arg-type]
    return index


# Fields of the request → status and Content-Encoding.
ROWS: list[tuple[dict[str, str], int, str | None]] = [
    ({"Accept-Encoding": CHROME}, 200, "br"),
    ({"Accept-Encoding": CHROME, "Available-Dictionary": DICTIONARY}, 200, "dcz"),
    ({"Accept-Encoding": CHROME, "Available-Dictionary": write_dictionary(bytes(32))}, 200, "br"),
    ({"Accept-Encoding": "gzip", "Available-Dictionary": DICTIONARY}, 200, "gzip"),
    ({"Available-Dictionary": DICTIONARY}, 200, None),
    ({"Accept-Encoding": CHROME, "Available-Dictionary": DICTIONARY, "Range": "bytes=0-1"}, 206, None),
]


@pytest.mark.parametrize("adapter", DRIVERS)
def test_deltas(adapter: str, index: Index) -> None:
    bodies: dict[str | None, bytes] = {}
    for fields, status, coding in 2 * ROWS:
        got = DRIVERS[adapter](index, Sent("GET", index.url("app.js"), tuple(fields.items())))
        answered = dict(got.fields)
        assert (got.status, answered.get("content-encoding")) == (status, coding), fields
        assert answered["vary"] == "Accept-Encoding, Available-Dictionary"
        assert answered["use-as-dictionary"] == 'match="app.*.js"'
        assert bodies.setdefault(coding, got.body) == got.body or status == 206
    assert bodies["dcz"][8:40] == hashlib.sha256(OLD.encode()).digest()
    assert len(bodies["dcz"]) < 200
