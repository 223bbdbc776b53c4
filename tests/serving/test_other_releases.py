"""Names that this release no longer has, or never had: what was kept of them is served like any other file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import brotli
import pytest

import servestatic
from servestatic.releases.history import History
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
from servestatic.serving import deliver
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic import Index

TEXT = "".join(f".rule-{number} {{ color: #123 }}\n" for number in range(500))
LARGE = "x" * (deliver.DIGESTED_OFTEN + 1)


def collect(tmp_path: Path, **files: str) -> Index:
    """Collect files, put their release into a place, and follow them from there."""
    write(tmp_path / "static", {name.replace("_", "."): text for name, text in files.items()})
    place = tmp_path / "place"
    index = servestatic.collect(tmp_path / "static", store=str(tmp_path / "store"), releases=str(place))
    put(DirectoryPlace(str(place)), index.catalog)
    return index


@pytest.mark.parametrize("of", ["this release, whose file has changed", "an earlier release"])
@pytest.mark.parametrize("first", ["identity", "gzip;q=0"])
def test_a_coding_is_made_when_the_file_was_sent_without_one(tmp_path: Path, of: str, first: str) -> None:
    """The first answer that can have a coding makes it, and is that file all the same."""
    index = collect(tmp_path, a_css=TEXT)
    url = index.url("a.css")
    write(tmp_path / "static", {"a.css": "a{}"})
    if of == "an earlier release":
        index = collect(tmp_path)
    assert get(index, url, accept_encoding=first)[0] == 200
    status, fields, body = get(index, url, accept_encoding="br")
    assert (status, fields.get("Content-Encoding")) == (200, "br")
    assert brotli.decompress(body) == TEXT.encode()


@pytest.mark.parametrize("kept", [True, False])
def test_a_large_file_that_changes_twice_within_a_second(tmp_path: Path, kept: bool) -> None:
    """It is not read again so soon: its fingerprinted URL serves what was kept, or is not found."""
    index = collect(tmp_path, a_bin=LARGE)
    if not kept:
        index = servestatic.collect(tmp_path / "static", store="none")
    url, path = index.url("a.bin"), tmp_path / "static" / "a.bin"
    os.utime(path, (1, 1))
    assert get(index, url)[0] == 200
    path.write_text(LARGE + "more")
    status, fields, body = get(index, url)
    expected = (200, LARGE.encode()) if kept else (404, b"Not found: no such release of this file.\n")
    assert (status, body) == expected
    assert ("no-store" in fields["Cache-Control"]) is not kept


class Emptied(DirectoryPlace):
    """A place from which a release is removed between the moments in which it is listed and read."""

    emptied = True

    def read(self, path: str, limit: int) -> bytes | None:
        return None if self.emptied else super().read(path, limit)


def test_a_release_that_is_removed_and_put_again(tmp_path: Path) -> None:
    index = collect(tmp_path, a_css=TEXT)
    place = Emptied(str(tmp_path / "place"))
    place.pause = 0.0
    history = History(place, Store(tmp_path / "another store"), "/static/")
    assert history.find("/static/", index.path("a.css")) is None
    place.emptied = False
    assert history.find("/static/", index.path("a.css")) is not None
