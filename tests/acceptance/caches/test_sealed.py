"""nginx serves a sealed build as docs/how-to/nginx.md says: like servestatic, but for what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

import pytest

from servestatic import Directory, Index, collect
from servestatic.assets.media_types import TYPES
from tests.acceptance.caches.programs import nginx, read_blocks
from tests.http.conformance import APPLICATION
from tests.support.interfaces.function import call_function
from tests.support.judge import Exchange, Sent
from tests.support.tree import ROBOTS, write
from tests.support.wire import Asked, Got, talk, write_request
from tests.support.workers import Workers, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PAGE = read_blocks("nginx.md")
SITES = ("/etc/nginx/conf.d/site.conf", "/etc/nginx/conf.d/static-site.conf", "/etc/nginx/conf.d/proxy.conf")
SHARED = {path: text for path, text in PAGE.items() if path not in SITES}
GUNICORN = Workers("gunicorn --bind 127.0.0.1:{port} --workers 2 servestatic:wsgi_app", 2, 2)
COMPARED = (
    "content-type",
    "content-encoding",
    "cache-control",
    "vary",
    "access-control-allow-origin",
    "x-content-type-options",
)
# What a client accepts, and what servestatic is asked for to send the same: nginx has no zstd, and brotli comes first.
ACCEPTED = {
    "": "",
    "gzip": "gzip",
    "br": "br",
    "gzip, deflate, br": "gzip;q=0.5, br",
    "gzip, deflate, br, zstd": "gzip;q=0.5, br",
    "gzip;q=0, br;q=0": "gzip;q=0, br;q=0",
    "gzip, br;q=0.000": "gzip, br;q=0.000",
    "zstd": "",
}


@dataclass(frozen=True)
class Served:
    """nginx before an application, both with one build."""

    port: int
    index: Index

    def ask(self, method: str, target: str, **fields: str) -> Got:
        named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
        return talk(self.port, [write_request(method, target, (*named, ("Connection", "close")))], at_once=False)[0]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the site of the conformance table."""
    folder = tmp_path_factory.mktemp("site")
    write(folder)
    collected = collect(folder / "static", Directory(folder / "mounted", at="/"), store="none")
    collected.write(str(folder / "build/static"))
    return folder / "build"


