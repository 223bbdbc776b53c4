"""Projects under real servers."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

from tests.acceptance.browser.conftest import browser
from tests.acceptance.projects.crawl import Crawl, crawl
from tests.acceptance.projects.setups import NAME, SETUPS, Project, set_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["browser"]  # one fixture for all modules: a process drives one browser
READY_WITHIN = 120  # seconds from the start of a server to its first answer
SERVERS = {
    "gunicorn": ("gunicorn", "--workers", "1", "--bind", "fd://{fd}", f"{NAME}.wsgi:application"),
    "uvicorn": ("uvicorn", "--fd", "{fd}", f"{NAME}.asgi:application"),
}
ROWS = pytest.StashKey[list[tuple[str, ...]]]()
HEADINGS = ("application", "server", "pages", "static URLs", "compressed", "rewritten", "exceptions")


class Site(NamedTuple):
    """A project under a server."""

    application: str
    server: str
    project: Project
    url: str
    log: Path


def pytest_configure(config: pytest.Config) -> None:
    """Have a place for the table."""
    config.stash[ROWS] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was crawled."""
    if rows := config.stash[ROWS]:
        terminalreporter.section("real projects")
        for row in (HEADINGS, *rows):
            terminalreporter.write_line(f"{row[0]:24}" + "".join(f"{cell:>13}" for cell in row[1:]))


@pytest.fixture(scope="session", params=SETUPS)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Project]:
    """A project with its database."""
    return request.param, set_up(SETUPS[request.param], tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session", params=SERVERS)
def site(request: pytest.FixtureRequest, project: tuple[str, Project]) -> Iterator[Site]:
    """A project under one worker of a server, on a free loopback port."""
    application, made = project
    log = made.place / f"{request.param}.log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        module, *options = SERVERS[request.param]
        server = subprocess.Popen(
            [sys.executable, "-m", module, *(option.format(fd=listener.fileno()) for option in options)],
            cwd=made.place,
            env=made.environment,
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with server:
        try:
            wait_for(url, server, log)
            yield Site(application, request.param, made, url, log)
        finally:
            server.terminate()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the site answers: the socket listens already, so a request waits for the server."""
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            httpx.get(f"{url}/robots.txt", timeout=READY_WITHIN)
        except httpx.TransportError:
            continue
        return
    pytest.fail(f"{url} does not answer. The server said:\n{log.read_text()}", pytrace=False)


@pytest.fixture(scope="session")
def client(site: Site) -> Iterator[httpx.Client]:
    """A visitor, who will have logged in after the crawl."""
    takes = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip, deflate, br"}
    with httpx.Client(base_url=site.url, headers=takes, follow_redirects=True, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def crawled(site: Site, client: httpx.Client) -> Crawl:
    """What a visitor sees."""
    return crawl(client, site.project.setup)
