"""From folders to an index: what is collected, how it is named, what is reported."""

import logging
import os
import re
from pathlib import Path
from typing import Any

import pytest

import servestatic
from servestatic import BrokenReference, Directory, File, SettingError, SourceError, UnknownAsset
from servestatic.factory import examine
from servestatic.serving.deliver import find
from servestatic.settings.origins import resolve
from tests.support.client import get
from tests.support.files import write

FINGERPRINT = r"\.[0-9a-f]{12}"


def test_the_line(tmp_path: Path) -> None:
    css = 'body{background:url("../img/a%20b.png?v=1#x")}@import "base.css";' + "a{}" * 500
    root = write(tmp_path, {"css/app.css": css, "css/base.css": "b{}", "img/a b.png": b"png"})
    index = servestatic.collect(root)
    url = index.url("css/app.css")
    assert re.fullmatch(rf"/static/css/app{FINGERPRINT}\.css", url)
    assert "/static/" + index.path("css/app.css") == url
    assert index.url("img/a b.png").startswith("/static/img/a%20b.")

    status, fields, body = get(index, url)
    assert status == 200
    assert fields["Cache-Control"] == "max-age=31536000, immutable"
    assert fields["Content-Type"] == "text/css; charset=utf-8"
    assert fields["Vary"] == "Accept-Encoding"
    assert "Last-Modified" not in fields  # of rewritten bytes nobody knows the date
    references = re.findall(rb'url\("([^"]+)"\)|@import "([^"]+)"', body)
    image, base = references[0][0].decode(), references[1][1].decode()
    assert image == "../" + index.url("img/a b.png").removeprefix("/static/") + "?v=1#x"
    assert base == index.path("css/base.css").removeprefix("css/")

    status, fields, body = get(index, "/static/css/app.css")
    assert (status, body) == (200, css.encode())
    assert fields["Cache-Control"] == "max-age=60"
    assert "Last-Modified" in fields

    _, fields, coded = get(index, url, accept_encoding="gzip, br")
    assert fields["Content-Encoding"] == "br"
    assert len(coded) < len(css) / 3
    assert get(index, url, accept_encoding="gzip")[1]["Content-Encoding"] == "gzip"


def test_names_depend_on_nothing_but_bytes(tmp_path: Path) -> None:
    files = {"a.css": "a{background:url(/one/b.svg)}", "b.svg": "<svg/>", "c.css": "@import 'a.css'"}
    first = servestatic.collect(write(tmp_path / "x", files), prefix="/one/")
    second_root = write(tmp_path / "y/z", {name: files[name] for name in reversed(files)} | {"other": "file"})
    os.utime(second_root / "b.svg", (0, 0))
    second = servestatic.collect(second_root, prefix="/one")
    for name in files:
        assert first.path(name) == second.path(name)
        assert get(first, first.url(name))[1]["ETag"] == get(second, second.url(name))[1]["ETag"]
    relative = servestatic.collect(
        write(tmp_path / "r", files | {"a.css": "a{background:url(./b.svg)}"}), prefix="/two/"
    )
    assert b"b." in get(relative, relative.url("a.css"))[2]
    assert get(first, first.url("a.css"))[2] == get(relative, relative.url("a.css"))[2]


def test_the_first_source_wins(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    one = write(tmp_path / "one", {"a.txt": "one", "same.txt": "same"})
    two = write(tmp_path / "two", {"a.txt": "two", "same.txt": "same", "b.txt": "b"})
    with caplog.at_level(logging.INFO):
        index = servestatic.collect(one, str(two))
    assert get(index, "/static/a.txt")[2] == b"one"
    assert sorted(index) == ["a.txt", "b.txt", "same.txt"]
    (summary,) = [record.getMessage() for record in caplog.records if "hide" in record.getMessage()]
    assert f"a.txt: {one}/a.txt hides {two}/a.txt" in summary
    assert "same.txt" not in summary
    assert "3 static files ready" in caplog.text


def test_mounts(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"a.css": "a{background:url(/favicon.ico)}b{background:url(/static/v/p.png)}"})
    public = write(tmp_path / "public", {"favicon.ico": b"icon", ".well-known/x": "x"})
    vendor = write(tmp_path / "vendor", {"p.png": b"p"})
    index = servestatic.collect(site, Directory(public, at="/"), Directory(vendor, under="v"))
    assert get(index, "/favicon.ico")[2] == b"icon"
    assert get(index, "/.well-known/x")[2] == b"x"
    assert index.url("favicon.ico").startswith("/favicon.")
    assert index.get("/static/favicon.ico") is None
    assert get(index, index.url("v/p.png"))[2] == b"p"
    body = get(index, index.url("a.css"))[2].decode()
    assert f"url({index.url('favicon.ico')})" in body
    assert f"url(./{index.path('v/p.png')})" in body


def test_root_path(tmp_path: Path) -> None:
    index = servestatic.collect(write(tmp_path, {"a.txt": "a"}))
    assert index.get("/static/a.txt") is find(index.resources, "/sub/static/a.txt", "/sub") is not None
    assert find(index.resources, "/static/a.txt", "/sub") is not None
    assert find(index.resources, "/sub/static/a.txt", "") is None
    assert find(index.resources, "/other/static/a.txt", "/sub") is None