@pytest.fixture(scope="module")
def served(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("nginx")
    files = {**SHARED, SITES[0]: PAGE[SITES[0]]}
    application = "tests.support.drivers:wsgi_application"
    with running(
        GUNICORN, folder / "gunicorn", build=build / "static", deltas="off", application=application
    ) as origin:
        words = {"/srv/site/build": str(build), "127.0.0.1:8000": f"127.0.0.1:{origin.port}"}
        with nginx(folder / "nginx", files, words) as port:
            yield Served(port, collect(build=str(build / "static"), store="none", deltas=False))


def essence(answer: Got | Exchange, **instead: str | None) -> tuple[int, dict[str, str | None], bytes]:
    fields = {**dict(answer.fields), **instead}
    return answer.status, {name: fields.get(name) for name in COMPARED}, answer.body


LATIN = "latin.css"  # not UTF-8
LOOKS_LIKE = "vendor.0123456789ab.js"  # not a fingerprint of ours


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_every_file_by_both_names(served: Served, build: Path, accepted: str) -> None:
    names = [name for name in served.index if name not in (LATIN, LOOKS_LIKE, "robots.txt")]
    paths = {path for name in names for path in (served.index.url(name), quote(f"/static/{name}"))}
    assert len(paths) > 100
    for path in sorted(paths):
        wanted = call_function(served.index, Sent("GET", path, (("Accept-Encoding", ACCEPTED[accepted]),)))
        coded = "content-encoding" in dict(wanted.fields) or (build / unquote(f"{path}.gz").lstrip("/")).exists()
        instead = {} if coded else {"vary": None}
        assert essence(served.ask("GET", path, Accept_Encoding=accepted)) == essence(wanted, **instead), path
        assert served.ask("HEAD", path, Accept_Encoding=accepted).status == 200


class Row(NamedTuple):
    """A request and what must be in its answer; None for a field that must not be there."""

    target: str
    status: int
    expected: Mapping[str, str | None] = {}
    fields: Mapping[str, str] = {}
    method: str = "GET"


URL = "url:"  # before the name of a file: its fingerprinted URL
IMMUTABLE = {"cache-control": "max-age=31536000, immutable"}
PLAIN = {"content-encoding": None}
TEXT = "text/plain; charset=utf-8"
ROWS = {
    "unknown release": Row("/static/app.000000000000.css", 404, {"cache-control": "no-store"}),
    "no file": Row("/static/missing.css", 404, {"cache-control": "no-store"}),
    "folder": Row("/static/sub/", 404),
    "a build's documents": Row("/static/.servestatic/current", 404),
    "a build's manifest": Row("/static/staticfiles.json", 404),
    "mounted files, by their place": Row("/static/.at/robots.txt", 404),
    "mounted file": Row("/robots.txt", 200, {"cache-control": "max-age=60", "content-type": TEXT}),
    "the application": Row("/anything", APPLICATION, {"x-application": "yes", "cache-control": None}),
    "the application, /": Row("/", APPLICATION, {"x-application": "yes", "access-control-allow-origin": None}),
    "a range": Row("url:app.css", 206, {"content-range": "bytes 0-9/8000", **IMMUTABLE}, {"Range": "bytes=0-9"}),
    "old proxies": Row("url:app.css", 200, {"content-encoding": "gzip"}, {"Accept-Encoding": "gzip", "Via": "1.0 old"}),
    # where nginx answers otherwise
    "weights": Row("url:app.css", 200, {"content-encoding": "br"}, {"Accept-Encoding": "br;q=0.1, gzip"}),
    "anything": Row("url:app.css", 200, {"content-encoding": None}, {"Accept-Encoding": "*"}),
    "a range, coded": Row(
        "url:app.css", 200, {"content-encoding": "br"}, {"Range": "bytes=0-9", "Accept-Encoding": "gzip, br"}
    ),
    "POST": Row("url:app.css", 405, {"cache-control": "no-store"}, method="POST"),
    "OPTIONS": Row("url:app.css", 405, {"cache-control": "no-store"}, method="OPTIONS"),
    "not UTF-8": Row(f"url:{LATIN}", 200, {"content-type": "text/css; charset=utf-8"}),
    "a coded file": Row("/static/app.css.br", 200, {**PLAIN, "content-type": "application/octet-stream"}),
    "a coded file, gzip": Row("/static/app.css.gz", 200, {**PLAIN, "content-type": "application/gzip"}),
    "called like a fingerprint": Row(f"/static/{LOOKS_LIKE}", 200, IMMUTABLE),
}  # fmt: skip


@pytest.mark.parametrize("id_", ROWS)
def test_row(served: Served, id_: str) -> None:
    row = ROWS[id_]
    target = served.index.url(row.target.removeprefix(URL)) if row.target.startswith(URL) else row.target
    got = served.ask(row.method, target, **row.fields)
    fields = dict(got.fields)
    assert (got.status, got.trouble) == (row.status, [])
    assert {name: fields.get(name) for name in row.expected} == row.expected


def test_bytes_of_a_range_and_of_a_mounted_file(served: Served) -> None:
    whole = served.ask("GET", served.index.url("app.css")).body
    assert served.ask("GET", served.index.url("app.css"), Range="bytes=5-9").body == whole[5:10]
    assert served.ask("GET", "/robots.txt").body == ROBOTS


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
@pytest.mark.parametrize("weak", ["", "W/"])
def test_not_modified(served: Served, coding: str, weak: str) -> None:
    """nginx's own tag; a 304 says how long it is fresh, too."""
    path = served.index.url("app.css")
    tag = dict(served.ask("GET", path, Accept_Encoding=coding).fields)["etag"]
    got = served.ask("GET", path, Accept_Encoding=coding, If_None_Match=weak + tag)
    assert (got.status, got.body) == (304, b"")
    assert dict(got.fields).items() >= {"etag": tag, **IMMUTABLE}.items()


def test_an_old_proxy(served: Served) -> None:
    """HTTP/1.0 gets coded bytes, too."""
    path = served.index.url("app.css")
    request = Asked("GET", f"GET {path} HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    got = talk(served.port, [request], at_once=False)[0]
    assert dict(got.fields)["content-encoding"] == "gzip"
    assert got.body == served.ask("GET", path, Accept_Encoding="gzip").body


def test_types() -> None:
    """The page has the table of servestatic, whole."""
    block = PAGE["/etc/nginx/snippets/servestatic-types.conf"]
    kinds: dict[str, list[str]] = {}
    for extension, kind in TYPES.items():
        kinds.setdefault(kind.essence, []).append(extension)
    lines = "".join(f"    {essence} {' '.join(extensions)};\n" for essence, extensions in kinds.items())
    text = sorted({kind.essence for kind in TYPES.values() if kind.text} - {"text/html"})  # that one always
    assert block.startswith(f"types {{\n{lines}}}\n"), lines
    assert f"charset_types {' '.join(text)};\n" in block


def test_static_site(tmp_path: Path) -> None:
    """The third arrangement: a build for `/`, with an index file."""
    write(tmp_path)
    collect(tmp_path / "static", prefix="/", index_file="index.html", store="none").write(str(tmp_path / "build"))
    index = collect(build=str(tmp_path / "build"), prefix="/", index_file="index.html", store="none", deltas=False)
    files = {**SHARED, SITES[1]: PAGE[SITES[1]]}
    with nginx(tmp_path / "nginx", files, {"/srv/site/build": str(tmp_path / "build")}) as port:
        served = Served(port, index)
        for path in ("/sub/", "/page.html", "/app.css", index.url("site.css"), "/b%C3%BCcher/"):
            wanted = call_function(index, Sent("GET", path, (("Accept-Encoding", "gzip, br"),)))
            assert essence(served.ask("GET", path, Accept_Encoding="gzip, br")) == essence(wanted), path
        moved = served.ask("GET", "/sub")
        assert (moved.status, dict(moved.fields)["location"]) == (301, "/sub/")
        assert dict(moved.fields)["cache-control"] == "no-cache"
        assert [served.ask("GET", path).status for path in ("/", "/.servestatic/current", "/.at/robots.txt")] == [
            403,
            404,
            404,
        ]
