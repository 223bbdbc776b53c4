"""`servestatic releases`: what is in a place, what differs, and what is removed."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

import servestatic
from servestatic.releases.announce import announce
from servestatic.releases.document import ALIVE, PENDING, path_of
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
from tests.support.command import call
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic import Index


class Site(NamedTuple):
    folder: Path
    place: DirectoryPlace
    old: Index
    new: Index


@pytest.fixture
def site(tmp_path: Path) -> Site:
    place, indexes = DirectoryPlace(tmp_path / "place"), []
    for text in ("<svg/>", "<svg>2</svg>"):
        write(tmp_path / "static", {"a.css": "a{}", "b.svg": text})
        indexes.append(servestatic.collect(tmp_path / "static", store="none"))
        put(place, indexes[-1].catalog)
        for listed in place.list():
            moment = time.time() - 20 * 24 * 3600 + len(indexes)
            os.utime(tmp_path / "place" / listed.path, (moment, moment))
    os.utime(tmp_path / "place" / path_of(indexes[-1].release), (time.time() - 90, time.time() - 90))
    return Site(tmp_path, place, *indexes)


def test_list(site: Site) -> None:
    site.place.replace(f"{ALIVE}/{site.new.release}", b"")
    listed = json.loads(call(site.folder, "releases", "list", "--place", "place", "--json").out)
    assert [(each["id"], each["files"], each["alive"]) for each in listed["releases"]] == [
        (site.new.release, 2, True),
        (site.old.release, 2, False),
    ]
    shown = call(site.folder, "releases", "list", SERVESTATIC_RELEASES="place").out.splitlines()
    assert shown[1].split() == [site.new.release, "2", "m", "2", "15", "yes"]
    assert shown[2].split()[:3] == [site.old.release, "20", "d"]
    assert shown[3].startswith("2 releases in ")


def test_show_and_diff(site: Site) -> None:
    shown = json.loads(call(site.folder, "releases", "show", site.old.release, "--place", "place", "--json").out)
    assert {each["path"] for each in shown["files"]} == {site.old.path("a.css"), site.old.path("b.svg")}
    assert site.old.path("b.svg") in call(site.folder, "releases", "show", site.old.release, "--place", "place").out
    ids = site.old.release, site.new.release
    differing = json.loads(call(site.folder, "releases", "diff", *ids, "--place", "place", "--json").out)
    assert (differing["added"], differing["removed"]) == ({site.new.path("b.svg"): 12}, {site.old.path("b.svg"): 6})
    assert "1 file in both, 1 in" in call(site.folder, "releases", "diff", *ids, "--place", "place").out


def test_what_a_visitor_downloads_again(site: Site) -> None:
    old = "".join(f"value{number}={number * number};" for number in range(1000))
    ids = []
    for text in (old, old.replace("value500", "changed")):
        write(site.folder / "static", {"app.js": text})
        index = servestatic.collect(site.folder / "static", store="none")
        put(site.place, index.catalog)
        ids.append(index.release)
    differing = json.loads(call(site.folder, "releases", "diff", *ids, "--place", "place", "--json").out)
    assert differing["added"] == {index.path("app.js"): len(old) - 1}
    assert differing["deltas"].keys() == differing["added"].keys()
    assert 50 < differing["again"] < 200
    shown = call(site.folder, "releases", "diff", *ids, "--place", "place").out
    assert f"A visitor of both downloads {differing['again']} B again" in shown


def test_prune(site: Site) -> None:
    command = ["releases", "prune", "--place", "place", "--keep", "1", "--keep-for", "1d"]
    foreseen = json.loads(call(site.folder, *command, "--dry-run", "--json").out)
    assert (foreseen["releases"], foreseen["files"], foreseen["dry_run"]) == ([site.old.release], 1, True)
    assert "would be removed" in call(site.folder, *command, "--dry-run").out
    assert len([*site.place.list()]) == 5
    assert f" removed.\n{site.old.release}\n" in call(site.folder, *command).out
    assert {listed.path for listed in site.place.list()} == {
        path_of(site.new.release),
        site.new.path("a.css"),
        site.new.path("b.svg"),
    }


def test_nothing_is_removed_while_a_release_is_put(site: Site) -> None:
    command = ["releases", "prune", "--place", "place", "--keep", "1", "--keep-for", "1d"]
    with announce(site.place, PENDING, "0" * 16):
        done = call(site.folder, *command)
        assert json.loads(call(site.folder, *command, "--json").out)["releases"] == []
    assert (done.code, done.out) == (
        0,
        f"{site.place.name}: nothing is removed while a release is being put. Try again later.\n",
    )
    assert f" removed.\n{site.old.release}\n" in call(site.folder, *command).out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["list"], "no place is named: pass --place, or set SERVESTATIC_RELEASES"),
        (["show", "abc", "--place", "place"], "has no release abc: see `servestatic releases list`"),
        (["show", "../../etc/passwd", "--place", "place"], "is not the path of a file in"),
        (["prune", "--place", "place", "--keep-for", "soon"], "'soon' is not a time such as 7d or 12h"),
        (["list", "--place", "s3://nowhere/x"], "s3://nowhere/x: "),
    ],
)
def test_what_cannot_be_done(site: Site, arguments: list[str], sentence: str) -> None:
    done = call(
        site.folder,
        "releases",
        *arguments,
        AWS_ENDPOINT_URL="http://127.0.0.1:1",
        AWS_ACCESS_KEY_ID="x",
        AWS_SECRET_ACCESS_KEY="x",
    )
    assert done.code == 2
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_a_damaged_release_is_listed(site: Site) -> None:
    site.place.replace(path_of("f" * 16), b"x")
    assert "f" * 16 in call(site.folder, "releases", "list", "--place", "place").out
