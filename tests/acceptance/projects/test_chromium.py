"""The crawled pages in headless Chromium: it finds nothing amiss with any static URL, those of scripts included."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from tests.acceptance.projects.crawl import STATIC
from tests.acceptance.projects.setups import PASSWORD, USER
from tests.acceptance.projects.test_projects import FINGERPRINT, IMMUTABLE, exception

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

    from tests.acceptance.projects.conftest import Site
    from tests.acceptance.projects.crawl import Crawl

MAX_MILLISECONDS = 60_000  # for one page, on a busy machine
LEFT = "net::ERR_ABORTED"  # by the browser, which went on to the next page: what a server breaks off has other names


class Visits:
    """What a browser asked for below STATIC_URL, and what went wrong with it."""

    def __init__(self, page: Page) -> None:
        self.answers: dict[str, Response] = {}
        self.complaints: list[str] = []
        self.cut_short: set[str] = set()
        page.on("response", self._note)
        page.on("requestfailed", self._fail)
        page.on("console", self._listen)

    def _note(self, response: Response) -> None:
        path = unquote(urlsplit(response.url).path)
        if path.startswith(STATIC):
            self.answers[path] = response
            if response.status >= 400:
                self.complaints.append(f"{path}: {response.status}")

    def _fail(self, request: Request) -> None:
        if request.failure != LEFT:
            self._complain(request.url, f"{request.url}: {request.failure}")
        elif STATIC in request.url:
            self.cut_short.add(request.url)

    def _listen(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._complain(said.text, f"console: {said.text}")

    def _complain(self, about: str, complaint: str) -> None:
        if STATIC in about:
            self.complaints.append(complaint)


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Page]:
    if site.server != "uvicorn":
        pytest.skip("one server is enough for a browser")
    with browser.new_context(base_url=site.url) as context, context.new_page() as page:
        page.set_default_timeout(MAX_MILLISECONDS)
        yield page


def test_no_static_url_fails(site: Site, crawled: Crawl, visitor: Page) -> None:
    visits = Visits(visitor)
    for number, page in enumerate(crawled.pages):
        visitor.goto(page.url, wait_until="networkidle")
        if number == 0:  # the login page
            visitor.locator('input[name="username"]').fill(USER)
            visitor.locator('input[name="password"]').fill(PASSWORD)
            with visitor.expect_navigation(url=re.compile(r"^(?!.*/login/)"), wait_until="networkidle"):
                visitor.locator('input[name="password"]').press("Enter")
        else:
            assert visitor.url == page.url  # rather than the login page
    assert visits.complaints == []
    assert {url: answer.status for url in visits.cut_short if not (answer := visitor.request.get(url)).ok} == {}
    assert visits.answers
    assert {
        path: answer.headers.get("cache-control")
        for path, answer in visits.answers.items()
        if exception(site.application, path) is None
        and (not FINGERPRINT.search(path) or answer.headers.get("cache-control") != IMMUTABLE)
    } == {}
