"""Clients that ask for everything at random, each over one connection that it keeps, and hand answers to the judge."""

from __future__ import annotations

import hashlib
import http.client
import random
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from servestatic.http.dictionary import write_dictionary
from tests.acceptance.soak.journal import TOUCHED, WRITTEN
from tests.acceptance.soak.judge import Asked, Got
from tests.acceptance.soak.site import VERSIONS, make_source
from tests.support.process_id_apps import WORKER

if TYPE_CHECKING:
    from tests.acceptance.soak.journal import Journal
    from tests.acceptance.soak.judge import Judge
    from tests.acceptance.soak.site import Known

_PATIENCE = 60.0  # seconds for which a client waits for an answer
_ACCEPTED = (
    "identity",
    "gzip",
    "br",
    "zstd",
    "gzip, deflate, br",
    "gzip, deflate, br, zstd",
    "gzip, deflate, br, zstd, dcb, dcz",
)
_CHROME = _ACCEPTED[-1]
_UNKNOWN = ("/js/1.000000000000.js", "/none.0123456789ab.css")
_KINDS = {"GET": 50, "HEAD": 8, "range": 12, "if-range": 4, "revalidate": 16, "delta": 10}
_URLS = {"plain": 45, "own": 25, "other": 28, "unknown": 2}
_SLOW = 0.02  # of all bodies are read slowly
_PIECE = 64 * 1024  # bytes that a slow client reads at a time
_LEAVES = 0.02  # of all connections are closed by the client after an answer


class Chooser:
    """Chooses requests; `tags` are those of the whole bodies so far."""

    def __init__(self, known: Known, seed: str) -> None:
        self.random = random.Random(seed)
        self.tags: dict[str, str] = {}
        self.known = known
        self._urls = {
            "plain": [f"/{name}" for name in known.plain],
            "own": [*known.own],
            "other": [*known.other],
            "unknown": [*_UNKNOWN],
        }

    def choose(self) -> Asked:
        """Choose a URL, and how it is requested."""
        url = self.random.choice(self._urls[self._pick(_URLS)])
        if len(self._states(url)[0]) > 1_000_000 and self.random.random() < 0.8:
            url = self.random.choice(self._urls["plain"])  # large files are rarer
        kind = self._pick(_KINDS)
        fields = {"Accept-Encoding": self.random.choice(_ACCEPTED)} if self.random.random() < 0.9 else {}
        if kind == "HEAD":
            return Asked("HEAD", url, fields)
        if kind == "delta":
            return self._ask_delta(url)
        if kind in ("range", "if-range"):
            fields = {"Range": self._choose_range(len(self.random.choice(self._states(url))))}
            if kind == "if-range" and url in self.tags:
                fields["If-Range"] = self.tags[url]
        elif kind == "revalidate" and url in self.tags:
            fields["If-None-Match"] = self.tags[url]
        return Asked("GET", url, fields)

    def _pick(self, weights: dict[str, int]) -> str:
        return self.random.choices([*weights], [*weights.values()])[0]

    def _states(self, url: str) -> list[bytes]:
        name = self.known.names.get(url)
        return [*self.known.plain[name].values()] if name else [b"none"]

    def _choose_range(self, length: int) -> str:
        start = self.random.randrange(length)
        return f"bytes={start}-{self.random.randrange(start, length)}"

    def _ask_delta(self, url: str) -> Asked:
        """Ask as a client that has a version of the file, or bytes that no release has."""
        name = self.known.names.get(url)
        dictionary = make_source(name, self.random.randrange(VERSIONS)) if name else b"unknown"
        digest = hashlib.sha256(dictionary).digest()
        return Asked(
            "GET", url, {"Accept-Encoding": _CHROME, "Available-Dictionary": write_dictionary(digest)}, dictionary
        )


class Client(threading.Thread):
    """Sends one request after the other, until `stop` is set."""

    def __init__(self, port: int, chooser: Chooser, judge: Judge, journal: Journal, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.cuts: Counter[str] = Counter()
        self.requests = 0
        self.workers: dict[int, float] = {}  # when each answered last
        self._port, self._chooser, self._judge, self._journal, self._stop_event = port, chooser, judge, journal, stop
        self._connection: http.client.HTTPConnection | None = None
        self._opened = 0.0
        self._worker: int | None = None  # the one that the connection leads to, once it has answered

    def run(self) -> None:
        """Ask; whatever goes wrong is a failure, and the next request goes over a new connection."""
        while not self._stop_event.is_set():
            asked = self._chooser.choose()
            start = time.monotonic()
            try:
                self._exchange(asked, start)
            except (OSError, http.client.HTTPException) as error:
                self._explain(asked, error, start, time.monotonic())
                self._close()
            except Exception as error:  # noqa: BLE001 - of a thread: shown by the test
                self._judge.fail(f"{error!r}: {asked}")
                self._close()
        self._close()

    def _exchange(self, asked: Asked, start: float) -> None:
        if self._connection is None:
            self._opened, self._worker = start, None
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        self.requests += 1
        self._connection.request(asked.method, asked.url, headers=dict(asked.fields))
        response = self._connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        self._worker = int(fields.get(WORKER, 0))
        body = self._read(response)
        stop = time.monotonic()
        self.workers[self._worker] = stop
        if asked.method == "GET" and response.status == 200:  # the judge knows no body by the tag of another answer
            self._chooser.tags[asked.url] = fields.get("etag", "")
        self._judge.judge(asked, Got(response.status, fields, body, start, stop), self._worker)
        if response.will_close or self._chooser.random.random() < _LEAVES:
            self._close()

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        if self._chooser.random.random() >= _SLOW:
            return response.read()
        expected, body = response.length, b""
        while data := response.read(_PIECE):
            body += data
            time.sleep(0.05)
        if expected is not None and len(body) < expected:
            raise http.client.IncompleteRead(body, expected - len(body))
        return body

    def _explain(self, asked: Asked, error: Exception, start: float, stop: float) -> None:
        """Count an answer that was cut for a documented reason; any other is a failure."""
        if self._journal.excuses(self._worker, self._opened, stop):
            self.cuts["worker killed"] += 1
        elif isinstance(error, http.client.IncompleteRead) and self._was_changed(asked.url, start, stop):
            self.cuts["file written meanwhile"] += 1
        else:
            self._judge.fail(f"{error!r}: {asked}, connection of worker {self._worker}, {stop - start:.2f} s")

    def _was_changed(self, url: str, start: float, stop: float) -> bool:
        """Return whether a file was written in place, or touched, which breaks off what is being sent of it."""
        name = self._chooser.known.names.get(url)
        return name is not None and self._journal.happened((WRITTEN, TOUCHED), name, start, stop)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def ask_all(port: int, urls: list[str], connections: int) -> list[tuple[int, str, int, bytes]]:
    """Request URLs on several connections at once; return worker, URL, status and body of each answer."""
    clients = [http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE) for _ in range(connections)]
    answers = []
    try:
        for url in urls:
            for client in clients:
                client.request("GET", url, headers={"Accept-Encoding": "identity"})
            for client in clients:
                response = client.getresponse()
                worker = int(response.headers[WORKER])
                answers.append((worker, url, response.status, response.read()))
    except TimeoutError as error:
        raise AssertionError(f"no answer within {_PATIENCE} s") from error
    finally:
        for client in clients:
            client.close()
    return answers
