"""The example's pages in a browser: whole, styled, every static file fingerprinted and compressed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page, Response, StorageState

FINGERPRINTED = re.compile(r"\.[0-9a-f]{12}(\.[^./]+)?$")
COMPRESSIBLE = re.compile(r"text/|application/(javascript|json)|image/svg\+xml")

# page → an element, a property of it, and the value that it has only when the page's own styles apply
PAGES = {
    "/": (".horizon .lamp", "border-radius", "50%"),
    "/served/": (".served table", "border-collapse", "collapse"),
    "/admin/": ("body", "font-family", "Inter"),
    "/admin/lights/lighthouse/": ("#result_list", "border-spacing", "0px"),
    "/admin/lights/lighthouse/1/change/": (".tox-tinymce", "display", "flex"),
    "/admin/auth/user/1/change/": (".selector", "display", "flex"),
    "/api/lighthouses/": (".navbar", "border-top-color", "rgb(163, 0, 0)"),
    "/api/docs/": (".opblock-get .opblock-summary-method", "background-color", "rgb(97, 175, 254)"),
}


class Visit:
    """One page, opened: what it asked for, and all that went wrong with it."""

    def __init__(self, page: Page, path: str) -> None:
        self.responses: list[Response] = []
        self.complaints: list[str] = []
        page.on("response", lambda response: self.responses.append(response))
        page.on("requestfailed", lambda request: self.complaints.append(f"{request.url}: {request.failure}"))
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on(
            "console",
            lambda said: self.complaints.append(f"console: {said.text}") if said.type == "error" else None,
        )
        page.goto(path, wait_until="networkidle")
        self.complaints += [f"{r.url}: {r.status}" for r in self.responses if r.status >= 400]

    def static(self) -> list[Response]:
        """The answers under /static/."""
        return [response for response in self.responses if path_of(response).startswith("/static/")]


def path_of(response: Response) -> str:
    return urlsplit(response.url).path


def problem(response: Response) -> str | None:
    """What is wrong with the answer to a request for a static file."""
    fields = response.all_headers()
    if not FINGERPRINTED.search(path_of(response)):
        return "no fingerprint"
    if "immutable" not in fields.get("cache-control", ""):
        return f"Cache-Control: {fields.get('cache-control')}"
    if COMPRESSIBLE.match(fields["content-type"]) and fields.get("content-encoding") != "br":
        return f"{fields['content-type']} in Content-Encoding: {fields.get('content-encoding')}"
    return None


@pytest.fixture
def context(browser: Browser, site: str, logged_in: StorageState) -> BrowserContext:
    """A logged-in browser with an empty cache."""
    return browser.new_context(base_url=site, storage_state=logged_in)


@pytest.mark.parametrize("path", PAGES)
def test_page(context: BrowserContext, site: str, path: str, tmp_path: Path) -> None:
    with context, context.new_page() as page:
        visit = Visit(page, path)
        selector, name, value = PAGES[path]
        element = page.locator(selector).first
        element.wait_for()
        style = element.evaluate("(element, name) => getComputedStyle(element)[name]", name)
        page.screenshot(path=tmp_path / "page.png")

        assert visit.complaints == []
        assert style.startswith(value)
        assert [r.url for r in visit.responses if not r.url.startswith((site, "data:", "blob:"))] == []
        assert visit.static()
        assert {path_of(r): found for r in visit.static() if (found := problem(r))} == {}


def test_a_file_is_transferred_once(context: BrowserContext) -> None:
    transferred = "performance.getEntriesByType('resource').filter(e => e.transferSize).map(e => e.name)"
    with context, context.new_page() as page:
        Visit(page, "/admin/")
        first = set(page.evaluate(transferred))
        Visit(page, "/admin/lights/lighthouse/")
        assert first
        assert first & set(page.evaluate(transferred)) == set()
