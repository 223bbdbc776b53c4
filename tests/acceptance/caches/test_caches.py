"""nginx and Varnish as caches before two workers, configured as docs/how-to/cdn.md says."""

from __future__ import annotations

import hashlib
import re
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from servestatic import Index, collect
from servestatic.http.dictionary import write_dictionary
from servestatic.serving.compression.coders import codings
from tests.acceptance.caches.programs import nginx, read_blocks, varnish
from tests.support.interfaces.function import call_function
from tests.support.judge import Sent
from tests.support.wire import Got, talk, write_request
from tests.support.workers import SETTLED, SETTLES_WITHIN, Workers, hold_back, keys, running, write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NGINX, CDN = read_blocks("nginx.md"), read_blocks("cdn.md")
GUNICORN = (
    "gunicorn --bind 127.0.0.1:{port} --workers 2 --worker-class gthread --threads 4"
    " tests.support.process_id_apps:wsgi_app"
)
ORIGIN = Workers(GUNICORN, 2, 2)
SETTINGS: dict[str, Any] = {"prefix": "/static/", "index_file": "index.html"}
# What a test adds to a configuration, to see more.
SEE = 'sub vcl_backend_response { if (beresp.was_304) { set beresp.http.X-Renewed = "yes"; } }\n'

RENEWS_WITHIN = 20.0  # seconds; answers are fresh for one, and Varnish sends them for ten more while it asks
BROWSER = "gzip, deflate, br, zstd"
CLIENTS = {"browser": BROWSER, "brotli": "br", "gzip": "gzip", "identity": "", "refuses": "gzip;q=0, br;q=0"}


class Cache(NamedTuple):
    """A cache and what its clients get.

    Attributes:
        asks: the Accept-Encoding that it sends to the workers, by client.
        weak: clients that get identity, unpacked from gzip: with a weak entity tag.
        gzip_support: of Varnish; None for nginx.
    """

    asks: dict[str, str]
    weak: frozenset[str] = frozenset()
    gzip_support: str | None = None


_SHORT = {"browser": "br", "brotli": "br", "gzip": "gzip", "identity": "", "refuses": ""}
_NO_GZIP = frozenset({"brotli", "identity", "refuses"})
CACHES = {
    "nginx": Cache(_SHORT),
    "nginx, by Vary": Cache(CLIENTS),
    "Varnish": Cache(dict.fromkeys(CLIENTS, "gzip"), _NO_GZIP, "on"),
    "Varnish without gzip support": Cache(_SHORT, gzip_support="off"),
}


@contextmanager
def cache(name: str, folder: Path, origin: int) -> Iterator[int]:
    """Start a cache; yields its port."""
    if CACHES[name].gzip_support:
        vcl = CDN["/etc/varnish/default.vcl"] + SEE
        if CACHES[name].gzip_support == "off":
            vcl += CDN["/etc/varnish/codings.vcl"]
        option = f"http_gzip_support={CACHES[name].gzip_support}"
        with varnish(folder, vcl, {'"8000"': f'"{origin}"'}, "-p", option) as port:
            yield port
        return
    conf = CDN["/etc/nginx/conf.d/cache.conf"]
    if name == "nginx, by Vary":
        conf = re.sub(r"(?m)^ *(proxy_cache_key|proxy_set_header|proxy_ignore_headers) .*\n", "", conf)
    files = {"/etc/nginx/conf.d/cache.conf": conf}
    files |= {path: text for path, text in NGINX.items() if path.endswith("/application.conf")}
    words = {"127.0.0.1:8000": f"127.0.0.1:{origin}", "/var/cache/nginx/static": str(folder / "cache")}
    with nginx(folder, files, words) as port:
        yield port


@dataclass(frozen=True)
class Site:
    """A cache before workers that have settled, and what they answer."""

    cache: Cache
    port: int
    index: Index
    earlier: bytes  # what js/8.js was in the release before

    def ask(self, path: str, client: str, *fields: tuple[str, str]) -> Got:
        """Ask the cache."""
        return ask(self.port, path, CLIENTS[client], *fields)

    def expect(self, path: str, client: str) -> Expected:
        """What the cache has to send."""
        fetched = expect(self.index, path, self.cache.asks[client])
        if client not in self.cache.weak:
            return fetched
        return Expected("identity", f"W/{fetched.tag}", expect(self.index, path, "").body, fetched.fields)


class Expected(NamedTuple):
    """Coding, entity tag, bytes, and all fields by name."""

    coding: str
    tag: str
    body: bytes
    fields: dict[str, str]


