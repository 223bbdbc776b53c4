"""A process that keeps its release for others says which part of that fails: once, until it works again."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

import servestatic
from servestatic.releases.announce import announce
from servestatic.releases.document import FOLDER, PENDING, path_of
from servestatic.releases.history import History
from servestatic.releases.known import has_release
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.place import Listed as File
from servestatic.releases.retain import DAY
from servestatic.serving.keeper import Keeper
from servestatic.store import Store
from tests.support.files import write

if TYPE_CHECKING:
    from collections.abc import Iterator
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


class Counted(DirectoryPlace):
    """Notes the lists of all its files."""

    lists = 0

    def list(self, under: str = "") -> Iterator[File]:
        self.lists += not under
        return super().list(under)


def test_one_process_of_a_machine_removes_old_releases(tmp_path: Path) -> None:
    """It lists the whole place, which in a bucket is one request for each thousand files."""
    catalog = servestatic.collect(write(tmp_path / "static", {"a.css": "a{}"}), store="none").catalog
    place, lists = Counted(tmp_path / "place"), list[int]()
    for now in (time.time(), time.time() + 60, time.time() + DAY + 60):
        store = Store(tmp_path / "store", now=lambda: now)  # noqa: B023 - used before the next
        Keeper(History(place, store, "/static/"), store, catalog, chosen=True).work()
        lists.append(place.lists)
    assert [after - before for before, after in pairwise([lists[0], *lists])] == [0, 0, 1]


def test_old_releases_are_removed_later_if_one_is_being_put(tmp_path: Path) -> None:
    catalog = servestatic.collect(write(tmp_path / "static", {"a.css": "a{}"}), store="none").catalog
    place, store = Counted(tmp_path / "place"), Store(tmp_path / "store")
    keeper = Keeper(History(place, store, "/static/"), store, catalog, chosen=True)
    keeper._keep()
    with announce(place, PENDING, "0" * 16):
        before = place.lists
        keeper.work()
        assert place.lists == before
    keeper.work()
    assert place.lists == before + 1
