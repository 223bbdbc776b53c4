"""Releases that come along into a build from another place: what does, what does not, and what is never written."""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import servestatic
from servestatic import BuildError, Index, SettingError
from servestatic.assets.coding import ContentCoding
from servestatic.releases.bucket import BucketPlace
from servestatic.releases.coding_table import encode_best
from servestatic.releases.document import ALIVE, CURRENT, path_of, read_ids
from servestatic.releases.load import check
from servestatic.releases.place import DirectoryPlace, Place
from servestatic.releases.put import put
from servestatic.releases.site import SitePlace
from servestatic.serving.compression.coders import codings
from tests.support.client import get
from tests.support.files import write
from tests.support.forge import find_document, forged
from tests.support.indexes import write_build

SITE: dict[str, str | bytes] = {
    "css/app.css": "a{background:url(../logo.svg)}" + "b{}" * 500,
    "logo.svg": "<svg>0</svg>",
    "photo.png": b"\0" * 100,
    "assets/chunk-01234567.js": "0;" * 300,
}
DAY = 24 * 3600


def collect(folder: Path, number: int, **settings: Any) -> Index:
    """Collect a release in which all that has a number differs."""
    files: dict[str, str | bytes] = {
        **SITE,
        "logo.svg": f"<svg>{number}</svg>",
        f"assets/chunk-{number}1234567.js": f"{number};" * 300,
    }
    root = write(folder / f"static{number}", files)
    return servestatic.collect(root, store="none", immutable=["assets/*"], **settings)


def urls(index: Index) -> list[str]:
    return [index.url(name) for name in index]


