"""Applications of other authors, without collectstatic: every static URL is served as well as possible."""

from __future__ import annotations

import re
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

import brotli
import pytest

from tests.acceptance.projects.conftest import ROWS, Site
from tests.acceptance.projects.crawl import STATIC

if TYPE_CHECKING:
    import httpx

    from tests.acceptance.projects.crawl import Crawl

FINGERPRINT = re.compile(r"\.[0-9a-f]{12}(?=\.[\w-]+\Z|\Z)")
IN_TEXT = re.compile(rb"\.[0-9a-f]{12}(?=\.\w+)")
COMPRESSIBLE = re.compile(r"text/|application/(javascript|json|xml|wasm|manifest\+json)|image/svg\+xml|font/[ot]tf")
IMMUTABLE = "max-age=31536000, immutable"
SMALL = 300  # bytes below which a coding need not pay
CODED_WITHIN = 30  # seconds, for the longest file on a busy machine
# Static URLs that the application makes by itself, or whose file it does not have, and why.
EXCEPTIONS = {
    ("Jazzmin", "/static/vendor/bootswatch"): "a directory: a script puts the name of a theme behind it",
}


class File(NamedTuple):
    """A static file as it was served."""

    path: str
    name: str
    identity: httpx.Response
    coded: httpx.Response


def exception(application: str, path: str) -> str | None:
    """Return why a path is an exception, if it is one."""
    return next(
        (why for (whose, pattern), why in EXCEPTIONS.items() if whose == application and fnmatchcase(path, pattern)),
        None,
    )


@pytest.fixture(scope="session")
def files(site: Site, crawled: Crawl, client: httpx.Client) -> list[File]:
    """Every static file that was named, but the exceptions."""
    found = []
    for path in crawled.static:
        if exception(site.application, path) is None:
            identity = client.get(path, headers={"Accept-Encoding": "identity"})
            name = FINGERPRINT.sub("", path.removeprefix(STATIC))
            found.append(File(path, name, identity, get_coded(client, path) if pays(identity) else client.get(path)))
    return found


def get_coded(client: httpx.Client, path: str) -> httpx.Response:
    """Ask for a file until it comes in a coding: while a thread makes it, the answer is identity."""
    deadline = time.monotonic() + CODED_WITHIN
    while "Content-Encoding" not in (answer := client.get(path)).headers and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer


@pytest.fixture(scope="session")
def originals(site: Site, files: list[File]) -> dict[str, bytes]:
    """The bytes of the file that findstatic names first, by logical path."""
    names = sorted({file.name for file in files})
    said = site.project.manage("findstatic", "--first", *names)
    found = re.findall(r"^Found '(.+)' here:\n  (.+)$", said, re.MULTILINE)
    return {name: (site.project.place / path).read_bytes() for name, path in found}


def test_ten_pages(site: Site, crawled: Crawl) -> None:
    assert len(crawled.pages) == 10
    assert all(page.static for page in crawled.pages)
    assert len(crawled.static) > 10


def test_every_url_is_served_for_good(crawled: Crawl, files: list[File]) -> None:
    assert {
        file.path: (file.identity.status_code, file.identity.headers.get("Cache-Control"), crawled.static[file.path])
        for file in files
        if (file.identity.status_code, file.identity.headers.get("Cache-Control")) != (200, IMMUTABLE)
        or not FINGERPRINT.search(file.path)
        or file.identity.history
    } == {}


def test_wagtail_adds_no_version(site: Site, crawled: Crawl) -> None:
    """It adds `?v=` to URLs that have no fingerprint, judged by the class of the storage."""
    versioned = {url for page in crawled.pages for url in page.static if "?v=" in url}
    assert site.application != "Wagtail" or versioned == set()


def test_what_can_be_compressed_is(files: list[File]) -> None:
    expected = [file for file in files if pays(file.identity)]
    assert expected
    assert {file.path for file in expected if file.coded.headers.get("Content-Encoding") != "br"} == set()
    assert {file.path for file in files if file.coded.content != file.identity.content} == set()
    assert {
        file.path for file in expected if int(file.coded.headers["Content-Length"]) >= len(file.identity.content)
    } == set()


def pays(answer: httpx.Response) -> bool:
    """Return whether a coding makes an answer smaller by a twentieth: what the documentation promises to code."""
    body = answer.content
    if len(body) <= SMALL or not COMPRESSIBLE.match(answer.headers["Content-Type"]):
        return False
    return len(brotli.compress(body, quality=5)) < 0.95 * len(body)


def test_every_file_is_the_one_that_findstatic_names(
    site: Site, crawled: Crawl, files: list[File], originals: dict[str, bytes], request: pytest.FixtureRequest
) -> None:
    assert {file.name for file in files} - originals.keys() == set()
    rewritten = [file for file in files if file.identity.content != originals[file.name]]
    assert {file.path for file in rewritten if not file.name.endswith((".css", ".js"))} == set()
    assert {file.path for file in rewritten if IN_TEXT.sub(b"", file.identity.content) != originals[file.name]} == set()
    coded = sum(file.coded.headers.get("Content-Encoding") == "br" for file in files)
    counts = (len(crawled.pages), len(crawled.static), coded, len(rewritten), len(crawled.static) - len(files))
    request.config.stash[ROWS].append((site.application, site.server, *map(str, counts)))


def test_exceptions_are_still_some(site: Site, crawled: Crawl) -> None:
    patterns = {pattern for whose, pattern in EXCEPTIONS if whose == site.application}
    assert {pattern for pattern in patterns if not any(fnmatchcase(path, pattern) for path in crawled.static)} == set()


def test_the_server_complains_of_nothing(site: Site, files: list[File]) -> None:
    lines = re.findall(r"^.*(?:Traceback|Error|no source has).*$", site.log.read_text(), re.MULTILINE)
    names = [pattern.removeprefix(STATIC) for whose, pattern in EXCEPTIONS if whose == site.application]
    assert [line for line in lines if not any(f"no source has a file {name!r}" in line for name in names)] == []