def expect(index: Index, path: str, accept: str) -> Expected:
    """What a worker answers."""
    answer = call_function(index, Sent("GET", path, (("Accept-Encoding", accept),)))
    fields = dict(answer.fields)
    return Expected(fields.get("content-encoding", "identity"), fields["etag"], answer.body, fields)


def ask(port: int, path: str, accept: str, *fields: tuple[str, str]) -> Got:
    accepted = (("Accept-Encoding", accept),) if accept else ()
    return talk(port, [write_request("GET", path, (*accepted, *fields, ("Connection", "close")))], at_once=False)[0]


# Accept-Encoding, and whether the client has the earlier file, another, or None at all.
DICTIONARIES = {
    "has the earlier file": (f"{BROWSER}, dcb, dcz", True),
    "has another file": (f"{BROWSER}, dcb, dcz", False),
    "has none": (f"{BROWSER}, dcb, dcz", None),
    "cannot decode deltas": (BROWSER, True),
    "takes identity alone": ("identity", True),
}


def test_deltas_reach_only_who_can_decode_them(site: Site) -> None:
    """Whatever a cache keeps and rewrites: nobody gets a delta who did not ask for it, or from another dictionary."""
    path = site.index.url("js/8.js")
    whole = site.expect(path, "identity").body
    deltas = 0
    for _ in range(3):
        for accept, has in DICTIONARIES.values():
            digest = hashlib.sha256(site.earlier if has else b"another").digest()
            fields = () if has is None else (("Available-Dictionary", write_dictionary(digest)),)
            answer = ask(site.port, path, accept, *fields)
            coding = dict(answer.fields).get("content-encoding", "identity")
            if coding == "dcz":
                assert (accept, has) == DICTIONARIES["has the earlier file"]
                assert answer.body[8:40] == digest
                deltas += 1
            else:
                assert decode(coding, answer.body) == whole
                assert coding in (*accept.split(", "), "identity")
    assert deltas == (3 if site.cache.asks is CLIENTS else 0), "only a cache that follows Vary lets them through"


def decode(coding: str, body: bytes) -> bytes:
    """Decode a body as a client does."""
    return next((row.decode(body, 10**8) for row in codings() if row.name == coding), body)


def was_kept(answer: Got) -> bool:
    """Return whether an answer came from the cache: nginx reports it, Varnish names the request that fetched it."""
    fields = dict(answer.fields)
    return fields.get("x-cache") == "HIT" or len(fields.get("x-varnish", "").split()) == 2


