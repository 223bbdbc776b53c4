"""Who reads a long file: the server where nothing changes the file meanwhile, else we, who notice a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest

import servestatic
from servestatic import asgi, rsgi, wsgi
from servestatic.http.message import Memory, Slice
from servestatic.http.representation import Resource
from servestatic.serving.index import Index
from tests.http.conformance import ROWS, Row
from tests.support.drivers import DRIVERS
from tests.support.indexes import renew
from tests.support.interfaces.asgi import asgi_application, scope_of
from tests.support.interfaces.rsgi import Protocol, RSGIScope, rsgi_application, rsgi_scope_of
from tests.support.interfaces.wsgi import environ_of, wsgi_application
from tests.support.judge import Sent, problems, request
from tests.support.tree import Site, make_site, noise

LENGTH = 300_000
STYLE = ("a{background:url(b.svg)}" + "b{color:red}" * 30_000).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "large.bin").write_bytes(noise(LENGTH))
    (folder / "huge.bin").write_bytes(noise(rsgi.MAX_STREAMED + 1))
    (folder / "b.svg").write_text("<svg/>")
    (folder / "a.css").write_bytes(STYLE)
    return folder


def index_of(folder: Path, kind: str) -> Index:
    index = servestatic.collect(folder, store=str(folder.parent / "store"))
    if kind == "a sealed build":
        index.write(str(folder.parent / "out"))
        return servestatic.collect(build=str(folder.parent / "out"), store="none")
    return index


# what, the name, whether its URL is the fingerprinted one → through which adapters the server may send it
KINDS = {
    "plain": ("large.bin", False, set()),
    "fingerprinted": ("large.bin", True, set()),
    # An object's data begins after its header, and only these servers are known to begin there, too.
    "an object of the store": ("a.css", True, {"gunicorn", "rsgi"}),
    "a sealed build": ("large.bin", True, {"wsgi", "gunicorn", "django", "asgi", "rsgi"}),
}


def sent_by_wsgi(index: Index, path: str) -> bool:
    environ = environ_of(Sent("GET", path, ())) | {"wsgi.file_wrapper": FileWrapper}
    body: Any = wsgi.ServeStatic(wsgi_application, index)(environ, lambda *_: bytes)
    body.close()
    return isinstance(body, FileWrapper)


def sent_by_gunicorn(index: Index, path: str) -> bool:
    more = {"wsgi.file_wrapper": FileWrapper, "SERVER_SOFTWARE": "gunicorn/27"}
    body: Any = wsgi.ServeStatic(wsgi_application, index)(environ_of(Sent("GET", path, ())) | more, lambda *_: bytes)
    body.close()
    return isinstance(body, FileWrapper)


def sent_by_django(index: Index, path: str) -> bool:
    from tests.support import django_site

    environ = environ_of(Sent("GET", path, ())) | {"wsgi.file_wrapper": FileWrapper}
    body: Any = django_site.wsgi_handler(index)(environ, lambda *_: bytes)
    body.close()
    return isinstance(body, FileWrapper)


def sent_by_asgi(index: Index, path: str) -> bool:
    types = []

    async def send(message: asgi.Message) -> None:
        types.append(message["type"])

    async def receive() -> asgi.Message:
        return await asyncio.Event().wait()  # type: ignore[return-value] # it never comes to that

    scope = scope_of(Sent("GET", path, ()), "http.response.pathsend")
    asyncio.run(asgi.ServeStatic(asgi_application, index)(scope, receive, send))
    return "http.response.pathsend" in types


class Recorded(Protocol):
    """RSGI's protocol that notes whether a file is the server's to send."""

    by_path = False

    def response_file_range(self, *arguments: Any) -> None:
        self.by_path = True
        super().response_file_range(*arguments)


def sent_by_rsgi(index: Index, path: str) -> bool:
    protocol = Recorded("GET")
    application: Any = rsgi.ServeStatic(rsgi_application, index)
    asyncio.run(application.__rsgi__(rsgi_scope_of(Sent("GET", path, ())), protocol))
    return protocol.by_path


SENDERS: dict[str, Callable[[Index, str], bool]] = {
    "wsgi": sent_by_wsgi,
    "gunicorn": sent_by_gunicorn,
    "django": sent_by_django,
    "asgi": sent_by_asgi,
    "rsgi": sent_by_rsgi,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adapter", SENDERS)
def test_who_sends(folder: Path, adapter: str, kind: str) -> None:
    name, fingerprinted, senders = KINDS[kind]
    index = index_of(folder, kind)
    path = index.url(name) if fingerprinted else f"/static/{name}"
    target = index.get(path)
    assert isinstance(target, Resource)
    assert isinstance(target.representations[0].body, Slice)
    assert SENDERS[adapter](index, path) is (adapter in senders)


def test_what_rsgi_would_hold_in_memory(folder: Path) -> None:
    """RSGI's stream takes all at once, so that a long body is the server's to read, as fast as its client does."""
    index = index_of(folder, "plain")
    assert sent_by_rsgi(index, "/static/huge.bin")
    assert sent_by_rsgi(index, index.url("huge.bin"))
    sent = Sent("GET", "/static/huge.bin", (("Range", f"bytes=1-{LENGTH}"),))
    protocol = Recorded("GET")
    application: Any = rsgi.ServeStatic(rsgi_application, index)
    asyncio.run(application.__rsgi__(rsgi_scope_of(sent), protocol))
    assert not protocol.by_path
    assert len(protocol.body) == LENGTH


class Left(Protocol):
    """RSGI's protocol when the client has left: granian's stream raises ProtocolClosed, which is a RuntimeError."""

    tries = 0

    def response_stream(self, *_: Any) -> Any:
        return self

    async def send_bytes(self, _: bytes) -> None:
        self.tries += 1
        raise RuntimeError("RSGI transport is closed")


def test_a_client_of_rsgi_that_leaves(folder: Path) -> None:
    protocol = Left("GET")
    application: Any = rsgi.ServeStatic(rsgi_application, index_of(folder, "plain"))
    scope: RSGIScope = rsgi_scope_of(Sent("GET", "/static/large.bin", ()))
    asyncio.run(application.__rsgi__(scope, protocol))
    assert protocol.tries == 1


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site of the conformance table, its files those of a sealed build."""
    site = make_site(tmp_path_factory.mktemp("fixed"), settled=True)
    return Site(site.folder, renew(site.index, site.index.resources.encoder, sealed=True))


@pytest.mark.parametrize("row", [each for each in ROWS if each.file.startswith("large")], ids=lambda row: row.id)
@pytest.mark.parametrize("adapter", [each for each in DRIVERS if "," in each or each == "rsgi"])
def test_the_server_sends_the_right_bytes(fixed: Site, adapter: str, row: Row) -> None:
    assert problems(fixed, row, DRIVERS[adapter](fixed.index, request(fixed, row))) == []


def test_a_range_of_a_fixed_file_is_fixed(fixed: Site) -> None:
    target = fixed.index.get("/static/large.bin")
    assert isinstance(target, Resource)
    assert not isinstance(target.representations[0].body, Memory)
    assert target.representations[0].body.fixed
