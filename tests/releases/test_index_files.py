"""Several index files: a URL that ends with a slash serves the first that its folder has."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import servestatic
from servestatic import Index
from servestatic.http.representation import Redirect
from tests.support.client import get
from tests.support.files import write

NAMES = ("index.html", "index.htm", "default.txt")
FILES = {
    "index.htm": "home",
    "both/index.htm": "second",
    "both/index.html": "first",
    "old/index.htm": "<img src=../a.svg>",
    "text/default.txt": "text",
    "none/home.html": "home",
    "a.svg": "<svg/>",
}


def seal(*sources: str, **settings: object) -> Index:
    """Collect, write a build, and serve that."""
    servestatic.collect(*sources, **settings).write("out")  # type: ignore[arg-type] # any settings
    return servestatic.collect(build="out", **settings)  # type: ignore[arg-type] # any settings


KINDS: Mapping[str, Callable[..., Index]] = {
    "collected": servestatic.collect,
    "live": servestatic.live,
    "sealed": seal,
}
# path below the mount → status, and what it serves or where it leads
ROWS = [
    ("", 200, b"home"),
    ("both/", 200, b"first"),
    ("both/index.htm", 200, b"second"),
    ("both", 308, "both/"),
    ("old/", 200, b"<img src=../a."),
    ("old", 308, "old/"),
    ("text/", 200, b"text"),
    ("text", 308, "text/"),
    ("none/", None, None),
    ("none", None, None),
    ("index.htm/", None, None),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with the files at the root of the site and below its prefix."""
    write(tmp_path, {f"{place}/{name}": text for place in ("public", "static") for name, text in FILES.items()})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("mount", ["/", "/static/"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.usefixtures("folder")
def test_the_first_that_exists(kind: Callable[..., Index], mount: str) -> None:
    index = kind("static", root="public", index_file=NAMES)
    for path, status, expected in ROWS:
        target = index.get(mount + path)
        if isinstance(target, Redirect):
            assert (status, target.location) == (308, f"./{expected!s}"), path
        elif isinstance(expected, bytes):
            found, _, data = get(index, mount + path)
            assert (found, data[: len(expected)]) == (status, expected), path
        else:
            assert (target, status) == (None, None), path
    assert isinstance(index.get("/static"), Redirect)
    assert index.url("a.svg").encode() in get(index, "/static/old/")[2].replace(b"../", b"/static/")


def test_the_order_decides(folder: Path) -> None:
    index = servestatic.collect("static", index_file=NAMES[::-1])
    assert get(index, "/static/both/")[2] == b"second"


def test_live_follows_them(folder: Path) -> None:
    index = servestatic.live("static", index_file=NAMES)
    assert get(index, "/static/")[2] == b"home"
    (folder / "static" / "index.html").write_text("new")
    assert get(index, "/static/")[2] == b"new"
    (folder / "static" / "index.html").unlink()
    assert get(index, "/static/")[2] == b"home"


def test_a_reference_to_such_a_folder_is_not_broken(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(folder / "static", {"links.html": "<iframe src=/static/old></iframe><iframe src=/static/none></iframe>"})
    servestatic.collect("static", index_file=os.pathsep.join(NAMES))
    assert "/static/old" not in caplog.text