@pytest.fixture(scope="module", params=CACHES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("cache")
    kept: dict[str, Any] = {"store": str(folder / "store"), "releases": str(folder / "releases")}
    settings = {"sources": folder / "site", "prefix": "/static/", **kept}
    write_site(folder / "site")
    script = folder / "site" / "js" / "8.js"
    earlier = script.read_bytes().replace(b"value7 ", b"before ")
    script.write_bytes(earlier)
    collect(folder / "site", **SETTINGS, **kept)
    write_site(folder / "site")
    index = collect(folder / "site", compress="startup", **SETTINGS, **kept)
    with running(ORIGIN, folder / "log", **settings) as server:
        with cache(request.param, folder / "program", server.port) as port:
            yield Site(CACHES[request.param], port, index, earlier)
        assert server.terminate() == 0


@pytest.mark.parametrize("client", CLIENTS)
def test_every_file_first_fetched_then_kept(site: Site, client: str) -> None:
    for name in [name for name in site.index if name != "index.html"]:
        for path in (site.index.url(name), f"/static/{name}"):
            fetched, kept = site.ask(path, client, ("Cookie", "a=b")), site.ask(path, client)
            assert was_kept(kept), path
            expected = site.expect(path, client)
            for answer in (fetched, kept):
                fields = dict(answer.fields)
                assert (answer.status, answer.body) == (200, expected.body), path
                assert (fields.get("content-encoding", "identity"), fields["etag"]) == expected[:2], path
                for field in ("content-type", "cache-control", "vary", "access-control-allow-origin"):
                    assert fields[field] == expected.fields[field], (path, field)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("weak", ["as it came", "weakened"])
def test_not_modified(site: Site, client: str, weak: str) -> None:
    path = site.index.url("js/0.js")
    first = dict(site.ask(path, client).fields)
    tag = first["etag"] if weak == "as it came" else f"W/{first['etag'].removeprefix('W/')}"
    answer = site.ask(path, client, ("If-None-Match", tag))
    assert (answer.status, answer.body) == (304, b"")
    assert dict(answer.fields).items() >= {name: first[name] for name in ("etag", "cache-control", "vary")}.items()
    assert site.ask(path, client, ("If-None-Match", '"another"')).status == 200


@pytest.mark.parametrize("client", CLIENTS)
def test_pieces_make_the_whole(site: Site, client: str) -> None:
    """Of the representation that the entity tag names. With a weak tag no piece is sent (RFC 9110 §13.1.5)."""
    path = site.index.url("js/8.js")
    site.ask(path, client)
    coding, tag, whole, _ = site.expect(path, client)
    pieces = b""
    step = -(-len(whole) // 7)
    for start in range(0, len(whole), step):
        stop = min(start + step, len(whole))
        fields = (("Range", f"bytes={start}-{stop - 1}"), ("If-Range", tag))
        answer = site.ask(path, client, *fields)
        if client in site.cache.weak:
            assert (answer.status, answer.body) == (200, whole)
            answer = site.ask(path, client, *fields[:1])
        assert answer.status == 206
        assert dict(answer.fields)["etag"] == tag
        assert dict(answer.fields).get("content-encoding", "identity") == coding
        assert dict(answer.fields)["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
        pieces += answer.body
    assert pieces == whole


def test_an_unknown_release_is_asked_for_each_time(site: Site) -> None:
    for _ in range(3):
        answer = site.ask("/static/css/0.000000000000.css", "browser")
        assert (answer.status, dict(answer.fields)["cache-control"]) == (404, "no-store")
        assert not was_kept(answer)


def test_pages_are_asked_for_each_time(site: Site) -> None:
    """And nginx makes no 304 of what it does not keep."""
    for client in CLIENTS:
        answers = [site.ask("/static/", client) for _ in range(2)]
        assert [was_kept(answer) for answer in answers] == [False, False]
        assert {answer.status for answer in answers} == {200}
        again = site.ask("/static/", client, ("If-None-Match", dict(answers[0].fields)["etag"]))
        assert again.status == (304 if site.cache.gzip_support else 200)


@pytest.mark.parametrize("name", CACHES)
def test_stale_answers_and_workers_that_settle(name: str, tmp_path: Path) -> None:
    """A plain name, fresh for a second, first in fast codings: renewed by 304 until the workers have better ones."""
    write_site(tmp_path / "site")
    store, path = tmp_path / "store", "/static/css/0.css"
    cold = collect(tmp_path / "site", store="none", max_age=1, **SETTINGS)
    settings = {"sources": tmp_path / "site", "store": store, "prefix": "/static/", "max_age": 1}
    with ExitStack() as stack:
        server = stack.enter_context(running(ORIGIN, tmp_path / "log", **settings))
        port = stack.enter_context(cache(name, tmp_path / "program", server.port))
        with hold_back(store, keys(content.digest for content in cold.catalog.contents())):
            fast = ask(port, path, BROWSER)
            assert essence(fast) == expect(cold, path, CACHES[name].asks["browser"])[:3]
            assert essence(ask_until(port, path, was_renewed)) == essence(fast)
        server.wait_for(SETTLED, 1, SETTLES_WITHIN)
        settled = collect(tmp_path / "site", store=str(store), compress="startup", max_age=1, **SETTINGS)
        best = expect(settled, path, CACHES[name].asks["browser"])[:3]
        assert best != essence(fast)
        ask_until(port, path, lambda answer: essence(answer) == best)
        assert ask(port, path, BROWSER, ("If-None-Match", best[1])).status == 304
        stale = ask(port, path, BROWSER, ("If-None-Match", essence(fast)[1]))
        assert (stale.status, essence(stale)) == (200, best)


def essence(answer: Got) -> tuple[str, str, bytes]:
    fields = dict(answer.fields)
    return fields.get("content-encoding", "identity"), fields["etag"], answer.body


def was_renewed(answer: Got) -> bool:
    fields = dict(answer.fields)
    return fields.get("x-cache") == "REVALIDATED" or fields.get("x-renewed") == "yes"


def ask_until(port: int, path: str, is_right: Callable[[Got], bool]) -> Got:
    """Ask as a browser until the cache has what is wanted."""
    deadline = time.monotonic() + RENEWS_WITHIN
    while not is_right(answer := ask(port, path, BROWSER)):
        assert answer.status == 200
        assert time.monotonic() < deadline, answer.fields
        time.sleep(0.1)
    return answer
