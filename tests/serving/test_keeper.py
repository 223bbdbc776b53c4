"""A process that keeps its release for others says which part of that fails: once, until it works again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import servestatic
from servestatic.releases.document import FOLDER, path_of
from servestatic.releases.history import History
from servestatic.releases.known import has_release
from servestatic.releases.place import DirectoryPlace
from servestatic.serving.keeper import Keeper
from servestatic.store import Store
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED = path_of("0" * 16)  # the document of another release, which stays


@pytest.mark.parametrize(
    ("damaged", "line", "kept"),
    [
        (FOLDER, "the release is not kept for other processes", False),
        (DAMAGED, "old releases are not removed", True),
    ],
)
def test_what_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture, damaged: str, line: str, kept: bool) -> None:
    write(tmp_path / "static", {"a.css": "a{}"})
    catalog = servestatic.collect(tmp_path / "static", store="none").catalog
    place, store = DirectoryPlace(tmp_path / "place"), Store(tmp_path / "store")
    keeper = Keeper(History(place, store, "/static/"), store, catalog, chosen=True)
    place.replace(damaged, b"no document\n")
    keeper.work()
    keeper.work()
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"servestatic: {line}: {place.name}: ")
    assert kept == (not (tmp_path / "place" / FOLDER).is_file() and has_release(place, catalog.identify()))
    place.delete(damaged)
    caplog.clear()
    keeper.work()
    assert has_release(place, catalog.identify())
    assert line not in caplog.text
