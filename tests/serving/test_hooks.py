"""Settings that are functions, and no Cache-Control at all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic import SettingError
from servestatic.assets.policy import IMMUTABLE
from servestatic.http.message import Request
from servestatic.pipeline import collector
from servestatic.serving.deliver import answer, find
from tests.support.client import get
from tests.support.files import write
from tests.support.indexes import Collect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES = {"a.css": "a{background:url(img/b.svg)}", "img/b.svg": "<svg/>", "c-4f0c2a1b.js": "1", "page.html": "<p>"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "static", FILES)


def ask(index: servestatic.Index, path: str, method: str = "GET", **fields: str) -> tuple[int, dict[str, str]]:
    target = find(index.resources, path, "")
    assert target is not None, path
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    response, file = answer(index.resources, target, Request(method, named))
    if file:
        file.close()
    return response.status, dict(response.fields)


# ------------------------------------------------------------------------------------------------- headers


def describe(name: str, path: str) -> dict[str, str] | None:
    """Return what it is asked, in a field that every answer has and in one that comes with the file."""
    if name == "page.html":
        return None
    return {"Cross-Origin-Asked": f"{name} at {path}", "X-Asked": f"{name} at {path}", "cache-control": "max-age=7"}


def test_headers(root: Path, collect: Collect) -> None:
    index = collect(root, headers=describe)
    for name in ("a.css", "img/b.svg"):
        for path in (index.url(name), f"/static/{name}"):
            asked = f"{name} at {path}"
            status, fields = ask(index, path)
            assert (status, fields["Cross-Origin-Asked"], fields["X-Asked"]) == (200, asked, asked)
            assert fields["Cache-Control"] == "max-age=7"
            status, unchanged = ask(index, path, if_none_match=fields["ETag"])
            assert (status, unchanged["Cross-Origin-Asked"], "X-Asked" in unchanged) == (304, asked, False)
            status, refused = ask(index, path, "DELETE")
            assert (status, refused["Cross-Origin-Asked"]) == (405, asked)
    assert "X-Asked" not in ask(index, "/static/page.html")[1]


def test_headers_without_a_file(root: Path) -> None:
    """The function is asked for files, not for redirects and releases that are gone."""
    write(root, {"sub/index.html": "<p>"})
    index = servestatic.collect(root, headers=describe, index_file="index.html", max_age=None)
    for path, expected in (("/static/a.0123456789ab.css", 404), ("/static/sub", 308)):
        status, fields = ask(index, path)
        assert (status, "Cross-Origin-Asked" in fields) == (expected, False)


def test_headers_of_a_file_that_is_gone(root: Path) -> None:
    index = servestatic.collect(root, headers=describe)
    url = index.url("a.css")
    (root / "a.css").unlink()
    status, fields = ask(index, url)
    assert (status, fields["Cross-Origin-Asked"]) == (404, f"a.css at {url}")


def fail(*_: str) -> Any:
    raise RuntimeError("the project's own")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (fail, "RuntimeError: the project's own"),
        (lambda name, path: {"ETag": "1"}, "no header 'ETag'"),
        (lambda name, path: {"X": f"{name}\r\n"}, "the value of X to be printable ASCII"),
        (lambda name, path: {"X": 3}, "the value of X to be printable ASCII"),
        (lambda name, path: 3, "'int' object has no attribute"),
    ],
)
def test_headers_that_fail(root: Path, wrong: Any, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    """The file is served without them; one line says why, however many files and requests there are."""
    index = servestatic.collect(root, headers=wrong)
    for _ in range(2):
        for name in FILES:
            assert ask(index, index.url(name))[0] == 200
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == (
        "servestatic: the function in the setting headers fails for 'a.css', and maybe for others"
    )
    assert reason in caplog.text


def test_a_warm_start_with_other_headers(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier start has read is good for another function: fields are none of what it found."""
    monkeypatch.setattr("servestatic.pipeline.snapshot.is_steady", lambda *_: True)
    store = tmp_path / "store"
    first = servestatic.collect(root, store=store, headers=describe)
    monkeypatch.setattr(collector, "collect_files", fail)
    second = servestatic.collect(root, store=store, headers=lambda name, path: {"X-Second": "yes"})
    assert (first.url("a.css"), ask(second, "/static/a.css")[1]["X-Second"]) == (second.url("a.css"), "yes")


# ------------------------------------------------------------------------------------------------- immutable


def test_immutable(root: Path, collect: Collect) -> None:
    index = collect(root, immutable=lambda name: name.startswith("c-"))
    assert (index.path("c-4f0c2a1b.js"), index.path("a.css") == "a.css") == ("c-4f0c2a1b.js", False)
    fresh = "no-cache" if collect is servestatic.live else IMMUTABLE
    assert ask(index, "/static/c-4f0c2a1b.js")[1]["Cache-Control"] == fresh


def test_immutable_that_fails(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = servestatic.collect(root, immutable=fail)
    assert index.path("c-4f0c2a1b.js") != "c-4f0c2a1b.js"
    assert ask(index, index.url("a.css"))[0] == 200
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "servestatic: the function in the setting immutable fails for 'a.css', and maybe for others"
    ]


def test_no_start_takes_what_another_function_has_said(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servestatic.pipeline.snapshot.is_steady", lambda *_: True)
    for name in FILES:
        index = servestatic.collect(root, store=tmp_path / "store", immutable=Only(name))
        assert {each for each in index if index.path(each) == each} == {name, "page.html"}
        written = (
            "img/b.svg" if name == "a.css" else index.path("img/b.svg")
        )  # nothing is rewritten in what keeps its bytes
        assert get(index, index.url("a.css"))[2] == f"a{{background:url({written})}}".encode()


class Only:
    """A function that another one is like, by its representation."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return "Only"

    def __call__(self, name: str) -> bool:
        return name == self._name


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"headers": lambda headers, path, url: None}, "expected a function of a file's path and its URL path"),
        ({"headers": lambda path: {}}, "expected a function of a file's path and its URL path"),
        ({"immutable": lambda path, url: True}, "expected a function of a file's path"),
    ],
)
def test_functions_of_something_else(root: Path, settings: Mapping[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        servestatic.collect(root, **settings)


# ------------------------------------------------------------------------------------------------------- max_age


def test_no_cache_control(root: Path, collect: Collect) -> None:
    """For plain URLs alone: a page is revalidated, and a fingerprinted URL is immutable."""
    index = collect(root, max_age=None)
    is_live = collect is servestatic.live
    status, fields = ask(index, "/static/a.css")
    assert (status, fields.get("Cache-Control")) == (200, "no-cache" if is_live else None)
    status, unchanged = ask(index, "/static/a.css", if_none_match=fields["ETag"])
    assert (status, unchanged.get("Cache-Control")) == (304, "no-cache" if is_live else None)
    assert ask(index, "/static/page.html")[1]["Cache-Control"] == "no-cache"
    assert ask(index, index.url("a.css"))[1]["Cache-Control"] == ("no-cache" if is_live else IMMUTABLE)
    write(root, {"sub/index.html": "<p>"})
    for pages, freshness in ((True, "no-cache"), (False, None)):
        moved = servestatic.collect(root, max_age=None, index_file="index.html", pages=pages)
        assert ask(moved, "/static/sub")[1].get("Cache-Control") == freshness
    with_rule = collect(root, max_age=None, headers={"*.css": {"Cache-Control": "max-age=3"}})
    assert ask(with_rule, "/static/a.css")[1]["Cache-Control"] == "max-age=3"
