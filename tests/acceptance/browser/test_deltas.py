"""A returning visitor: two releases of a site with real packages, and what Chromium downloads of the second.

Runs only when it is asked for by name; needs npm, from which the packages come.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import brotli
import pytest

from tests.acceptance.browser.conftest import CHROMIUM_FLAGS, serve_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Response

# The file of a package, its two releases, and how the page loads it.
PACKAGES = {
    "katex.mjs": ("katex", "0.16.10", "0.16.11", "dist/katex.mjs"),
    "three.js": ("three", "0.185.0", "0.185.1", "build/three.core.js"),
    "bootstrap.css": ("bootstrap", "5.3.2", "5.3.3", "dist/css/bootstrap.min.css"),
    "bootstrap.js": ("bootstrap", "5.3.2", "5.3.3", "dist/js/bootstrap.bundle.min.js"),
    "swagger.js": ("swagger-ui-dist", "5.17.13", "5.17.14", "swagger-ui-bundle.js"),
    "swagger.css": ("swagger-ui-dist", "5.17.13", "5.17.14", "swagger-ui.css"),
    "chart.js": ("chart.js", "4.4.6", "4.4.7", "dist/chart.umd.js"),
    "jquery.js": ("jquery", "3.7.0", "3.7.1", "dist/jquery.min.js"),
    "vue.js": ("vue", "3.5.12", "3.5.13", "dist/vue.global.prod.js"),
}
PAGE = """<!doctype html><title>loading</title>
<link rel=stylesheet href=bootstrap.css>
<link rel=stylesheet href=swagger.css>
<link rel=stylesheet href=own.css>
<script src=bootstrap.js></script>
<script src=swagger.js></script>
<script src=chart.js></script>
<script src=jquery.js></script>
<script src=vue.js></script>
<script src=own.js></script>
<script type=module>
import katex from "./katex.mjs";
const three = await import("./three.js");
document.title = [katex.version, three.REVISION, bootstrap.Button.VERSION, Chart.version, jQuery.fn.jquery,
                  Vue.version, typeof SwaggerUIBundle, release].join(" ");
</script>"""
TITLES = {
    1: "0.16.10 185 5.3.2 4.4.6 3.7.0 3.5.12 function first",
    2: "0.16.11 185 5.3.3 4.4.7 3.7.1 3.5.13 function second",
}


class Loaded(NamedTuple):
    """What the browser got of a file: coding, bytes on the wire, and SHA-256 once decoded."""

    coding: str
    size: int
    digest: str


class Site:
    """A folder that is served, release after release, at one origin."""

    def __init__(self, folder: Path, packages: Path, browser: Browser) -> None:
        self.folder = folder
        self.files = folder / "static"
        self.store = folder / "store"
        self.profile = folder / "profile"
        self.files.mkdir()
        self._packages = packages
        self._chromium = browser.browser_type  # a process drives one Playwright
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._listener.getsockname()[1]}/"

    def write(self, release: int) -> None:
        """Write the files of a release."""
        for name, (package, *versions, path) in PACKAGES.items():
            shutil.copyfile(self._packages / f"{package}-{versions[release - 1]}" / "package" / path, self.files / name)
        lines = [f"window.value{number}={number * 7919 % 65521};" for number in range(12_000)]
        rules = [f".c{number}{{color:#{number * 7919 % 65521:04x}}}" for number in range(5_000)]
        lines[6_000] = f"window.release='{('first', 'second')[release - 1]}';"
        rules[2_500] = f".c2500{{color:{('red', 'blue')[release - 1]}}}"
        (self.files / "own.js").write_text("\n".join(lines))
        (self.files / "own.css").write_text("\n".join(rules))
        (self.files / "index.html").write_text(PAGE)

    @contextmanager
    def serve(self, **settings: str) -> Iterator[None]:
        """Serve the present release, with all its codings made before the first request."""
        environment = os.environ | {
            "SERVESTATIC_SOURCES": str(self.files),
            "SERVESTATIC_PREFIX": "/",
            "SERVESTATIC_INDEX_FILE": "index.html",
            "SERVESTATIC_STORE": str(self.store),
            "SERVESTATIC_COMPRESS": "startup",
            "SERVESTATIC_RELEASES": str(self.folder / "releases"),
            **settings,
        }
        with serve_at(self._listener, self.url, "servestatic:app", self.folder, environment, self.folder / "log"):
            yield

    def visit(self, title: str) -> dict[str, Loaded]:
        """Open the page in a browser that starts with the same profile each time; it must work."""
        chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
        loaded: dict[str, Loaded] = {}

        def note(response: Response) -> None:
            name = ".".join(response.url.rpartition("/")[2].split(".")[::2]) if "." in response.url else ""
            coding = response.headers.get("content-encoding", "identity")
            size = response.request.sizes()["responseBodySize"]
            loaded[name] = Loaded(coding, size, hashlib.sha256(response.body()).hexdigest())

        with self._chromium.launch_persistent_context(
            self.profile, executable_path=chromium, args=CHROMIUM_FLAGS
        ) as context:
            page = context.new_page()
            responses: list[Response] = []
            errors: list[str] = []
            page.on("response", lambda response: responses.append(response))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(self.url)
            page.wait_for_function("document.title != 'loading'", timeout=30_000)
            page.wait_for_load_state("networkidle")
            assert page.title() == title
            assert errors == []
            for response in responses:
                if response.url != self.url and response.url.rpartition(".")[2] in ("js", "mjs", "css"):
                    note(response)
            page.wait_for_timeout(1500)  # Chromium writes a dictionary after the page has loaded
        return loaded

    def check(self, loaded: dict[str, Loaded]) -> None:
        """Check that every body, once decoded, was that of the file."""
        for name, got in loaded.items():
            assert got.digest == hashlib.sha256((self.files / name).read_bytes()).hexdigest(), name

    def close(self) -> None:
        """Free the port."""
        self._listener.close()


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both releases of each package, unpacked."""
    folder = tmp_path_factory.mktemp("packages")
    for name, *versions, _ in PACKAGES.values():
        for version in versions:
            target = folder / f"{name}-{version}"
            if not target.exists():
                target.mkdir()
                subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=target, check=True)
                with tarfile.open(next(target.glob("*.tgz"))) as archive:
                    archive.extractall(target, filter="data")
    return folder


