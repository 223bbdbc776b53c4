"""What a site without an application answers where no file is, through every adapter alike."""

from __future__ import annotations

import asyncio
import gzip
import os
from pathlib import Path
from typing import Any

import pytest

import servestatic
from servestatic import asgi, rsgi, wsgi
from servestatic.http.message import Slice
from servestatic.serving.deliver import answer
from servestatic.serving.index import Index
from servestatic.standalone import asgi as alone_asgi
from servestatic.standalone import rsgi as alone_rsgi
from servestatic.standalone import wsgi as alone_wsgi
from servestatic.standalone.fallback import Site
from tests.support.files import write
from tests.support.interfaces.asgi import call_asgi, scope_of, talk
from tests.support.interfaces.rsgi import call_rsgi, rsgi_scope_of
from tests.support.interfaces.wsgi import call_wsgi, environ_of
from tests.support.judge import Exchange, Sent

PAGE = "<p>home"
NOT_FOUND = "<p>nothing here " + "at all " * 50
LARGE = "<p>" + "large " * 40_000
LINE = "Not found.\n"
GOES = "text/html,application/xhtml+xml,*/*;q=0.8"  # what a browser sends to go somewhere
GETS = "*/*"  # what it sends for a script, and curl for anything


def call(adapter: str, site: Site, sent: Sent) -> Exchange:
    """Call the whole application of a site: its files, and what is answered without one."""
    if adapter == "wsgi":
        return call_wsgi(wsgi.ServeStatic(alone_wsgi.make_fallback(site), site.files), environ_of(sent))
    if adapter == "asgi":
        return asyncio.run(call_asgi(asgi.ServeStatic(alone_asgi.make_fallback(site), site.files), scope_of(sent)))
    application = rsgi.ServeStatic(alone_rsgi.make_fallback(site), site.files)
    return asyncio.run(call_rsgi(application.__rsgi__, rsgi_scope_of(sent)))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    files = {"index.html": PAGE, "404.html": NOT_FOUND, "app.js": "1", "large.html": LARGE}
    return servestatic.collect(write(tmp_path_factory.mktemp("site"), files), prefix="/", index_file="index.html")


both = {"single_page": "/index.html", "not_found": "/404.html"}
only_404 = {"not_found": "/404.html"}
# pages, method, path, Accept → status, body
ROWS = [
    (only_404, "GET", "/nowhere", GOES, 404, NOT_FOUND),
    (only_404, "GET", "/nowhere", GETS, 404, NOT_FOUND),
    (only_404, "GET", "/nowhere", "", 404, NOT_FOUND),
    (only_404, "GET", "/nowhere/", GETS, 404, NOT_FOUND),
    (only_404, "GET", "/nowhere.html", GETS, 404, NOT_FOUND),
    (only_404, "GET", "/nowhere.PDF", GOES, 404, NOT_FOUND),
    (only_404, "GET", "/missing.js", GETS, 404, LINE),
    (only_404, "GET", "/missing.png", "image/avif,image/webp,*/*;q=0.8", 404, LINE),
    (only_404, "GET", "/app.0123456789ab.js", GOES, 404, "Not found: no such release of this file.\n"),
    (only_404, "HEAD", "/nowhere", GETS, 404, ""),
    (only_404, "HEAD", "/missing.js", GETS, 404, ""),
    (only_404, "POST", "/nowhere", GOES, 404, LINE),
    (only_404, "OPTIONS", "/nowhere", GOES, 404, LINE),
    (both, "GET", "/users/3", GOES, 200, PAGE),
    (both, "HEAD", "/users/3", GOES, 200, ""),
    (both, "GET", "/users/", GOES, 200, PAGE),
    (both, "GET", "/users/3", "application/json", 404, NOT_FOUND),
    (both, "GET", "/missing.js", GOES, 404, NOT_FOUND),
    (both, "GET", "/missing.js", GETS, 404, LINE),
    (both, "POST", "/users/3", GOES, 404, LINE),
    ({}, "GET", "/nowhere", GOES, 404, LINE),
    ({"not_found": "/none.html"}, "GET", "/nowhere", GOES, 404, LINE),
    ({"single_page": "/none.html"}, "GET", "/nowhere", GOES, 404, LINE),
]


@pytest.mark.parametrize("adapter", ["wsgi", "asgi", "rsgi"])
@pytest.mark.parametrize(("pages", "method", "path", "accept", "status", "body"), ROWS)
def test_without_file(
    index: Index, adapter: str, pages: dict[str, str], method: str, path: str, accept: str, status: int, body: str
) -> None:
    done = call(adapter, Site(index, **pages), Sent(method, path, (("Accept", accept),)))
    assert (done.status, done.body.decode()) == (status, body)
    fields = dict(done.fields)
    if status == 404:
        assert fields["cache-control"] == "no-store"
        assert not {"etag", "last-modified", "accept-ranges"} & fields.keys()
    assert fields["x-content-type-options"] == "nosniff"
    assert int(fields["content-length"]) == len(done.body) or method == "HEAD"


