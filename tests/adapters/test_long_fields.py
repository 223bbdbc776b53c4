"""Fields of absurd length or number, through every adapter: read in one pass, and beyond a bound not considered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import servestatic
from servestatic.http.message import MAX_FIELD, join_fields
from servestatic.serving.index import Index
from servestatic.standalone import asgi as alone_asgi
from servestatic.standalone import rsgi as alone_rsgi
from servestatic.standalone import wsgi as alone_wsgi
from servestatic.standalone.fallback import Site
from tests.support.drivers import DRIVERS
from tests.support.interfaces.asgi import call_asgi, scope_of
from tests.support.interfaces.rsgi import Headers, call_rsgi, rsgi_scope_of
from tests.support.interfaces.wsgi import call_wsgi, environ_of
from tests.support.judge import Sent

DATA = b"0123456789" * 100
LONG = "x" * MAX_FIELD
DATE = "Thu, 01 Jan 2037 00:00:00 GMT"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("long")
    (folder / "a.css").write_bytes(DATA)
    return servestatic.collect(folder, store="none")


# fields, status, whether the body is coded: what a field that is longer than the bound decides
ROWS = [
    ([("Range", "bytes=0-1" + " " * MAX_FIELD)], 200, False),
    ([("Range", "bytes=0-1")] * 5000, 200, False),
    ([("Range", "")] * 20_000, 200, False),
    (
        [("Range", "bytes=0-1"), ("If-Range", "{E}" + " " * MAX_FIELD)],
        200,
        False,
    ),  # a condition that is not read is false
    ([("Range", "bytes=0-1"), ("If-Range", "{E}")], 206, False),
    ([("If-None-Match", '"x", ' * 5000 + "{E}")], 200, False),
    ([("If-None-Match", '"x"')] * 5000 + [("If-None-Match", "{E}")], 200, False),
    ([("If-None-Match", '"x"')] * 2000 + [("If-None-Match", "{E}")], 304, False),
    ([("If-Match", '"x", ' * 5000)], 200, False),
    ([("If-Modified-Since", DATE + LONG)], 200, False),
    ([("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT" + LONG)], 200, False),
    ([("Accept-Encoding", "gzip, " * 5000)], 200, False),
    ([("Accept-Encoding", "gzip")] * 5000, 200, False),
    ([("Accept-Encoding", "gzip"), ("If-None-Match", '"x"' * 10_000)], 200, True),
]


@pytest.mark.parametrize(("fields", "status", "coded"), ROWS, ids=range(len(ROWS)))
@pytest.mark.parametrize("adapter", DRIVERS)
def test_a_long_field(index: Index, adapter: str, fields: list[tuple[str, str]], status: int, coded: bool) -> None:
    etag = dict(DRIVERS[adapter](index, Sent("GET", "/static/a.css", ())).fields)["etag"]
    sent = tuple((name, value.replace("{E}", etag)) for name, value in fields)
    for _ in range(2):  # the second answer may be a remembered one
        done = DRIVERS[adapter](index, Sent("GET", "/static/a.css", sent))
        assert done.status == status
        assert ("content-encoding" in dict(done.fields)) is coded


class Lines(list[tuple[str, str]]):
    """Field lines that count how often they are walked through."""

    walks = 0

    def __iter__(self) -> Iterator[tuple[str, str]]:
        self.walks += 1
        return super().__iter__()


@pytest.mark.parametrize("count", [1, 100, 10_000])
def test_one_pass(count: int) -> None:
    """However many lines there are, no field is joined once for each of its lines."""
    lines = Lines([("range", "bytes=0-1")] * count)
    assert join_fields(lines)["range"] == (", ".join(["bytes=0-1"] * count) if count < 10_000 else "")
    assert lines.walks <= 2


class CountedHeaders(Headers):
    """RSGI's fields, which count how often they are walked through."""

    def items(self) -> list[tuple[str, str]]:
        self.lines = Lines(super().items())
        return self.lines


def test_one_pass_where_no_file_is(index: Index) -> None:
    """A site without an application reads the fields as the adapters do."""
    fields = tuple([("Range", "bytes=0-1")] * 1000 + [("Accept", "text/html")] * 1000)
    site, sent = Site(index), Sent("GET", "/nowhere", fields)
    headers = CountedHeaders(fields)
    scope = rsgi_scope_of(sent)._replace(headers=headers)
    assert asyncio.run(call_rsgi(alone_rsgi.make_fallback(site), scope)).status == 404
    assert headers.lines.walks <= 2
    scope_of_asgi = scope_of(sent)
    scope_of_asgi["headers"] = raw = Lines(scope_of_asgi["headers"])
    assert asyncio.run(call_asgi(alone_asgi.make_fallback(site), scope_of_asgi)).status == 404
    assert raw.walks <= 2


@pytest.mark.parametrize("adapter", ["wsgi", "asgi", "rsgi"])
@pytest.mark.parametrize(("accept", "status"), [("text/html", 200), ("text/html" + "," * MAX_FIELD, 404)])
def test_a_long_accept(tmp_path: Path, adapter: str, accept: str, status: int) -> None:
    (tmp_path / "index.html").write_text("<p>home")
    site = Site(servestatic.collect(tmp_path, prefix="/", store="none"), single_page="/index.html")
    sent = Sent("GET", "/users/3", (("Accept", accept),))
    if adapter == "wsgi":
        done = call_wsgi(alone_wsgi.make_fallback(site), environ_of(sent))
    elif adapter == "asgi":
        done = asyncio.run(call_asgi(alone_asgi.make_fallback(site), scope_of(sent)))
    else:
        done = asyncio.run(call_rsgi(alone_rsgi.make_fallback(site), rsgi_scope_of(sent)))
    assert done.status == status