@pytest.fixture
def site(tmp_path: Path, packages: Path, browser: Browser) -> Iterator[Site]:
    made = Site(tmp_path, packages, browser)
    yield made
    made.close()


def test_a_returning_visitor(site: Site, record_property: Callable[[str, object], None]) -> None:
    """The second release is a twentieth of what it is without deltas, and every byte arrives."""
    site.write(1)
    with site.serve():
        first = site.visit(TITLES[1])
    site.check(first)
    assert {got.coding for got in first.values()} == {"br"}
    site.write(2)
    with site.serve():
        second = site.visit(TITLES[2])
    site.check(second)
    changed = [name for name in second if second[name].digest != first[name].digest]
    assert len(changed) >= 10
    assert {second[name].coding for name in changed} == {"dcz"}
    shares = []
    for name in changed:
        whole = len(brotli.compress((site.files / name).read_bytes(), quality=11))
        shares.append(second[name].size / whole)
        record_property(name, f"{second[name].size:,} bytes in place of {whole:,}")
        assert shares[-1] <= 0.5
    assert median(shares) <= 0.05
    assert second["own.js"].size <= 400


def _forget_files(site: Site) -> None:
    for path in (site.folder / "releases").glob("[!.]*.*"):
        path.unlink()


def _spoil_files(site: Site) -> None:
    for path in (site.folder / "releases").glob("[!.]*.*"):
        path.write_bytes(path.read_bytes()[::-1])


def _forget_releases(site: Site) -> None:
    shutil.rmtree(site.folder / "releases")


SPOILS: dict[str, Callable[[Site], None]] = {
    "the earlier files are gone": _forget_files,
    "they have other bytes": _spoil_files,
    "no release is known": _forget_releases,
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_without_the_earlier_bytes(site: Site, spoil: Callable[[Site], None]) -> None:
    """The page loads in brotli: a delta from the wrong bytes would break it."""
    site.write(1)
    with site.serve():
        site.visit(TITLES[1])
    site.write(2)
    spoil(site)
    shutil.rmtree(site.store)
    with site.serve():
        second = site.visit(TITLES[2])
    site.check(second)
    assert {got.coding for got in second.values()} == {"br"}


def test_while_the_place_is_down(site: Site) -> None:
    """No page waits for a bucket that cannot be reached, and nothing of it fails."""
    site.write(1)
    with site.serve():
        site.visit(TITLES[1])
    site.write(2)
    down = {"SERVESTATIC_RELEASES": "s3://nowhere/site", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": "us-east-1"}
    with site.serve(**down, **keys):
        second = site.visit(TITLES[2])
    site.check(second)
    assert {got.coding for got in second.values()} == {"br"}


def test_turned_off(site: Site) -> None:
    for release in (1, 2):
        site.write(release)
        with site.serve(SERVESTATIC_DELTAS="off"):
            loaded = site.visit(TITLES[release])
    site.check(loaded)
    assert {got.coding for got in loaded.values()} == {"br"}
