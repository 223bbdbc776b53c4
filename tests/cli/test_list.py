"""`list`: every file with its URL and sizes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import servestatic
from tests.support.command import call

if TYPE_CHECKING:
    from pathlib import Path


def test_for_machines(troubled: Path) -> None:
    listed = json.loads(call(troubled, "list", "one", "two", "--json").out)
    files = {each["name"]: each for each in listed["files"]}
    index = servestatic.collect(troubled / "one", troubled / "two", prefix="/")
    assert (listed["release"], listed["prefix"]) == (index.release, "/")
    assert sorted(files) == sorted(index)
    for name, each in files.items():
        assert each["url"] == index.url(name)
        assert each["place"] == str(troubled / each["source"].split("'")[1] / name)
        assert all(count < each["size"] for count in each["codings"].values())
    assert {"br", "gzip"} <= files["css/base.css"]["codings"].keys()
    assert files["img/photo.jpg"]["codings"] == {}
    assert [files[name]["source"] for name in ("css/base.css", "only.txt")] == ["directory 'one'", "directory 'two'"]


def test_for_people(folder: Path) -> None:
    url = servestatic.collect(folder / "static", prefix="/").url("a.css")
    done = call(folder, "list", "static")
    titles, first, second, summary = done.out.splitlines()
    assert titles.split() == ["name", "URL", "bytes", "br", "gzip"]
    assert first.split()[:2] == ["a.css", url]
    assert second.split() == ["b.svg", "/b.f8d3a9a4c7ad.svg", "6", "–", "–"] or second.split()[2:] == ["6", "–", "–"]
    assert summary.startswith("2 files of static, ")
    assert (done.code, done.err) == (0, "")


def test_several_sources_have_a_column(troubled: Path) -> None:
    lines = call(troubled, "list", "one", "two").out.splitlines()
    assert lines[0].split()[-1] == "source"
    assert {line.split()[-1] for line in lines[1:-1]} == {"one", "two"}
    assert lines[-1].startswith("11 files, ")


def test_the_sealed_build_of_a_setting(folder: Path) -> None:
    call(folder, "build", "out", "static")
    listed = json.loads(call(folder, "list", "--json", SERVESTATIC_BUILD="out").out)["files"]
    assert [(each["name"], each["source"], each["place"]) for each in listed] == [
        ("a.css", "the sealed build", None),
        ("b.svg", "the sealed build", None),
    ]
    assert {"br", "gzip"} <= listed[0]["codings"].keys()


def test_the_usual_directory(folder: Path) -> None:
    assert "2 files of static" in call(folder, "list").out