@pytest.mark.parametrize("adapter", ["wsgi", "asgi", "rsgi"])
def test_the_404_page_is_coded_and_whole(index: Index, adapter: str) -> None:
    """A condition or a range is about the page, which was not asked for (§13.2.1, §14.2)."""
    asked = (("Accept", GETS), ("Accept-Encoding", "gzip"), ("Range", "bytes=0-1"), ("If-None-Match", "*"))
    done = call(adapter, Site(index, **only_404), Sent("GET", "/nowhere", asked))
    fields = dict(done.fields)
    assert (done.status, fields["content-encoding"], fields["vary"]) == (404, "gzip", "Accept-Encoding")
    assert gzip.decompress(done.body).decode() == NOT_FOUND
    assert fields["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("adapter", ["wsgi", "asgi", "rsgi"])
@pytest.mark.parametrize("coding", ["identity", "br"])
def test_a_single_page_is_a_resource_of_its_own(index: Index, adapter: str, coding: str) -> None:
    """Also one that is not held in memory: a part of it, and nothing where the client has it."""
    site = Site(index, single_page="/large.html")
    goes = (("Accept", GOES), ("Accept-Encoding", coding))
    whole = call(adapter, site, Sent("GET", "/users/3", goes))
    etag = dict(whole.fields)["etag"]
    part = call(adapter, site, Sent("GET", "/users/3", (*goes, ("Range", "bytes=9-19"), ("If-Range", etag))))
    assert (whole.status, part.status, part.body) == (200, 206, whole.body[9:20])
    same = call(adapter, site, Sent("GET", "/users/3", (*goes, ("If-None-Match", etag))))
    assert (same.status, same.body) == (304, b"")


def test_a_page_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)
    index = servestatic.collect(write(tmp_path, {"404.html": NOT_FOUND, "index.html": PAGE}), prefix="/")
    (tmp_path / "404.html").unlink()
    (tmp_path / "index.html").unlink()
    done = call("wsgi", Site(index, **both), Sent("GET", "/nowhere", (("Accept", GOES),)))
    assert (done.status, done.body.decode()) == (404, LINE)


def test_references_of_these_pages_stay_absolute(tmp_path: Path) -> None:
    """They are shown at other URLs than their own."""
    page = '<link rel="stylesheet" href="/css/a.css"><script type="module">import "/js/a.js"</script>'
    write(tmp_path, {"404.html": page, "css/a.css": "a{}", "js/a.js": "1"})
    index = servestatic.collect(tmp_path, prefix="/")
    sent = Sent("GET", "/deep/down/nowhere", (("Accept", GOES),))
    body = call("wsgi", Site(index, not_found="/404.html"), sent).body.decode()
    assert body == page.replace("/css/a.css", index.url("css/a.css")).replace("/js/a.js", index.url("js/a.js"))


def test_other_scopes(index: Index) -> None:
    application = alone_asgi.make_fallback(Site(index))
    started = talk(application, {"type": "lifespan"}, "lifespan.startup", "lifespan.shutdown")
    assert [message["type"] for message in started] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    closed = talk(application, {"type": "websocket"}, "websocket.connect")
    assert [message["type"] for message in closed] == ["websocket.close"]


def test_no_websocket_under_rsgi(index: Index) -> None:
    closed: list[int] = []

    class Websocket:
        def close(self, status: int) -> None:
            closed.append(status)

    scope: Any = rsgi_scope_of(Sent("GET", "/", ()))._replace(proto="ws")
    asyncio.run(alone_rsgi.make_fallback(Site(index))(scope, Websocket()))
    assert closed == [403]


def test_a_page_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that lost its end after it was opened is not sent as if it were whole."""
    index = servestatic.collect(write(tmp_path, {"large.html": LARGE}), prefix="/")

    def cut(*arguments: Any) -> Any:
        response, file = answer(*arguments)
        assert isinstance(response.body, Slice)
        os.truncate(response.body.path, 5)
        return response, file

    monkeypatch.setattr("servestatic.standalone.fallback.answer", cut)
    site = Site(index, single_page="/large.html")
    done = call("wsgi", site, Sent("GET", "/users/3", (("Accept", GOES), ("Accept-Encoding", "identity"))))
    assert (done.status, done.body.decode()) == (404, LINE)
