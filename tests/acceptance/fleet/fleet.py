"""A fleet: workers behind nginx that are replaced one by one, and a crawler that goes on meanwhile."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.acceptance.caches.programs import nginx
from tests.support.files import write
from tests.support.ports import free_port
from tests.support.wire import ROOT, wait_until_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIZE = 4  # workers
FILES = 60
_PATIENCE = 60.0  # seconds
APPLICATION = "tests.acceptance.fleet.application:app"
_LINK = re.compile(r'<a href="([^"]+)" integrity="sha384-([^"]+)">')
_SITE = """
upstream fleet {{ {servers} }}
server {{
    listen 80;
    location / {{
        proxy_pass http://fleet;
        proxy_next_upstream error timeout;
        proxy_connect_timeout 1s;
        add_header X-Worker $upstream_addr always;
    }}
}}
"""


def make_release(folder: Path, number: int) -> Path:
    """Write the files of a release: of 60 a third differ from the one before, and some are in one release alone."""
    files = {
        f"{kind}/file{each}.{kind}": f"/* {each} {number if each % 3 == 0 else 0} */" + f"{each};" * 100
        for each in range(FILES // 3)
        for kind in ("js", "css", "txt")
    }
    files |= {"css/all.css": "".join(f"@import 'file{each}.css';" for each in range(FILES // 3))}
    return write(folder, files | {f"only{number}.js": f"{number}" * 500})


class Failure(NamedTuple):
    """An answer that was not what the page promised."""

    at: float  # seconds after the crawler began
    url: str
    what: str
    worker: str = ""


def report(crawler: Crawler) -> str:
    """Return what a crawler has seen, in a line, and its failures."""
    line = f"{crawler.requests} requests, {len(crawler.failures)} failed, slowest page {crawler.slowest_page:.2f} s"
    return "\n".join((line, *map(str, crawler.failures)))


class Crawler:
    """Loads pages and everything they link, over and over, until it is stopped."""

    def __init__(self, port: int) -> None:
        self.requests = 0
        self.releases: set[str] = set()
        self.failures: list[Failure] = []
        self.answered: dict[str, set[str]] = {}  # the workers that have answered, by URL
        self.slowest_page = 0.0
        self._began = time.monotonic()
        self._port = port
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._crawl, daemon=True) for _ in range(4)]

    @contextlib.contextmanager
    def running(self) -> Iterator[Crawler]:
        """Crawl meanwhile."""
        for thread in self._threads:
            thread.start()
        yield self
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def wait_until_all_are_asked(self) -> None:
        """Wait until every worker has answered every URL."""
        until = time.monotonic() + _PATIENCE
        while not self.answered or any(len(workers) < SIZE for workers in [*self.answered.values()]):
            assert time.monotonic() < until, f"{_PATIENCE} s are not enough: {report(self)}"
            time.sleep(0.1)

    def _crawl(self) -> None:
        while not self._stop.is_set():
            try:
                began = time.monotonic()
                status, page, worker = self._get("/")
                self.slowest_page = max(self.slowest_page, time.monotonic() - began)
                if status != 200:
                    self._fail("/", str(status), worker)
                    continue
                text = page.decode()
                self.releases.add(text.partition("<p>")[2].partition("<")[0])
                for url, digest in _LINK.findall(text):
                    if self._stop.is_set():
                        return
                    status, body, worker = self._get(url)
                    self.answered.setdefault(url, set()).add(worker)
                    if status != 200:
                        self._fail(url, str(status), worker)
                    elif base64.b64encode(hashlib.sha384(body).digest()).decode() != digest:
                        self._fail(url, "other bytes", worker)
            except (OSError, http.client.HTTPException) as error:
                self._fail("", repr(error))

    def _get(self, path: str) -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "identity"})
            response = connection.getresponse()
            return response.status, response.read(), response.headers.get("X-Worker", "")
        finally:
            connection.close()
            with self._lock:
                self.requests += 1

    def _fail(self, url: str, what: str, worker: str = "") -> None:
        self.failures.append(Failure(time.monotonic() - self._began, url, what, worker))


class Fleet:
    """Four workers, each a server of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [free_port() for _ in range(SIZE)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._started = 0

    def start(self, number: int, source: Path, settings: Mapping[str, str]) -> None:
        """Start a worker, in place of the one with its number."""
        self.stop(number)
        self._started += 1
        log = self.folder / f"worker{self._started}.log"
        port = self.ports[number]
        command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--log-level", "warning", APPLICATION]
        environment = {**os.environ, "FLEET_SOURCE": str(source), **settings}
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        self._processes[number] = process
        wait_until_open(process, port, log)

    def stop(self, number: int) -> None:
        """End a worker as servers are ended: it answers what it has begun."""
        if process := self._processes.pop(number, None):
            process.terminate()
            process.wait(20)

    @contextlib.contextmanager
    def behind_nginx(self) -> Iterator[Crawler]:
        """Crawl the fleet through nginx, round robin; workers end with it."""
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in self.ports)
        files = {"/etc/nginx/conf.d/site.conf": _SITE.format(servers=servers)}
        try:
            with nginx(self.folder / "nginx", files, {}) as port, Crawler(port).running() as crawler:
                yield crawler
        finally:
            for number in [*self._processes]:
                self.stop(number)
