"""Clean URLs: `/about` serves about.html, as static hosts have it; redirects are relative and keep the query."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest

import servestatic
from servestatic.http.message import Request
from servestatic.serving.deliver import answer, find
from tests.support.client import get
from tests.support.files import write

FILES = {
    "index.html": "<p>home",
    "about.html": "<p>about",
    "both.html": "<p>both, a file",
    "both/index.html": "<p>both, a folder",
    "docs/index.html": "<p>docs",
    "docs/v1.2.html": "<p>version",
    "plain": "a file without extension",
    "plain.html": "<p>not this",
    "ünï c.html": "<p>unicode",
    "app.js": "1",
}
# path → status, and the body, or where a redirect leads
ROWS = [
    ("about", 200, "<p>about"),
    ("about.html", 200, "<p>about"),
    ("about/", 308, "about"),
    ("about/index.html", None, ""),
    ("both", 200, "<p>both, a file"),
    ("both/", 200, "<p>both, a folder"),
    ("docs", 308, "docs/"),
    ("docs/", 200, "<p>docs"),
    ("docs/index", 200, "<p>docs"),
    ("docs/v1.2", 200, "<p>version"),
    ("docs/v1.2/", 308, "docs/v1.2"),
    ("plain", 200, "a file without extension"),
    ("ünï c", 200, "<p>unicode"),
    ("ünï c/", 308, "%C3%BCn%C3%AF%20c"),
    ("app", None, ""),
    ("app.js/", None, ""),
    ("about//", None, ""),
    ("about.HTML", None, ""),
    (".html", None, ""),
    ("", 200, "<p>home"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("site"), FILES)


@pytest.mark.parametrize("live", [False, True], ids=["collected", "live"])
@pytest.mark.parametrize("prefix", ["/", "/static/"])
@pytest.mark.parametrize(("path", "status", "expected"), ROWS, ids=[path or "empty" for path, _, _ in ROWS])
def test_clean_urls(folder: Path, prefix: str, path: str, status: int | None, expected: str, live: bool) -> None:
    index = servestatic.collect(folder, prefix=prefix, index_file="index.html", clean_urls=True, live=live)
    target = find(index.resources, prefix + path, "")
    if target is None:
        assert status is None
        return
    response, file = answer(index.resources, target, Request("GET", {}, "a=1&b=%20"))
    assert file is None
    fields = dict(response.fields)
    assert response.status == status
    if status == 308:
        assert fields["Location"].startswith((".", ".."))
        assert urljoin(prefix + path, fields["Location"]) == f"{prefix}{expected}?a=1&b=%20"
        assert fields["Cache-Control"] == "no-cache"
    else:
        assert get(index, prefix + path)[2].decode() == expected


def test_they_are_off_by_default(folder: Path) -> None:
    index = servestatic.collect(folder, index_file="index.html")
    assert index.get("/static/about") is index.get("/static/about/") is None


def test_without_index_files(folder: Path) -> None:
    index = servestatic.collect(folder, clean_urls=True)
    assert get(index, "/static/about")[2] == b"<p>about"
    assert index.get("/static/docs") is index.get("/static/docs/") is index.get("/static/") is None


def test_both_urls_of_a_page_follow_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)
    index = servestatic.collect(write(tmp_path, {"about.html": "<p>old"}), prefix="/", clean_urls=True)
    assert [get(index, path)[2] for path in ("/about", "/about.html")] == [b"<p>old"] * 2
    (tmp_path / "about.html").write_text("<p>newer")
    assert [get(index, path)[2] for path in ("/about", "/about.html")] == [b"<p>newer"] * 2
    (tmp_path / "about.html").unlink()
    assert [get(index, path)[0] for path in ("/about", "/about.html")] == [404] * 2
