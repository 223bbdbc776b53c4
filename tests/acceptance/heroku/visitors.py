"""Visitors: what a browser fetches of the example's pages, over as many connections as a browser has."""

from __future__ import annotations

import contextlib
import http.client
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

CONNECTIONS = 8
BROWSER = "gzip, deflate, br, zstd"
HOST = "compass.example"
USER, PASSWORD = "navigator", "of the seven seas"
PAGES = (
    "/",
    "/api/",
    "/admin/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/auth/user/1/change/",
    "/admin/auth/group/add/",
    "/admin/password_change/",
)
# References of pages, stylesheets and scripts.
_REFERENCES = {
    "text/html": re.compile(r'(?:src|href)="([^"]+)"'),
    "text/css": re.compile(r"""url\(["']?([^"')]+)["']?\)"""),
    "text/javascript": re.compile(r"""^(?:import|export) [^"']*["'](\.[^"']+)["'];?$""", re.MULTILINE),
}
_ANSWERS_WITHIN = 30.0  # seconds: Heroku's H12


class Answer(NamedTuple):
    """An answer; the names of its fields are lower-case."""

    status: int
    fields: dict[str, str]
    body: bytes
    cookies: dict[str, str]


class Connection:
    """A connection that is made when it is needed, and again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN)
        self._fresh = True

    def ask(self, path: str, accept: str = BROWSER, *, method: str = "GET", body: str = "", **fields: str) -> Answer:
        """Ask as Heroku's router passes it on."""
        given = {"Host": HOST, "X-Forwarded-Proto": "https", "Accept-Encoding": accept}
        given |= {name.replace("_", "-"): value for name, value in fields.items()}
        if body:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body or None, given)
            answer = self._connection.getresponse()
        except (ConnectionError, http.client.BadStatusLine):
            self._connection.close()
            if self._fresh:
                raise
            self._fresh = True
            return self.ask(path, accept, method=method, body=body, **fields)
        self._fresh = False
        told = answer.getheaders()
        cookies = dict(value.partition(";")[0].split("=", 1) for name, value in told if name.lower() == "set-cookie")
        return Answer(answer.status, {name.lower(): value for name, value in told}, answer.read(), cookies)

    def close(self) -> None:
        self._connection.close()


def ask(port: int, path: str, accept: str = BROWSER, **fields: str) -> Answer:
    """Ask over a connection of its own."""
    with contextlib.closing(Connection(port)) as connection:
        return connection.ask(path, accept, **fields)


def log_in(port: int) -> dict[str, str]:
    """Log into the admin through its form; return the cookies."""
    with contextlib.closing(Connection(port)) as connection:
        page = connection.ask("/admin/login/", "")
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.body.decode())[0]
        form = urlencode({"csrfmiddlewaretoken": token, "username": USER, "password": PASSWORD})
        sent = {"Cookie": write_cookies(page.cookies), "Referer": f"https://{HOST}/admin/login/"}
        answer = connection.ask("/admin/login/?next=/admin/", "", method="POST", body=form, **sent)
        assert answer.status == 302, answer
        return page.cookies | answer.cookies


def write_cookies(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def find_urls(port: int) -> list[str]:
    """Return every static URL of the pages, and of what they refer to in turn."""
    cookies = write_cookies(log_in(port))
    with contextlib.closing(Connection(port)) as connection:
        seen: dict[str, None] = dict.fromkeys(PAGES)
        for path in seen.copy():
            _follow(connection.ask(path, "", Cookie=cookies), path, seen)
        for path in (waiting := [path for path in seen if path not in PAGES]):
            found: dict[str, None] = {}
            _follow(connection.ask(path, ""), path, found)
            waiting += [url for url in found if url not in seen]
            seen |= found
    return [path for path in seen if path not in PAGES]


def _follow(answer: Answer, base: str, seen: dict[str, None]) -> None:
    assert answer.status == 200, (base, answer)
    references = _REFERENCES.get(answer.fields["content-type"].partition(";")[0])
    for reference in references.findall(answer.body.decode()) if references else ():
        path = urlsplit(urljoin(base, reference)).path
        if path.startswith("/static/"):
            seen[path] = None


def fetch(port: int, urls: Iterable[str], accept: str = BROWSER) -> dict[str, Answer]:
    """Fetch URLs over several connections at once."""
    shares = [[*urls][number::CONNECTIONS] for number in range(CONNECTIONS)]

    def fetch_share(share: list[str]) -> dict[str, Answer]:
        with contextlib.closing(Connection(port)) as connection:
            return {url: connection.ask(url, accept) for url in share}

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return {url: answer for answers in pool.map(fetch_share, shares) for url, answer in answers.items()}
