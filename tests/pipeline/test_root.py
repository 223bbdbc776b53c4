"""Files at the root of the site, by the setting `root`."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import servestatic
from servestatic import Directory, Index, SettingError, SourceError
from servestatic.http.representation import Redirect
from tests.support.client import get
from tests.support.files import write

FILES = {
    "static/css/app.css": "a{}",
    "static/both.txt": "below the prefix",
    "public/robots.txt": "User-agent: *\n",
    "public/favicon.svg": "<svg/>",
    "public/sw.js": "self",
    "public/.well-known/assetlinks.json": "[]",
    "public/.env": "SECRET",
    "public/index.html": '<link rel=icon href=/favicon.svg><link rel=stylesheet href="/static/css/app.css">',
    "public/about.html": "about",
    "public/docs/index.html": "docs",
    "public/static/css/app.css": "hidden by the file below the prefix",
    "public/static/more.css": "not hidden",
    "more/ads.txt": "ads",
    "more/robots.txt": "hidden by the first directory",
}
AT_ROOT = {
    "/robots.txt": b"User-agent: *\n",
    "/favicon.svg": b"<svg/>",
    "/sw.js": b"self",
    "/.well-known/assetlinks.json": b"[]",
    "/static/css/app.css": b"a{}",
    "/static/more.css": b"not hidden",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write(tmp_path, FILES))
    return tmp_path


def seal(*sources: str, **settings: Any) -> Index:
    servestatic.collect(*sources, **settings).write("out")
    return servestatic.collect(**{**settings, "build": "out", "root": "gone"})


def start_again(*sources: str, **settings: Any) -> Index:
    """Start from what an earlier start has left in the store."""
    for path in (*Path().rglob("*"), Path()):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    servestatic.collect(*sources, **settings, store="store")
    return servestatic.collect(*sources, **settings, store="store")


KINDS: Mapping[str, Callable[..., Index]] = {
    "collected": servestatic.collect,
    "live": servestatic.live,
    "sealed": seal,
    "from the store": start_again,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_served(folder: Path, kind: Callable[..., Index]) -> None:
    index = kind("static", root="public")
    for path, data in AT_ROOT.items():
        assert get(index, path)[::2] == (200, data), path
    for path in ("/", "/about", "/docs/", "/docs", "/.env", "/css/app.css", "/both.txt", "/static/robots.txt"):
        assert index.get(path) is None, path
    status, fields, data = get(index, index.url("favicon.svg"))
    assert (status, data, index.url("favicon.svg").startswith("/favicon.")) == (200, b"<svg/>", True)
    assert fields["Cache-Control"] == ("no-cache" if kind is servestatic.live else "max-age=31536000, immutable")
    page = get(index, "/index.html")[2].decode()
    assert f"href={index.url('favicon.svg')}>" in page
    assert f'href="{index.url("css/app.css")}"' in page


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_pages_where_they_are_asked_for(folder: Path, kind: Callable[..., Index]) -> None:
    index = kind("static", root="public", index_file="index.html", clean_urls=True)
    assert get(index, "/")[2].startswith(b"<link")
    assert get(index, "/about")[2] == b"about"
    assert get(index, "/docs/")[2] == b"docs"
    assert isinstance(index.get("/docs"), Redirect)
    assert index.get("/static") is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("path", ["/x.0123456789ab.js", "/users/3", "/robots.txt/", "/robots", "//robots.txt", ""])
def test_what_is_the_applications(folder: Path, kind: Callable[..., Index], path: str) -> None:
    """Also what has the shape of a fingerprint: an application may have a download of such a name."""
    assert kind("static", root="public").get(path) is None


def test_another_fingerprint_of_a_file_is_not_the_applications(folder: Path) -> None:
    assert get(servestatic.collect("static", root="public"), "/sw.0123456789ab.js")[0] == 404


def test_without_a_source(folder: Path) -> None:
    index = servestatic.collect(root="public")
    assert get(index, "/robots.txt")[2] == b"User-agent: *\n"
    assert "css/app.css" not in index
    with pytest.raises(SettingError, match="no source"):
        servestatic.collect(root="")


# ------------------------------------------------------------------------------------------------ where it is set

WRITTEN: Mapping[str, tuple[object, str, str]] = {
    "a text": ("public", "public", '"public"'),
    "a path": (Path("public"), "public", '["public"]'),
    "several": (["public", Path("more")], f"public{os.pathsep}more", '["public", "more"]'),
}


@pytest.mark.parametrize(("keyword", "variable", "toml"), WRITTEN.values(), ids=WRITTEN)
def test_ways(folder: Path, keyword: Any, variable: str, toml: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def paths(index: Index) -> set[str]:
        return {entry.mount + entry.name for entry in index.catalog.entries()}

    expected = paths(servestatic.collect("static", root=keyword))
    assert "/robots.txt" in expected
    assert ("/ads.txt" in expected) == ("more" in variable)
    with monkeypatch.context() as patch:
        patch.setenv("SERVESTATIC_ROOT", variable)
        assert paths(servestatic.collect("static")) == expected
    write(folder, {"pyproject.toml": f"[tool.servestatic]\nroot = {toml}\n"})
    assert paths(servestatic.collect("static")) == expected


def test_the_first_of_several_wins(folder: Path) -> None:
    index = servestatic.collect("static", root=["public", "more"])
    assert get(index, "/robots.txt")[2] == b"User-agent: *\n"
    assert get(index, "/ads.txt")[2] == b"ads"
    index = servestatic.collect("static", Directory("more", at="/"), root="public")
    assert get(index, "/robots.txt")[2] == b"hidden by the first directory"


def test_with_the_prefix_of_the_root(folder: Path) -> None:
    index = servestatic.collect("static", root="public", prefix="/")
    assert get(index, "/css/app.css")[2] == b"a{}"
    assert get(index, "/robots.txt")[2] == b"User-agent: *\n"


@pytest.mark.parametrize("value", [3, True, {"public": "/"}, ["public", 3]])
def test_a_wrong_value(value: Any) -> None:
    with pytest.raises(SettingError, match=r"root in the keyword arguments is .*: expected a"):
        servestatic.collect("static", root=value)


# -------------------------------------------------------------------------------------------------- what is missing


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "nowhere",
            r"the directory 'nowhere' of the setting root \(looked for at .*/nowhere\) does not exist\. Create it",
        ),
        ("public/sw.js", r"the directory 'public/sw.js' of the setting root .* is a file\. Create it, or correct it"),
    ],
)
def test_a_directory_that_does_not_exist(folder: Path, name: str, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        servestatic.collect("static", root=name)


def test_a_directory_that_comes_later(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servestatic.pipeline.live.rescan._PAUSE", 0.0)
    index = servestatic.live("static", root="later")
    assert f"{folder}/later/: No such file or directory" in caplog.text
    assert index.get("/new.txt") is None
    write(folder, {"later/new.txt": "new"})
    assert get(index, "/new.txt")[2] == b"new"
    write(folder, {"later/new.txt": "newer"})
    assert get(index, "/new.txt")[2] == b"newer"


def test_links_between_the_root_and_the_sources(folder: Path) -> None:
    (folder / "public/app.css").symlink_to(folder / "static/css/app.css")
    (folder / "static/robots.txt").symlink_to(folder / "public/robots.txt")
    index = servestatic.collect("static", root="public")
    assert get(index, "/app.css")[2] == b"a{}"
    assert get(index, "/static/robots.txt")[2] == b"User-agent: *\n"


def test_a_build_of_some_files_has_those_at_the_root(folder: Path) -> None:
    """As collectstatic writes it, which may leave files of the sources out."""
    servestatic.collect("static", root="public").write("out", only={"css/app.css"})
    index = servestatic.collect(build="out")
    assert "both.txt" not in index
    assert get(index, "/robots.txt")[2] == b"User-agent: *\n"