def list_files(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


def seal_in_directory(index: Index, folder: Path) -> str:
    write_build(index, folder / "previous")
    return str(folder / "previous")


def put_in_directory(index: Index, folder: Path) -> str:
    put(DirectoryPlace(folder / "place"), index.catalog, codings=codings(), encode=encode_best)
    return str(folder / "place")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> BucketPlace:
    """The bucket that `memory://` is in this test."""
    place = BucketPlace("memory:///")

    def open_one(setting: str) -> Place:
        assert setting == "memory:///"
        return place

    monkeypatch.setattr("servestatic.releases.previous.open_place", open_one)
    return place


def compare_served(out: Path, *indexes: Index) -> None:
    """A build serves what the releases that are in it do."""
    loaded = servestatic.collect(build=str(out))
    for index in indexes:
        for url in urls(index):
            status, fields, body = get(loaded, url)
            assert (status, body) == (200, get(index, url)[2]), url
            assert "immutable" in fields["Cache-Control"]
    assert check(out) == []


@pytest.mark.parametrize("keep", [seal_in_directory, put_in_directory])
def test_a_directory(tmp_path: Path, keep: Callable[[Index, Path], str]) -> None:
    old, new = collect(tmp_path, 0), collect(tmp_path, 1)
    previous = keep(old, tmp_path)
    write_build(new, tmp_path / "out", previous=previous)
    assert read_ids(tmp_path / "out") == [new.release, old.release]
    compare_served(tmp_path / "out", new, old)
    assert not (tmp_path / "out/assets/chunk-01234567.js.bz2").exists()
    document = tmp_path / "out" / path_of(old.release)
    assert document.stat().st_mtime == Path(previous, path_of(old.release)).stat().st_mtime
    css = servestatic.collect(build=str(tmp_path / "out"))
    for coding in codings():
        assert get(css, old.url("css/app.css"), accept_encoding=coding.name)[1]["Content-Encoding"] == coding.name


def test_a_bucket(tmp_path: Path, bucket: BucketPlace) -> None:
    indexes = [collect(tmp_path, number) for number in range(3)]
    for index in indexes[:2]:
        put(bucket, index.catalog, codings=codings(), encode=encode_best)
    write_build(indexes[2], tmp_path / "out", previous="memory:///")
    assert read_ids(tmp_path / "out")[0] == indexes[2].release
    compare_served(tmp_path / "out", *indexes)


def test_a_build_over_another(tmp_path: Path) -> None:
    """What is there already is not read again, and what OUT kept by itself stays."""
    first, second, third = (collect(tmp_path, number) for number in range(3))
    write_build(first, tmp_path / "out")
    previous = seal_in_directory(second, tmp_path)
    write_build(third, tmp_path / "out", previous=previous)
    assert write_build(third, tmp_path / "out", previous=previous).written == 0
    assert read_ids(tmp_path / "out") == [third.release, first.release, second.release]
    compare_served(tmp_path / "out", first, second, third)


def test_a_chain_of_images(tmp_path: Path) -> None:
    """Each is built from nothing but its sources and the one before it; the order lasts where all times are equal."""
    indexes = [collect(tmp_path, number) for number in range(5)]
    for number, index in enumerate(indexes):
        before = str(tmp_path / f"out{number - 1}") if number else ""
        write_build(index, tmp_path / f"out{number}", previous=before, keep_for=0)
        for path in (tmp_path / f"out{number}").rglob("*"):
            os.utime(path, (DAY, DAY))
    assert read_ids(tmp_path / "out4") == [index.release for index in reversed(indexes[2:])]
    compare_served(tmp_path / "out4", *indexes[2:])
    assert "assets/chunk-11234567.js" not in list_files(tmp_path / "out4")


def test_retention_is_that_of_any_build(tmp_path: Path) -> None:
    old, new = collect(tmp_path, 0), collect(tmp_path, 1)
    previous = seal_in_directory(old, tmp_path)
    moment = time.time() - 8 * DAY
    os.utime(Path(previous, path_of(old.release)), (moment, moment))
    for keep, kept in (({"keep_releases": 0}, []), ({"keep_releases": 0, "keep_for": "9d"}, [old.release])):
        write_build(new, tmp_path / f"out{len(kept)}", previous=previous, **keep)
        assert read_ids(tmp_path / f"out{len(kept)}") == [new.release, *kept]
        assert (old.path("logo.svg") in list_files(tmp_path / f"out{len(kept)}")) == bool(kept)
    assert new.path("css/app.css") in list_files(tmp_path / "out0")


def test_codings_are_taken(tmp_path: Path) -> None:
    previous = put_in_directory(collect(tmp_path, 0), tmp_path)

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        assert data.startswith(b"1;") or len(data) < 20 or b".svg" in data, "the earlier release has it"
        return coding.best(data)

    write_build(collect(tmp_path, 1), tmp_path / "out", previous=previous, encode=encode)


def test_a_place_without_releases(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As at the first deploy: it says so, and goes on."""
    write_build(collect(tmp_path, 0), tmp_path / "out", previous=str(tmp_path / "nowhere"))
    assert "nowhere has no release, so none is copied" in caplog.text
    assert check(tmp_path / "out") == []


def test_a_bucket_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:1", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with pytest.raises(BuildError, match=r"s3://bucket/x: .*Name another place to copy releases from, or none"):
        write_build(collect(tmp_path, 0), tmp_path / "out", previous="s3://bucket/x")


# ------------------------------------------------------------------------------------------------- a running site


class Files(SimpleHTTPRequestHandler):
    """Serves a folder, and for what is not there, below /page/, a page."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        if not self.path.startswith("/page/"):
            return super().send_error(code, message, explain)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html>")
        return None

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The URL of a server of files, in a folder called `previous`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_site(tmp_path: Path, site: str) -> None:
    """nginx serves a build, and the next is made on a machine that has nothing but its URL."""
    old, new = collect(tmp_path, 0), collect(tmp_path, 1)
    previous = Path(seal_in_directory(old, tmp_path))
    moment = time.time() // 1 - 3 * DAY
    os.utime(previous / path_of(old.release), (moment, moment))
    write_build(new, tmp_path / "out", previous=f"{site}/previous/")
    compare_served(tmp_path / "out", new, old)
    assert (tmp_path / "out" / path_of(old.release)).stat().st_mtime == moment
    (previous / path_of(old.release)).unlink()
    write_build(new, tmp_path / "again", previous=f"{site}/previous/")
    assert read_ids(tmp_path / "again") == [new.release]


@pytest.mark.parametrize("path", ["", "/static/", "/page/"])
def test_a_site_that_serves_no_build_as_files(tmp_path: Path, site: str, path: str) -> None:
    """The error says what to do instead."""
    with pytest.raises(BuildError, match=r"names no release: only a site that serves a build as files.* a bucket\."):
        write_build(collect(tmp_path, 0), tmp_path / "out", previous=site + path)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/static/", "http://[/", "http://127.0.0.1:x/", "https://", "http://a b/"]
)
def test_a_site_that_cannot_be_reached(tmp_path: Path, url: str) -> None:
    with pytest.raises(BuildError, match=r"http.*: .*Name another place to copy releases from"):
        write_build(collect(tmp_path, 0), tmp_path / "out", previous=url)


def test_a_site_is_only_read() -> None:
    place = SitePlace("http://127.0.0.1:1/")
    assert [*place.list(ALIVE)] == []
    for write_there in (lambda: place.create("a", ()), lambda: place.replace("a", b""), lambda: place.delete("a")):
        with pytest.raises(OSError, match="a site is read-only"):
            write_there()


# ------------------------------------------------------------------------------------------- what is not trusted


def damage_file(previous: Path, old: Index) -> None:
    (previous / old.path("logo.svg")).write_text("<svg>X</svg>")


def lose_file(previous: Path, old: Index) -> None:
    (previous / old.path("logo.svg")).unlink()


def make_it_longer(previous: Path, old: Index) -> None:
    (previous / old.path("logo.svg")).write_bytes(b"\0" * 1_000_000)


def make_it_a_pipe(previous: Path, old: Index) -> None:
    (previous / old.path("logo.svg")).unlink()
    os.mkfifo(previous / old.path("logo.svg"))


@pytest.mark.parametrize("harm", [damage_file, lose_file, make_it_longer, make_it_a_pipe])
def test_files_that_are_not_what_the_document_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: Callable[[Path, Index], None]
) -> None:
    """They are left out and named; the other files of the release come along."""
    old, new = collect(tmp_path, 0), collect(tmp_path, 1)
    previous = seal_in_directory(old, tmp_path)
    harm(Path(previous), old)
    write_build(new, tmp_path / "out", previous=previous)
    assert f"1 files of release {old.release} are not copied: {old.path('logo.svg')}" in caplog.text
    loaded = servestatic.collect(build=str(tmp_path / "out"))
    assert get(loaded, old.url("css/app.css"))[0] == 200
    assert get(loaded, old.url("logo.svg"))[0] == 404
    assert not (tmp_path / "out" / old.path("logo.svg")).exists()