def test_unknown_names(tmp_path: Path) -> None:
    index = servestatic.collect(write(tmp_path, {"css/app.css": "a{}"}))
    with pytest.raises(UnknownAsset, match=r"no source has a file 'css/ap\.css'\. Did you mean 'css/app\.css'\?"):
        index.url("css/ap.css")
    with pytest.raises(LookupError):
        index.path("/css/app.css")


def test_other_releases_and_lookalikes(tmp_path: Path) -> None:
    index = servestatic.collect(
        write(tmp_path, {"a.css": "a{}", "b.0123456789ab.js": "1", "c.js": "", "c.0123456789ab.js": "2"})
    )
    status, fields, body = get(index, "/static/a.0123456789ab.css")
    assert (status, fields["Cache-Control"]) == (404, "no-store")
    assert body == b"Not found: no such release of this file.\n"
    assert get(index, "/static/b.0123456789ab.js")[2] == b"1"
    assert get(index, "/static/c.0123456789ab.js")[2] == b"2"
    assert get(index, index.url("b.0123456789ab.js"))[0] == 200
    for path in (
        "/static/",
        "/static",
        "/staticfoo",
        "/static/../a.css",
        "/static//a.css",
        "/static/a.css/",
        "a.css",
        "",
    ):
        assert index.get(path) is None


def test_without_fingerprints(tmp_path: Path) -> None:
    css = "a{background:url(b.png)}"
    index = servestatic.collect(write(tmp_path, {"a.css": css, "b.png": b"b"}), fingerprints=False, max_age=0)
    assert index.url("a.css") == "/static/a.css"
    _, fields, body = get(index, "/static/a.css")
    assert (body, fields["Cache-Control"]) == (css.encode(), "no-cache")
    assert index.get("/static/a.0123456789ab.css") is None


def test_cors(tmp_path: Path) -> None:
    write(tmp_path, {"a.css": "a{}", "f.woff2": b"f", "f.eot": b"f"})
    shared = {
        cors: {
            name
            for name in ("a.css", "f.woff2", "f.eot")
            if get(servestatic.collect(tmp_path, cors=cors), f"/static/{name}")[1].get("Access-Control-Allow-Origin")
            == "*"
        }
        for cors in ("all", "fonts", "off")
    }
    assert shared == {"all": {"a.css", "f.woff2", "f.eot"}, "fonts": {"f.woff2", "f.eot"}, "off": set()}


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    css = b'@charset "latin-1";a{content:"\xe9";background:url(b.png)}'
    index = servestatic.collect(
        write(tmp_path, {"a.css": css, "b.png": b"b", "t.txt": b"\xff", "u.txt": "ü", "e.txt": ""})
    )
    _, fields, body = get(index, index.url("a.css"))
    assert body == css.replace(b"b.png", index.path("b.png").encode())
    assert fields["Content-Type"] == "text/css"
    types = {name: get(index, f"/static/{name}")[1]["Content-Type"] for name in ("t.txt", "u.txt", "e.txt", "b.png")}
    assert types == {
        "t.txt": "text/plain",
        "u.txt": "text/plain; charset=utf-8",
        "e.txt": "text/plain; charset=utf-8",
        "b.png": "image/png",
    }


BROKEN = "a{}\nb{background:url(img/misssing.png)}/* url(comment.png) */\n/*# sourceMappingURL=a.css.map */"


