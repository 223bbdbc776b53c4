"""Packages of the corpus in a browser, as ES modules, style sheets and pages, without a bundler.

A static site: the pages of `pages/`, and each package as it is published, below `vendor/`. The server answers 404 to
every name but those of pages and fingerprinted ones, so whatever a page shows was reached by references that were found
and rewritten. Runs only when it is asked for by name; needs npm for the corpus.

Two packages want something of their own:

- monaco-editor's ES modules import style sheets, which bundlers turn into scripts and browsers refuse. Nothing of the
  package is changed or replaced: `pages/style-modules.js`, a service worker, answers such an import with a module that
  links the style sheet, by the fingerprinted name that the import has.
- swagger-ui's own page shows an API that is described on another host. The test stands in for that host.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import httpx
import pytest
import uvicorn

import servestatic
from benchmarks.corpus.fetch import fetch
from servestatic import Directory
from servestatic.asgi import ServeStatic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Route

    from servestatic import Index
    from servestatic.asgi import Message, Receive, Scope, Send

PAGES = Path(__file__).resolve().parent / "pages"
PACKAGES = {
    "bootstrap": "bootstrap",
    "bootstrap-icons": "bootstrap-icons",
    "fontawesome": "@fortawesome/fontawesome-free",
    "katex": "katex",
    "monaco-editor": "monaco-editor",
    "swagger-ui": "swagger-ui-dist",
    "three": "three",
}
FINGERPRINT = re.compile(r"\.[0-9a-f]{12}(?=\.[^./]+$)")
SPECIFICATION = """{
  "openapi": "3.0.3",
  "info": {"title": "Lighthouses", "version": "1"},
  "paths": {"/lights": {"get": {"summary": "List the lights", "responses": {"200": {"description": "all of them"}}}}}
}"""
BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20" fill="green"/></svg>'
)
LOADED = "performance.getEntriesByType('resource').map(entry => [entry.initiatorType, entry.name])"
FONTS = """[...document.fonts].filter(font => font.status === 'loaded')
    .map(font => font.family.replaceAll('"', ''))"""
# How many colours a canvas shows: an empty one has a single one.
COLOURS = """() => {
    const canvas = document.querySelector('canvas');
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
    copy.drawImage(canvas, 0, 0);
    return new Set(new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
}"""
TIMEOUT = 60_000  # milliseconds; monaco-editor is more than a thousand modules


class OpenPage(Protocol):
    """Opens a page by its path."""

    def __call__(self, path: str, *, other_hosts: bool = False) -> Visit:
        """Open it; with `other_hosts`, requests to other hosts are answered here."""


class Asked(NamedTuple):
    """A request that the server got, and the status that it answered."""

    path: str
    status: int


class Strict:
    """An ASGI application that knows no plain names but those of pages, and counts."""

    def __init__(self, index: Index) -> None:
        self.asked: list[Asked] = []
        names = {unquote(index.url(name)) for name in index}
        self._known = names | {name.removesuffix("index.html") for name in names}
        self._static = ServeStatic(self._not_found, index)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._static(scope, receive, send)
            return

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.asked.append(Asked(scope["path"], int(str(message["status"]))))
            await send(message)

        known = scope["path"] in self._known
        await (self._static if known else self._not_found)(scope, receive, note)

    async def _not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"Only pages have plain names here.\n"})


class Site(NamedTuple):
    """The running server: where it is and what it was asked."""

    url: str
    application: Strict


@pytest.fixture(scope="module")
def packages_site() -> Iterator[Site]:
    """The pages and the packages under uvicorn, in a thread."""
    corpus = fetch()
    vendored = [Directory(corpus / package, under=f"vendor/{name}") for name, package in PACKAGES.items()]
    application = Strict(servestatic.collect(PAGES, *vendored, prefix="/", index_file="index.html", store="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", application)
        server.should_exit = True
        thread.join()


class Visit:
    """One page, opened in a browser with nothing in its cache: what it loaded, and all that went wrong with it."""

    def __init__(self, browser: Browser, site: Site, path: str, *, other_hosts: bool) -> None:
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._site = site
        self._before = len(site.application.asked)
        self.context: BrowserContext = browser.new_context(base_url=site.url)
        self.context.add_init_script("performance.setResourceTimingBufferSize(10000)")
        self.context.on("requestfailed", lambda request: self.complaints.append(f"{request.url}: {request.failure}"))
        self.context.on("weberror", lambda error: self.complaints.append(f"exception: {error.error}"))
        self.context.on("console", lambda said: self._note(said.type, said.text))
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(TIMEOUT)
        self.context.on("request", lambda request: self._note_foreign(request.url))
        if other_hosts:  # only then: it turns off the browser's cache
            self.page.route(re.compile(f"(?!{re.escape(site.url)})https?:"), self._answer_foreign)
        self.page.goto(path)

    def _note(self, kind: str, text: str) -> None:
        """Take down errors, and warnings but those of a driver about what drawing costs."""
        if kind == "error" or (kind == "warning" and "GL Driver Message" not in text):
            self.complaints.append(f"{kind}: {text}")

    def _note_foreign(self, url: str) -> None:
        if not url.startswith((self._site.url, "data:", "blob:")):
            self.foreign.append(url)

    def _answer_foreign(self, route: Route) -> None:
        """Stand in for other hosts, of which a package's own page may need some."""
        is_wanted = route.request.url.endswith("/swagger.json")
        body, kind = (SPECIFICATION, "application/json") if is_wanted else (BADGE, "image/svg+xml")
        route.fulfill(body=body, content_type=kind, headers={"Access-Control-Allow-Origin": "*"})

    def check(self) -> dict[str, int]:
        """Check what holds for every page, close it, and count by extension what the server was asked for.

        No request fails, the browser complains of nothing; the server is asked for a file once, and no file has two
        URLs: so a module has one instance in a page, and one in each worker.
        """
        self.page.wait_for_load_state("networkidle")
        loaded = self.page.evaluate(LOADED)
        realms = 1 + len(self.page.workers)  # what a worker imports is listed with what its page does
        self.context.close()
        assert self.complaints == []
        asked = self._site.application.asked[self._before :]
        assert [request for request in asked if request.status != 200] == []
        assert {path: count for path, count in Counter(request.path for request in asked).items() if count > 1} == {}
        names: dict[str, set[str]] = {}
        for path in (urlsplit(url).path for _, url in loaded if url.startswith(self._site.url)):
            names.setdefault(FINGERPRINT.sub("", path), set()).add(path)
        assert {name: paths for name, paths in names.items() if len(paths) > 1} == {}
        scripts = Counter(url for initiator, url in loaded if initiator == "script")
        assert {url: count for url, count in scripts.items() if count > realms} == {}
        return Counter(path.rpartition(".")[2] for path in {request.path for request in asked})


@pytest.fixture
def open_page(browser: Browser, packages_site: Site) -> Iterator[OpenPage]:
    """Open a page by its path; what is still open is closed at the end."""
    visits: list[Visit] = []

    def open_page(path: str, *, other_hosts: bool = False) -> Visit:
        visits.append(Visit(browser, packages_site, path, other_hosts=other_hosts))
        return visits[-1]

    yield open_page
    for visit in visits:
        visit.context.close()


def test_plain_names_are_unknown(packages_site: Site) -> None:
    """The server is as strict as this module says."""
    assert httpx.get(f"{packages_site.url}/editor.html").status_code == 200
    assert httpx.get(f"{packages_site.url}/editor.js").status_code == 404
    assert httpx.get(f"{packages_site.url}/vendor/three/build/three.module.js").status_code == 404


def test_monaco_editor(open_page: OpenPage, tmp_path: Path) -> None:
    visit = open_page("/editor.html")
    visit.page.get_by_text("flashing every").wait_for()
    visit.page.wait_for_function("window.complaints().length > 0")
    visit.page.locator(".squiggly-error").first.wait_for()
    visit.page.wait_for_function(f"{FONTS}.includes('codicon')")
    visit.page.screenshot(path=tmp_path / "editor.png")
    assert visit.page.evaluate("complaints()") == ["Type 'number' is not assignable to type 'string'."]
    counts = visit.check()
    assert counts["js"] > 500
    assert counts["css"] > 100
    assert visit.foreign == []


def test_three(open_page: OpenPage, tmp_path: Path) -> None:
    visit = open_page("/scene.html")
    visit.page.wait_for_function("window.one !== undefined")
    visit.page.screenshot(path=tmp_path / "scene.png")
    assert visit.page.evaluate("one") is True
    assert visit.page.evaluate(COLOURS) > 1000
    assert visit.check()["js"] > 10
    assert visit.foreign == []


def test_swagger_ui(open_page: OpenPage, tmp_path: Path) -> None:
    """The package's own page; the description of an API that it shows is on another host."""
    visit = open_page("/vendor/swagger-ui/", other_hosts=True)
    visit.page.get_by_text("List the lights").wait_for()
    method = visit.page.locator(".opblock-get .opblock-summary-method")
    assert method.evaluate("element => getComputedStyle(element).backgroundColor") == "rgb(97, 175, 254)"
    visit.page.wait_for_load_state("networkidle")
    visit.page.screenshot(path=tmp_path / "swagger-ui.png")
    assert visit.check()["js"] == 3
    assert {urlsplit(url).hostname for url in visit.foreign} <= {"petstore.swagger.io", "validator.swagger.io"}


def test_katex(open_page: OpenPage, tmp_path: Path) -> None:
    visit = open_page("/formula.html")
    visit.page.locator(".katex-display").nth(2).wait_for()
    visit.page.wait_for_function("document.fonts.status === 'loaded'")
    visit.page.screenshot(path=tmp_path / "formula.png")
    loaded = visit.page.evaluate(FONTS)
    assert {"KaTeX_Main", "KaTeX_Math", "KaTeX_Size2", "KaTeX_AMS", "KaTeX_Fraktur", "KaTeX_Script"} <= set(loaded)
    assert visit.check()["woff2"] > 5
    assert visit.foreign == []


def test_icons(open_page: OpenPage, tmp_path: Path) -> None:
    visit = open_page("/icons.html")
    visit.page.wait_for_function("document.fonts.status === 'loaded'")
    visit.page.get_by_role("button", name="More").click()
    visit.page.locator("#more.show").wait_for()
    assert visit.page.locator("img").evaluate("image => image.naturalWidth") > 0
    visit.page.screenshot(path=tmp_path / "icons.png")
    fonts = visit.page.evaluate(FONTS)
    assert {"bootstrap-icons", "Font Awesome 7 Free", "Font Awesome 7 Brands"} <= set(fonts)
    assert visit.check()["woff2"] >= 4
    assert visit.foreign == []
