"""The id of a release: the same for the same files, names and prefix, and another for anything else."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic import Directory
from tests.support.files import write
from tests.support.indexes import COLLECT

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "a.css": "a{background:url(b.svg)}" + "a{}" * 300,
    "b.svg": "<svg/>",
    "p.html": "<link rel=stylesheet href=/static/a.css>",
    "lib.js": "1",
}


def identify(root: Path, *more: Directory, **settings: Any) -> str:
    return servestatic.collect(root, *more, **{"store": "none"} | settings).release


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "static", FILES)


@pytest.mark.parametrize(
    "settings",
    [
        {"max_age": 60},
        {"headers": {"*": {"X-A": "b"}}},
        {"cors": "off"},
        {"compress": "build"},
        {"prefix": "static"},
        {"strict": True},
        {"index_file": "p.html"},
    ],
    ids=str,
)
def test_what_does_not_change_it(root: Path, tmp_path: Path, settings: dict[str, object]) -> None:
    release = identify(root)
    assert re.fullmatch("[0-9a-f]{16}", release)
    elsewhere = write(tmp_path / "else/where", dict(reversed(FILES.items())))
    os.utime(elsewhere / "a.css", (1, 1))
    assert identify(elsewhere, **settings) == release
    half = write(tmp_path / "half", {"a.css": FILES["a.css"]})
    assert identify(half, Directory(elsewhere), **settings) == release


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({"lib.js": "2"}, {}),
        ({"b.svg": "<svg></svg>"}, {}),
        ({"new.js": "1"}, {}),
        ({"p.html": "<p>"}, {}),
        ({}, {"prefix": "/other/"}),
        ({}, {"fingerprints": False}),
        ({}, {"immutable": "lib.js"}),
    ],
    ids=str,
)
def test_what_changes_it(root: Path, files: dict[str, str], settings: dict[str, object]) -> None:
    release = identify(root)
    write(root, files)
    changed = identify(root, **settings)
    assert changed != release
    assert changed == identify(root, **settings)


def test_files_that_swap_their_names(tmp_path: Path) -> None:
    one, two = (write(tmp_path / text, {"a.txt": text, "b.txt": other}) for text, other in ("12", "21"))
    assert identify(one) != identify(two)


def test_a_mount_is_part_of_it(root: Path, tmp_path: Path) -> None:
    public = write(tmp_path / "public", {"robots.txt": "x"})
    assert len({identify(root, Directory(public, at=at)) for at in (None, "/", "/public/")}) == 3


def test_a_build_and_the_next_start_have_the_same(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**18))
    public = Directory(write(tmp_path / "public", {"robots.txt": "x"}), at="/")
    release = identify(root, public)
    store = str(tmp_path / "store")
    assert [identify(root, public, store=store) for _ in range(2)] == [release, release]
    servestatic.collect(root, public, store="none").write(str(tmp_path / "out"))
    assert servestatic.collect(build=str(tmp_path / "out")).release == release
    assert (tmp_path / "out/.servestatic/current").read_text() == f"{release}\n"


def test_live(root: Path) -> None:
    """Another one whenever a file is written, added or removed."""
    index = COLLECT["live"](root)
    found = [index.release, index.release]
    (root / "b.svg").write_text("<svg></svg>")
    found.append(index.release)
    write(root, {"deep/new.js": "1"})
    found.append(index.release)
    (root / "lib.js").unlink()
    found.append(index.release)
    assert found[0] == found[1]
    assert len({*found}) == 4


def test_templates(root: Path) -> None:
    from jinja2 import Environment

    from servestatic.jinja import install

    environment = Environment(autoescape=True)
    index = servestatic.collect(root, store="none")
    install(environment, index)
    assert environment.from_string("{{ static_release() }}").render() == index.release