def test_broken_references(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write(tmp_path, {"a.css": BROKEN, "img/missing.png": b"m", "up.css": "a{b:url(../../up.png)}"})
    with caplog.at_level(logging.DEBUG):
        index = servestatic.collect(root)
    assert get(index, index.url("a.css"))[2] == BROKEN.encode()
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert f"{root}/a.css:2:18: 'img/misssing.png' names no file. Did you mean 'img/missing.png'" in warnings[0]
    assert f"{root}/up.css:1:9: '../../up.png' leads above the root" in warnings[0]
    assert "comment" not in caplog.text
    assert any("a.css.map" in record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG)

    with pytest.raises(ExceptionGroup) as caught:
        servestatic.collect(root, Directory(tmp_path / "nowhere", missing_ok=True), strict=True)
    kinds = [type(error) for error in caught.value.exceptions]
    assert kinds == [SourceError, BrokenReference, BrokenReference]


@pytest.mark.parametrize(
    ("source", "sentence", "reason"),
    [
        ("nowhere", "does not exist", "No such file or directory"),
        ("file", "is a file", "Not a directory"),
        ("link", "does not exist", "No such file"),
    ],
)
def test_directories_that_do_not_exist(
    tmp_path: Path, source: str, sentence: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """They stop the start, but in development and where the program says that they may be missing."""
    write(tmp_path, {"file": "", "static/a.txt": "a"})
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    static, named = tmp_path / "static", tmp_path / source
    given: tuple[Any, ...] = (named, Directory(named), [static, named])
    for each in given:
        with pytest.raises(
            SourceError,
            match=rf"{named}'(?: \(looked for at {tmp_path}/gone\))? {sentence}\. Create it, .*missing_ok=True",
        ):
            servestatic.collect(static, each)
    assert list(servestatic.collect(Directory(named, missing_ok=True), static)) == ["a.txt"]
    assert list(servestatic.live(named, static)) == ["a.txt"]
    assert caplog.text.count(f"{named}/: {reason}") == 2


def test_a_relative_directory_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=rf"the directory 'nope' \(looked for at {tmp_path}/nope\) does not exist"):
        servestatic.collect("nope")
    monkeypatch.setenv("SERVESTATIC_SOURCES", "nope")
    with pytest.raises(SourceError, match="the directory 'nope'"):
        servestatic.collect()


def test_a_list_of_sources_is_what_its_items_are(tmp_path: Path) -> None:
    write(tmp_path, {"a/a.txt": "a", "b/b.txt": "b"})
    named = [str(tmp_path / "a"), (Directory(tmp_path / "b"), [File("c.txt", b"c", None, "a test")])]
    assert sorted(servestatic.collect(named)) == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize(
    "given", [5, None, b"static", {"a": 1}, File("a", b"", None, "a test"), [5]], ids=lambda given: type(given).__name__
)
def test_what_is_not_a_source(given: Any) -> None:
    with pytest.raises(TypeError, match="is not a source: expected the path of a directory"):
        servestatic.collect(given)


def test_what_is_not_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "a"})
    index: Any = servestatic.collect(tmp_path)
    with pytest.raises(TypeError, match="is not a source"):
        servestatic.collect(index)
    names: Any = (name for name in index)
    with pytest.raises(TypeError, match=r"a source yields 'a\.txt': expected File or Skipped"):
        servestatic.collect(names)


def test_unreadable_files_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write(tmp_path, {"a.txt": "a"})
    gone = File("gone.txt", str(root / "gone.txt"), None, "a test")
    assert list(servestatic.collect(root, [gone])) == ["a.txt"]
    assert "gone.txt: No such file or directory" in caplog.text


def test_files_without_a_path(tmp_path: Path) -> None:
    import io

    root = write(tmp_path, {"a.css": "a{background:url(b.svg)}"})
    files = [
        File("b.svg", b"<svg/>", None, "a test"),
        File("c.txt", lambda: io.BytesIO(b"stream"), None, "a test"),
    ]
    index = servestatic.collect(root, files)
    assert get(index, index.url("b.svg"))[2] == b"<svg/>"
    _, fields, body = get(index, "/static/c.txt")
    assert body == b"stream"
    assert "Last-Modified" not in fields


def test_settings_come_from_the_usual_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"assets/a.txt": "a", "pyproject.toml": '[tool.servestatic]\nsources = ["assets"]\nmax-age = 7\n'})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVESTATIC_PREFIX", "/s")
    index = servestatic.collect()
    assert get(index, "/s/a.txt")[1]["Cache-Control"] == "max-age=7"
    with pytest.raises(SettingError, match="maxage in the keyword arguments: no such setting"):
        servestatic.collect("assets", maxage=3)  # type: ignore[call-arg] # type checkers see it, too
    (tmp_path / "pyproject.toml").unlink()
    with pytest.raises(SettingError, match="no source to collect from"):
        servestatic.collect()


def test_compressed_files_in_a_source_are_files_like_any_other(tmp_path: Path) -> None:
    """An old or unrelated `old.css.gz` beside `old.css` is never sent in its place."""
    import gzip

    write(tmp_path, {"old.css": "a{color:new}" * 50, "old.css.gz": gzip.compress(b"a{color:old}"), "old.css.br": b"?"})
    index = servestatic.collect(tmp_path)
    _, fields, body = get(index, "/static/old.css", accept_encoding="gzip")
    assert fields["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == b"a{color:new}" * 50
    _, fields, body = get(index, "/static/old.css.gz", accept_encoding="gzip")
    assert (fields["Content-Type"], fields.get("Content-Encoding")) == ("application/gzip", None)
    assert gzip.decompress(body) == b"a{color:old}"


def test_what_is_examined_is_a_whole_index(tmp_path: Path) -> None:
    """It answers as one that serves, and can be written."""
    root = write(tmp_path / "static", {"a.css": "a{b:url(b.png)}", "b.png": "b"})
    examined, _ = examine([root], resolve().settings)
    index = servestatic.collect(root)
    assert {name: examined.integrity(name) for name in examined} == {name: index.integrity(name) for name in index}
    examined.write(str(tmp_path / "out"))
    assert (tmp_path / "out" / examined.path("a.css")).is_file()


def test_an_index_without_files(tmp_path: Path) -> None:
    """It is an index all the same: `if index` does not ask for its length."""
    index = servestatic.collect(write(tmp_path, {}))
    assert bool(index) is True
    assert len(index) == 0
    for kind in (UnknownAsset, LookupError, ValueError):  # Django's storages raise ValueError
        with pytest.raises(kind, match=r"no source has a file 'a\.css'"):
            index.url("a.css")
