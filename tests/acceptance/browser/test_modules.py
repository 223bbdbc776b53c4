"""Modules in a browser: the example without a build step, and a build of Vite's.

Between browser and server stands a proxy, which keeps every static file for a moment, so that Resource Timing shows
what waits for what, and changes a page or a byte where a test wants that. Runs only when it is asked for by name; needs
npm.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EXAMPLE = Path(__file__).resolve().parents[3] / "docs/examples/no_build"
VITE = Path(__file__).resolve().parent / "vite"
IMMUTABLE = "max-age=31536000, immutable"
FINGERPRINTED = re.compile(r"\.[0-9a-f]{12}\.\w+$").search
DELAY = 0.15  # seconds that the proxy keeps a static file
READY_WITHIN = 60  # seconds
SCRIPTS = """performance.getEntriesByType('resource')
    .filter(entry => entry.name.endsWith('.js'))
    .map(entry => [new URL(entry.name).pathname, entry.startTime, entry.responseEnd])"""


class Entry(NamedTuple):
    """A module of a page's Resource Timing; milliseconds since the page was asked for."""

    path: str
    start: float
    end: float


class Waterfall(list[Entry]):
    """The modules of a page, in the order of asking."""

    @property
    def depth(self) -> int:
        """How many requests follow each other, each sent only when the one before was answered."""
        depths: list[int] = []
        for entry in self:
            before = (depth for depth, other in zip(depths, self, strict=False) if other.end <= entry.start)
            depths.append(1 + max(before, default=0))
        return max(depths, default=0)

    def __str__(self) -> str:
        scale = 25.0  # milliseconds for each character
        lines = [
            f"{re.sub(r'[.][0-9a-f]{12}', '', entry.path):60}{' ' * int(entry.start / scale)}"
            f"{'█' * max(1, int((entry.end - entry.start) / scale))} {entry.start:.0f}–{entry.end:.0f} ms"
            for entry in self
        ]
        return "\n".join(lines)


class Proxy:
    """Passes requests on; `change` may make another body of a path and its body."""

    def __init__(self, upstream: int) -> None:
        self.asked: list[str] = []
        self.change: Callable[[str, bytes], bytes] = lambda _, body: body
        self.fields: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(upstream))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _handler(self, upstream: int) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.asked.append(self.path)
                connection = http.client.HTTPConnection("127.0.0.1", upstream, timeout=READY_WITHIN)
                kept = ("accept", "referer", "hx-request", "user-agent")
                fields = {name: value for name, value in self.headers.items() if name.lower() in kept}
                connection.request("GET", self.path, headers={**fields, "Host": self.headers["Host"]})
                answer = connection.getresponse()
                body = proxy.change(self.path, answer.read())
                connection.close()
                proxy.fields[self.path] = {name.lower(): value for name, value in answer.getheaders()}
                if self.path.startswith("/static/"):
                    time.sleep(DELAY)
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        self._server.daemon_threads = True
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        yield self
        self._server.shutdown()
        self._server.server_close()
        thread.join()


@contextmanager
def serving(folder: Path, application: str, **environment: str) -> Iterator[Proxy]:
    """An application under uvicorn, and the proxy before it."""
    log = folder.parent / f"{folder.name}.log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        port: int = listener.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--fd", str(listener.fileno()), application],
            cwd=folder,
            env=os.environ | environment,
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with server, Proxy(port).running() as proxy:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=READY_WITHIN).close()
            yield proxy
        except urllib.error.URLError as error:
            pytest.fail(f"The site does not answer ({error}). It said:\n{log.read_text()}", pytrace=False)
        finally:
            server.terminate()
    assert "Traceback" not in log.read_text()


class Visit(NamedTuple):
    """A page that was opened: what it complained of, what was asked for, and when."""

    page: Page
    complaints: list[str]
    asked: Counter[str]
    waterfall: Waterfall


@contextmanager
def visiting(
    browser: Browser, proxy: Proxy, change: Callable[[str, bytes], bytes] | None = None, path: str = "/"
) -> Iterator[Visit]:
    proxy.asked.clear()
    proxy.change = change or (lambda _, body: body)
    complaints: list[str] = []
    with browser.new_context(base_url=proxy.url) as context:
        context.on("weberror", lambda error: complaints.append(f"exception: {error.error}"))
        context.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page = context.new_page()
        page.goto(path, wait_until="networkidle")
        entries = sorted((Entry(*row) for row in page.evaluate(SCRIPTS)), key=lambda row: row.start)
        yield Visit(page, complaints, Counter(proxy.asked), Waterfall(entries))


def without_preloads(path: str, body: bytes) -> bytes:
    return re.sub(rb"<link rel=.?modulepreload.*?>", b"", body) if path == "/" else body


def without_integrity(path: str, body: bytes) -> bytes:
    if path != "/":
        return body
    return re.sub(rb'"integrity":\{.*?\}', b'"integrity":{}', re.sub(rb' integrity="[^"]*"', b"", body))


def tamper(name: str) -> Callable[[str, bytes], bytes]:
    """Change one byte of a file, in a comment or name that runs as well."""

    def change(path: str, body: bytes) -> bytes:
        if name not in path:
            return body
        assert b"low water" in body
        return body.replace(b"low water", b"slow ater")

    return change


# ------------------------------------------------------------------------------------------- without a build step


