"""`servestatic serve` on what MkDocs makes, as it makes it: every link answers, every asset is cached for good."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
NAVIGATES = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip, br"}
ENDS_WITHIN = 30.0  # seconds
FINGERPRINT = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+\Z")
# What is compressed already.
OPAQUE = ("image/png", "image/webp", "image/vnd.microsoft.icon", "font/woff", "font/woff2", "application/gzip")
# What a page shows or runs, and where it leads.
SHOWS = {"link": ("href",), "script": ("src",), "img": ("src",), "source": ("src",)}
RELS = {"stylesheet", "icon", "shortcut icon", "apple-touch-icon", "manifest", "preload"}


class Site(NamedTuple):
    """A site that is served: how it is called, where it is, and how it is built."""

    name: str
    url: str
    directory_urls: bool


class Page(HTMLParser):
    """The references of a page: `shown` are assets, `links` lead elsewhere."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url, self.shown, self.links = url, set[str](), set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attributes if value}
        asset = tag in SHOWS and (tag != "link" or given.get("rel", "").lower() in RELS)
        for name in SHOWS.get(tag, ("href",) if tag == "a" else ()):
            if name in given:
                (self.shown if asset else self.links).add(urldefrag(urljoin(self.url, given[name]))[0])


@pytest.fixture(
    scope="module",
    params=[("mkdocs", True), ("mkdocs", False), ("readthedocs", True), ("material", True), ("material", False)],
    ids=lambda case: f"{case[0]}{'' if case[1] else ', .html'}",
)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    theme, directory_urls = request.param
    place = tmp_path_factory.mktemp("site")
    config = {
        "site_name": "Lighthouses",
        "site_url": "https://lights.example/",
        "docs_dir": str(HERE / "docs"),
        "theme": theme,
        "use_directory_urls": directory_urls,
        "extra_css": ["css/extra.css"],
    }
    (place / "mkdocs.yml").write_text(json.dumps(config))  # JSON is YAML
    build = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(place / "mkdocs.yml"), "-d", str(place / "out")]
    subprocess.run(build, check=True, timeout=120, cwd=place)
    line = [sys.executable, "-m", "servestatic", "serve", "out", "--port", "0", "--json", "--store", "none"]
    with subprocess.Popen(line, cwd=place, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            document = ""
            while not document.endswith("}\n"):
                document += server.stdout.readline()
            yield Site(f"{theme}{'' if directory_urls else ', .html'}", json.loads(document)["urls"][0], directory_urls)
        finally:
            server.terminate()
            server.communicate(timeout=ENDS_WITHIN)


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, headers=NAVIGATES, follow_redirects=True) as client:
        yield client


@pytest.fixture(scope="module")
def pages(site: Site, client: httpx.Client) -> dict[str, Page]:
    """All pages that links lead to from the first one, by URL; every link is asked for."""
    todo, found = [site.url], dict[str, Page]()
    asked = {site.url}
    while todo:
        url = todo.pop()
        answer = client.get(url)
        assert answer.status_code == 200, url
        if answer.headers["Content-Type"].startswith("text/html"):
            found[url] = Page(str(answer.url), answer.text)
            for link in found[url].links:
                own = link.replace("https://lights.example/", site.url)
                if own.startswith(site.url) and own not in asked:
                    asked.add(own)
                    todo.append(own)
    return found


def assets(site: Site, pages: dict[str, Page]) -> set[str]:
    return {url for page in pages.values() for url in page.shown if url.startswith(site.url)}


def test_the_whole_site_is_found(site: Site, pages: dict[str, Page]) -> None:
    paths = {urlsplit(url).path for url in pages}
    expected = {"/guide/waves/", "/guide/tower/"} if site.directory_urls else {"/guide/waves.html", "/guide/tower.html"}
    assert expected <= paths


def test_pages_link_to_fingerprinted_assets(site: Site, pages: dict[str, Page], client: httpx.Client) -> None:
    found = assets(site, pages)
    assert len(found) > 4
    for url in found:
        assert FINGERPRINT.search(url), url
        answer = client.get(url)
        assert (answer.status_code, answer.history) == (200, []), url
        assert answer.headers["Cache-Control"] == "max-age=31536000, immutable", url
        assert (
            answer.headers["Content-Type"] in OPAQUE
            or len(answer.content) < 200
            or (answer.headers["Content-Encoding"] == "br")
        ), url
        again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304, url


def test_stylesheets_name_fingerprinted_files(
    site: Site, pages: dict[str, Page], client: httpx.Client, tell: Callable[[str], None]
) -> None:
    named = 0
    for url in assets(site, pages):
        if url.endswith(".css"):
            for reference in re.findall(r"url\(\s*[\"']?([^\"')#?]+)", client.get(url).text):
                if ":" not in reference:
                    named += 1
                    assert FINGERPRINT.search(reference), f"{url}: {reference}"
                    assert client.get(urljoin(url, reference)).status_code == 200, f"{url}: {reference}"
    assert named
    links = {url for page in pages.values() for url in page.links if url.startswith(site.url)}
    tell(
        f"{site.name}: {len(pages)} pages, {len(links)} links, {len(assets(site, pages))} assets, "
        f"{named} references of style sheets"
    )


def test_pages_are_revalidated(pages: dict[str, Page], client: httpx.Client) -> None:
    for url in pages:
        answer = client.get(url)
        assert (answer.headers["Cache-Control"], answer.headers["Content-Encoding"]) == ("no-cache", "br")
        assert client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["nowhere", "nowhere/deep/down/", "guide/nowhere.html"])
def test_the_404_page(site: Site, client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    page = Page(str(answer.url), answer.text)
    own = [url for url in page.shown if url.startswith(site.url)]
    assert own
    for url in own:
        assert FINGERPRINT.search(url), url
        assert client.get(url).status_code == 200, url


def test_a_missing_script_is_no_page(client: httpx.Client) -> None:
    answer = client.get("assets/missing.js", headers={"Accept": "*/*"})
    assert (answer.status_code, answer.text) == (404, "Not found.\n")


def test_clean_urls(site: Site, client: httpx.Client) -> None:
    answer = client.get("guide/waves?a=1", follow_redirects=False)
    if site.directory_urls:
        assert (answer.status_code, answer.headers["Location"]) == (308, "./waves/?a=1")
    else:
        assert answer.status_code == 200
        slash = client.get("guide/waves/?a=1", follow_redirects=False)
        assert (slash.status_code, slash.headers["Location"]) == (308, "../waves?a=1")


def test_what_the_search_needs(client: httpx.Client) -> None:
    """Scripts ask for it by its plain name."""
    answer = client.get("search/search_index.json")
    assert answer.headers["Content-Encoding"] == "br"
    assert {"Waves", "Tower", "Lamp"} <= {document["title"] for document in answer.json()["docs"]}