def test_documents_that_are_not_what_they_should_be(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old, new = collect(tmp_path, 0), collect(tmp_path, 1)
    previous = Path(seal_in_directory(old, tmp_path))
    documents = {"f" * 16: b"x", "e" * 16: b"", "d" * 16: (previous / path_of(old.release)).read_bytes()}
    for release, content in documents.items():
        (previous / path_of(release)).write_bytes(content)
    (previous / CURRENT).write_text("not an id\n")
    write_build(new, tmp_path / "out", previous=str(previous))
    assert read_ids(tmp_path / "out") == [new.release, old.release]
    for release in documents:
        assert f"release {release} is not copied" in caplog.text
        assert not (tmp_path / "out" / path_of(release)).exists()
    compare_served(tmp_path / "out", new, old)


EVIL = {
    "out of the directory": "../evil.0123456789ab.css",
    "absolute": "/nowhere/evil.0123456789ab.css",
    "the manifest": "staticfiles.json",
    "what is current": ".servestatic/current",
    "a document": ".servestatic/releases/0123456789abcdef",
    "a plain file of the build": "photo.png",
    "below a file of the build": "photo.png/x.0123456789ab.css",
    "a folder of the build": "css",
    "below a coding of the build": "css/app.css.br/x.0123456789ab.css",
    "empty": "",
    "a control character": "a\0b.0123456789ab.css",
    "very long": "x" * 5000 + ".0123456789ab.css",
}


@pytest.mark.parametrize("path", EVIL.values(), ids=EVIL)
def test_a_document_does_not_decide_where_files_are_written(tmp_path: Path, path: str) -> None:
    """All digests are right, and the file is where the document says, as far as that can be."""
    old, new = collect(tmp_path, 0), collect(tmp_path, 1)
    previous = Path(seal_in_directory(old, tmp_path / "x"))
    evil = b"evil" * 100
    with forged(find_document(previous)) as document:
        row = bytearray(document.tables["0 plain"][b"logo.svg"])
        row[:32] = hashlib.sha256(evil).digest()
        row[38:46] = len(evil).to_bytes(8, "little")
        document.tables["0 public"] = {**document.tables.get("0 public", {}), path.encode(): bytes(row)}
        document.tables["0 public"] = dict(sorted(document.tables["0 public"].items()))
    target = previous / path
    if "evil" not in path and len(path) < 200 and path != CURRENT and target.name.isprintable() and not target.is_dir():
        if target.parent.is_file():
            target.parent.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(evil)
    elsewhere = {each for each in tmp_path.rglob("*") if "out" not in each.parts}
    write_build(new, tmp_path / "alone")
    write_build(new, tmp_path / "out", previous=str(previous))
    assert not any(each.read_bytes() == evil for each in (tmp_path / "out").rglob("*") if each.is_file())
    assert {each for each in tmp_path.rglob("*") if {"out", "alone"}.isdisjoint(each.parts)} == elsewhere
    for name in list_files(tmp_path / "alone") - {CURRENT}:
        assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    assert not [problem for problem in check(tmp_path / "out") if path not in problem]
    compare_served_alone(tmp_path / "out", new)


def compare_served_alone(out: Path, index: Index) -> None:
    loaded = servestatic.collect(build=str(out))
    for url in urls(index):
        assert get(loaded, url)[2] == get(index, url)[2]


def test_a_path_that_leads_out_of_out_by_a_link(tmp_path: Path) -> None:
    old, new = collect(tmp_path, 0), collect(tmp_path, 1)
    previous = seal_in_directory(old, tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out/assets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BuildError, match="is a link"):
        write_build(new, tmp_path / "out", previous=previous)
    assert not os.listdir(tmp_path / "elsewhere")


def test_a_time_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="'soon' is not a time such as 7d or 12h"):
        write_build(collect(tmp_path, 0), tmp_path / "out", keep_for="soon")


def test_nothing_is_logged_where_all_is_well(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    previous = seal_in_directory(collect(tmp_path, 0), tmp_path)
    write_build(collect(tmp_path, 1), tmp_path / "out", previous=previous)
    assert caplog.messages == []
