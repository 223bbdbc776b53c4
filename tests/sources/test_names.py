"""Names and dates that files have and URLs, or rows, cannot: one check where a file enters, whatever its source."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import servestatic
from servestatic import Directory, File, Index
from servestatic.assets.file import find_fault
from servestatic.assets.names import find_flaw
from servestatic.releases.load import check
from tests.support.client import get
from tests.support.files import write

NOT_UTF8 = "caf\udce9.css"
FLAWS = [
    (NOT_UTF8, "control characters or is not UTF-8"),
    ("a/\udcff/b.css", "control characters or is not UTF-8"),
    ("line\nbreak.css", "control characters or is not UTF-8"),
    ("nul\0.css", "control characters or is not UTF-8"),
    ("c1\x85.css", "control characters or is not UTF-8"),
    ("del\x7f.css", "control characters or is not UTF-8"),
    ("d/../y.css", "is not a relative path"),
    ("../y.css", "is not a relative path"),
    ("d/..", "is not a relative path"),
    ("./y.css", "is not a relative path"),
    ("d/./y.css", "is not a relative path"),
    ("/abs.css", "is not a relative path"),
    ("d//y.css", "is not a relative path"),
    ("d/", "is not a relative path"),
    ("", "is not a relative path"),
    (".", "is not a relative path"),
]
FINE = ["a.css", "d/a.css", "...", "a..b", "..a/b..", "ünï c.txt", "soft\u00adhyphen", "\u200b", "a\\b", "~", "日本"]


@pytest.mark.parametrize(("name", "reason"), FLAWS, ids=[repr(name) for name, _ in FLAWS])
@pytest.mark.parametrize("kind", [servestatic.collect, servestatic.live])
def test_names_that_no_url_has(
    tmp_path: Path, name: str, reason: str, kind: Callable[..., Index], caplog: pytest.LogCaptureFixture
) -> None:
    """Such a file is left out, one line names it, and the build of the others is whole."""
    files = [File(name, b"a{}", None, "a test"), File("fine.css", b"b{}", None, "a test")]
    index = kind(files, store="none")
    assert list(index) == ["fine.css"]
    lines = [line for line in caplog.text.splitlines() if reason in line]
    assert len(lines) == 1
    assert repr(name) in lines[0]
    if kind is servestatic.collect:
        index.write(str(tmp_path / "out"))
        assert check(tmp_path / "out") == []
        assert get(servestatic.collect(build=str(tmp_path / "out")), "/static/fine.css")[2] == b"b{}"


@pytest.mark.parametrize("name", FINE)
def test_names_that_only_look_odd(tmp_path: Path, name: str) -> None:
    assert find_flaw(name) is None
    index = servestatic.collect([File(name, b"a{}", None, "a test")], compress="build")
    index.write(str(tmp_path / "out"))
    assert check(tmp_path / "out") == []
    assert get(servestatic.collect(build=str(tmp_path / "out")), f"/static/{name}")[2] == b"a{}"


@pytest.mark.parametrize(
    "mount", ["docs", "/docs", "docs/", "", "//", "/a//b/", "/../", "/a/../b/", "/\udcff/", "/\n/"]
)
def test_mounts_that_no_url_has(tmp_path: Path, mount: str, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path / "static", {"a.txt": "a"})
    index = servestatic.collect(tmp_path / "static", Directory(tmp_path / "static", at=mount), store="none")
    assert list(index) == ["a.txt"]
    assert f"the mount {mount!r} is not a URL path with a slash at both ends" in caplog.text
    index.write(str(tmp_path / "out"))
    assert check(tmp_path / "out") == []


@pytest.mark.parametrize("mount", [None, "/", "/docs/", "/a/b/", "/ü/"])
def test_mounts(mount: str | None) -> None:
    assert find_fault(File("a.css", b"", None, "a test", mount)) is None


def test_a_path_with_a_nul(caplog: pytest.LogCaptureFixture) -> None:
    assert list(servestatic.collect([File("a.css", "a\0b", None, "a test")], store="none")) == []
    assert "has a NUL" in caplog.text


def test_a_folder_on_disk_is_left_out_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = os.fsencode(tmp_path) + b"/static/\xff"
    os.makedirs(folder)
    for number in range(3):
        Path(os.fsdecode(folder), f"{number}.css").touch()
    write(tmp_path / "static", {"fine.css": ""})
    assert list(servestatic.collect(tmp_path / "static", store="none")) == ["fine.css"]
    assert "static files left out (1):" in caplog.text
    assert caplog.text.encode()  # what is logged can be written as UTF-8
    assert r"static/\udcff" in caplog.text


def test_such_names_leave_the_warm_start_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said of them is remembered, too."""
    write(tmp_path / "static", {"a.css": "a{}"})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/static/\xff.css")).touch()
    for name in os.listdir(tmp_path / "static"):
        os.utime(tmp_path / "static" / name, (10**9, 10**9))
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**12))
    for _ in range(2):
        index = servestatic.collect(tmp_path / "static", store=str(tmp_path / "store"))
        monkeypatch.setattr("servestatic.pipeline.collector.merge", None)  # the second start runs no stage
    assert list(index) == ["a.css"]


DATES = {"2400": 13_569_465_600, "1500": -14_831_769_600, "9999": 253_402_300_799, "2262": 9_223_372_036}


@pytest.mark.parametrize("seconds", DATES.values(), ids=DATES)
@pytest.mark.parametrize("kind", [servestatic.collect, servestatic.live])
def test_dates_that_64_bits_cannot_hold(tmp_path: Path, seconds: int, kind: Callable[..., Index]) -> None:
    root = write(tmp_path / "static", {"a.css": "a{background:url(b.bin)}", "b.bin": b"b" * 200_000})
    for name in ("a.css", "b.bin"):
        os.utime(root / name, (seconds, seconds))
    if (root / "b.bin").stat().st_mtime != seconds:
        pytest.skip("this file system has no such dates")
    for _ in range(2):  # the second start finds what the first has left
        index = kind(root, store=str(tmp_path / "store"))
        for path in ("/static/b.bin", index.url("b.bin")):
            status, fields, body = get(index, path)
            assert (status, len(body)) == (200, 200_000)
            assert "Last-Modified" not in fields
    if kind is servestatic.collect:
        for _ in range(2):
            index.write(str(tmp_path / "out"))
        assert check(tmp_path / "out") == []
    (root / "b.bin").write_bytes(b"c" * 200_000)
    assert get(kind(root, store="none"), "/static/b.bin")[2] == b"c" * 200_000
