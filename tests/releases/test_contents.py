"""The bytes that a build writes: those with the digest, wherever they come from."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from servestatic.disk import read
from servestatic.errors import BuildError
from servestatic.http.message import Slice
from servestatic.releases import contents
from servestatic.releases.contents import Content

if TYPE_CHECKING:
    from pathlib import Path

DATA = b"body" * 1000


@pytest.fixture(params=["at once", "in parts"])
def content(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Content:
    """Content of an object of the store, whose bytes come after a header."""
    if request.param == "in parts":
        monkeypatch.setattr(contents, "WHOLE", len(DATA) - 1)
    path = tmp_path / "object"
    path.write_bytes(b"header" + DATA)
    body = Slice(str(path), 6, path.stat().st_size, read.stamp_of(path.stat()), fixed=True)
    return Content(body, len(DATA), hashlib.sha256(DATA).digest(), ["a.css"])


def test_an_object(content: Content) -> None:
    assert b"".join(content.read()) == DATA


def test_an_object_that_was_written_again(content: Content, tmp_path: Path) -> None:
    """Two threads, or processes, may make it at the same time."""
    (tmp_path / "other").write_bytes(b"header" + DATA)
    os.replace(tmp_path / "other", tmp_path / "object")
    assert b"".join(content.read()) == DATA


@pytest.mark.parametrize("data", [b"header" + DATA[:-1], b"header" + DATA[1:] + b"x", b""])
def test_other_bytes(content: Content, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "object").write_bytes(data)
    with pytest.raises(BuildError, match=r"the source of a\.css changed"):
        b"".join(content.read())