@pytest.fixture(scope="module")
def tides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The example, with its packages fetched as its README says."""
    if shutil.which("npm") is None:
        pytest.fail("npm is missing: install Node.js, which brings it.", pytrace=False)
    folder = tmp_path_factory.mktemp("examples") / "no_build"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    subprocess.run([sys.executable, "vendor.py"], cwd=folder, check=True)
    with serving(folder, "config.asgi:application") as proxy:
        yield proxy


LEVEL = "document.querySelector('tide-gauge').shadowRoot?.querySelector('p').textContent"


def test_each_module_once_and_no_complaint(browser: Browser, tides: Proxy) -> None:
    with visiting(browser, tides) as visit:
        assert visit.page.evaluate(LEVEL) == "3.4 m: between the tides"
        visit.page.get_by_role("button").click()
        visit.page.get_by_role("cell", name="4.9 m").wait_for()
        assert visit.complaints == []
        static = {path: count for path, count in visit.asked.items() if path.startswith("/static/")}
        assert set(static.values()) == {1}
        assert len([path for path in static if path.endswith(".js")]) == 10
        for path in static:
            assert FINGERPRINTED(path)
            assert tides.fields[path]["cache-control"] == IMMUTABLE


def test_the_waterfall(browser: Browser, tides: Proxy, tell: Callable[[str], None]) -> None:
    with visiting(browser, tides) as told:
        pass
    with visiting(browser, tides, without_preloads) as untold:
        pass
    tell(describe("the example, with modulepreload", told.waterfall))
    tell(describe("the example, without", untold.waterfall))
    assert {entry.path for entry in told.waterfall} == {entry.path for entry in untold.waterfall}
    assert set(untold.asked.values()) == {1}
    assert told.waterfall.depth == 1
    assert untold.waterfall.depth == 5  # app, gauge, lit, reactive-element, css-tag
    assert untold.complaints == told.complaints == []


def describe(name: str, waterfall: Waterfall) -> str:
    last = max(entry.end for entry in waterfall)
    return f"{name}: depth {waterfall.depth}, the last module after {last:.0f} ms\n{waterfall}"


@pytest.mark.parametrize("page", [lambda _, body: body, without_preloads], ids=["preloaded", "imported"])
def test_a_tampered_byte_is_refused(browser: Browser, tides: Proxy, page: Callable[[str, bytes], bytes]) -> None:
    change = tamper("js/levels.")
    with visiting(browser, tides, lambda path, body: page(path, change(path, body))) as visit:
        assert any("integrity" in complaint for complaint in visit.complaints)
        assert visit.page.evaluate("customElements.get('tide-gauge') === undefined")


def test_without_integrity_it_would_run(browser: Browser, tides: Proxy) -> None:
    """The control: the change itself breaks nothing."""
    change = tamper("js/levels.")
    with visiting(browser, tides, lambda path, body: without_integrity(path, change(path, body))) as visit:
        assert visit.page.evaluate(LEVEL) == "3.4 m: between the tides"
        assert visit.complaints == []


# ------------------------------------------------------------------------------------------------- built by Vite


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A site with two entries that Vite has built, and its manifest in the settings."""
    folder = tmp_path_factory.mktemp("built") / "vite"
    shutil.copytree(VITE, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
    for command in (["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["npx", "vite", "build"]):
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with serving(folder, "bundled:application") as proxy:
        yield proxy


def problems_of_built(proxy: Proxy, visit: Visit) -> dict[str, str]:
    """What is wrong with the static files of a page, by path."""
    found = {}
    for path, count in visit.asked.items():
        fields = proxy.fields[path]
        if path.startswith("/static/") and (count > 1 or fields["cache-control"] != IMMUTABLE or FINGERPRINTED(path)):
            found[path] = f"{count} times, {fields['cache-control']}"
    return found


def test_a_build_by_our_tags(browser: Browser, built: Proxy, tell: Callable[[str], None]) -> None:
    with visiting(browser, built) as visit:
        body = visit.page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).margin]")
        assert body == ["rgb(1, 2, 3)", "7px"]
        assert visit.page.evaluate("({...document.body.dataset})") == {"main": "1", "later": "2"}
        assert visit.complaints == []
        assert problems_of_built(built, visit) == {}
        assert len(visit.asked) == 7  # the page, main, shared, later, two stylesheets, the image
        first, second, later = visit.waterfall
    with visiting(browser, built, without_preloads) as untold:
        assert untold.waterfall.depth == 3  # main, shared, later
        assert set(untold.asked.values()) == {1}
    tell(describe("Vite's build, with modulepreload", visit.waterfall))
    tell(describe("Vite's build, without", untold.waterfall))
    assert Waterfall([first, second]).depth == 1
    assert later.start > max(first.end, second.end)  # by import(), when main runs


@pytest.mark.parametrize("name", ["main", "shared", "later"])
def test_a_tampered_byte_of_a_build_is_refused(browser: Browser, built: Proxy, name: str) -> None:
    """One more line feed, which breaks nothing where no digest is known."""

    def change(path: str, body: bytes) -> bytes:
        return body + b"\n" if re.search(rf"/{name}-[\w-]+\.js$", path) else body

    with visiting(browser, built, change) as visit:
        assert any("integrity" in complaint for complaint in visit.complaints)
        assert not visit.page.evaluate("'later' in document.body.dataset")  # what runs last
    with visiting(browser, built, lambda path, body: without_integrity(path, change(path, body))) as visit:
        assert visit.page.evaluate("({...document.body.dataset})") == {"main": "1", "later": "2"}
        assert visit.complaints == []


def test_a_build_by_django_vite(browser: Browser, built: Proxy) -> None:
    with visiting(browser, built, path="/django-vite/") as visit:
        assert visit.page.evaluate("({...document.body.dataset})") == {"main": "1", "admin": "2", "later": "3"}
        assert visit.complaints == []
        assert problems_of_built(built, visit) == {}
