"""A visitor who logs in, opens ten pages, and notes every static URL that they, their styles and scripts name."""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from tests.acceptance.projects.setups import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from tests.acceptance.projects.setups import Setup

MAX_PAGES = 10
STATIC = "/static/"
# Anything that begins with STATIC_URL, wherever a page has it: attributes, srcset, inline styles and scripts, JSON.
WRITTEN = re.compile(r"""(?<![\w.:/-])/static/[^\s"'<>()\\,;&]*""")
IN_CSS = re.compile(
    r"""/\*(?!\#).*?\*/|url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s]+))\s*\)|@import\s+["']([^"']+)""", re.DOTALL
)
SOURCE_MAP = re.compile(r"^\s*(?://|/\*)[#@] sourceMappingURL=([^\s*]+)", re.MULTILINE)
LEAVE_ALONE = re.compile(r"logout|/password_change/|jsi18n|\.(json|ya?ml|xml)$|format=")


class Page(NamedTuple):
    """A page: its URL, and what it names."""

    url: str
    static: frozenset[str]
    links: tuple[str, ...]


class Crawl(NamedTuple):
    """What a visitor saw: pages, and the paths of static files with the place that named them first."""

    pages: tuple[Page, ...]
    static: dict[str, str]


class _Parser(HTMLParser):
    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url, self.static, self.links = url, set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if tag == "a" and name == "href":
                self.links.append(urldefrag(urljoin(self.url, value))[0])
            elif name in ("src", "href") and STATIC in (value or ""):
                self.static.add(urljoin(self.url, value))
            else:
                self._note(value or "")

    def handle_data(self, data: str) -> None:
        self._note(data)  # inline styles and scripts, too

    def _note(self, text: str) -> None:
        self.static.update(urljoin(self.url, url) for url in WRITTEN.findall(unescape(text)))


def log_in(client: httpx.Client, setup: Setup) -> None:
    """Log in through the form, as people do."""
    form = client.get(setup.login).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token, form
    fields = {"username": USER, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    client.post(setup.login, data=fields, headers={"Referer": str(client.base_url)})
    assert "sessionid" in client.cookies


def crawl(client: httpx.Client, setup: Setup) -> Crawl:
    """Open up to ten pages, then all that they name."""
    pages = {setup.login: _page(client, setup.login)}
    log_in(client, setup)
    pages |= {urlsplit(path).path: _page(client, path) for path in setup.pages}
    todo = deque(link for page in pages.values() for link in page.links)
    while todo and len(pages) < MAX_PAGES:
        url = todo.popleft()
        path = urlsplit(url).path
        if url.startswith(str(client.base_url)) and path not in pages and not LEAVE_ALONE.search(url):
            answer = client.get(url)
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                pages[path] = _parse(answer)
                todo += pages[path].links
    return Crawl(tuple(pages.values()), _static(client, pages.values()))


def _page(client: httpx.Client, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return _parse(answer)


def _parse(answer: httpx.Response) -> Page:
    parser = _Parser(str(answer.url), answer.text)
    return Page(str(answer.url), frozenset(parser.static), tuple(parser.links))


def _static(client: httpx.Client, pages: Iterable[Page]) -> dict[str, str]:
    """Return every static path that pages name, and that their stylesheets and scripts name; by whom it was named."""
    found = {_path(url): urlsplit(page.url).path for page in pages for url in sorted(page.static)}
    for path in list(found):
        if path.endswith((".css", ".js")):
            text = client.get(path).text
            for reference in references(path, text):
                found.setdefault(_path(urljoin(path, reference)), path)
    return {path: by for path, by in found.items() if path.startswith(STATIC)}


def references(path: str, text: str) -> Iterator[str]:
    """Yield what a stylesheet or a script names."""
    if path.endswith(".css"):
        for found in IN_CSS.findall(text):
            yield from (name for name in found if name and not name.startswith(("data:", "#")))
    yield from SOURCE_MAP.findall(text)


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)
