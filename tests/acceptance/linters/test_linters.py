"""httplint reads the answer to every row of the conformance table; REDbot asks questions of its own. Nothing bad."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.http.conformance import APPLICATION, ROWS
from tests.support.judge import request
from tests.support.tree import Site, make_site
from tests.support.wire import SERVERS, Got, running, talk, write_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REDBOT_WITHIN = 120  # seconds
SAID = ("bad", "warning")


class Live(NamedTuple):
    """The site on a port."""

    site: Site
    port: int


class Declined(NamedTuple):
    """A note that is not followed: on which answers, and why."""

    where: str
    reason: str


# note → where the judge may say it
HTTPLINT: dict[str, Declined] = {
    "BAD_BROTLI": Declined("§13.1.5 continues br", "a piece of a coded representation cannot be decoded alone (§14.4)"),
    "BAD_GZIP": Declined("§13.1.5 continues gzip", "a piece of a coded representation cannot be decoded alone (§14.4)"),
    "ENCODING_UNWANTED": Declined(
        "§13.1.5 continues gzip", "a client that names the strong tag of gzip's bytes in If-Range has the first of them"
    ),
    "CONTENT_TYPE_MISMATCH": Declined("§8.3", "httplint's sniffer knows neither AVIF nor JPEG XL nor this MP4"),
}
REDBOT: dict[str, Declined] = {
    "RANGE_CL_FULL": Declined("/static/", "the file is so short that the range which REDbot asks for is all of it"),
}
# The URLs that REDbot checks, and the checks that it must be able to make there.
_PLAIN = {"default", "range", "etag_validate", "lm_validate"}
URLS = {
    "/static/app.css": _PLAIN | {"conneg"},
    "url:app.css": _PLAIN | {"conneg"},
    "url:site.css": _PLAIN - {"lm_validate"} | {"conneg"},
    "/static/large.css": _PLAIN | {"conneg"},
    "/static/large.bin": _PLAIN,
    "/static/thousand.bin": _PLAIN,
    "/static/text.woff2": _PLAIN,
    "/static/data.json": _PLAIN | {"conneg"},
    "/static/document.pdf": _PLAIN,
    "/static/page.html": _PLAIN | {"conneg"},
    "/static/sub/": _PLAIN,
    "/static/%C3%BCn%C3%AF%20c.txt": _PLAIN,
    "/static/tiny.css": _PLAIN,
    "/static/empty.txt": {"default"},
    "/static/sub": {"default"},
    "/static/app.000000000000.css": {"default"},
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    site = make_site(tmp_path_factory.mktemp("judged"), settled=True)
    with running(SERVERS["uvicorn"], site.folder, tmp_path_factory.mktemp("server") / "log") as port:
        yield Live(site, port)


def lint(method: str, target: str, fields: tuple[tuple[str, str], ...], got: Got) -> list[tuple[str, str]]:
    """The notes of httplint that are no praise and no news: their names and what they say."""
    httplint: Any = import_module("httplint")  # in an environment of its own, which mypy does not see
    asked = httplint.HttpRequestLinter()
    asked.process_request_topline(method.encode(), f"http://localhost{target}".encode(), b"1.1")
    asked.process_headers([(name.encode(), value.encode("latin-1")) for name, value in fields])
    asked.finish_content(True)
    answer = httplint.HttpResponseLinter(start_time=time.time(), no_content=method == "HEAD")
    answer.request = asked
    answer.process_response_topline(b"1.1", str(got.status).encode(), b"")
    answer.process_headers([(name.encode(), value.encode("latin-1")) for name, value in got.fields])
    answer.feed_content(got.body)
    answer.finish_content(True)
    return [(type(note).__name__, str(note.summary)) for note in answer.notes if note.level.value in SAID]


def test_httplint(live: Live, tell: Callable[[str], None]) -> None:
    rows = [row for row in ROWS if not row.root and row.status != APPLICATION]
    sent = [request(live.site, row) for row in rows]
    answers = talk(live.port, [write_request(*message[:3]) for message in sent], at_once=False)
    found = [
        (row.id, name, text)
        for row, message, answer in zip(rows, sent, answers, strict=True)
        for name, text in lint(message.method, message.target, message.fields, answer)
    ]
    tell(f"httplint: {len(answers)} answers, bad or warning: {Counter(name for _, name, _ in found)}")
    assert [note for note in found if not _declined(HTTPLINT, note[1], note[0])] == []
    assert {name for _, name, _ in found} == HTTPLINT.keys(), "a note that is no longer made needs no reason"


def _declined(table: dict[str, Declined], note: str, place: str) -> bool:
    return note in table and place.startswith(table[note].where)


def test_redbot(live: Live, tell: Callable[[str], None]) -> None:
    paths = {name: live.site.index.url(name[4:]) if name.startswith("url:") else name for name in URLS}
    # Vary is true of what may still be coded: every file has been tried before its answers are compared.
    talk(
        live.port, [write_request("GET", path, (("Accept-Encoding", "br"),)) for path in paths.values()], at_once=False
    )
    urls = [f"http://127.0.0.1:{live.port}{path}" for path in paths.values()]
    command = [sys.executable, str(Path(__file__).with_name("ask_redbot.py")), *urls]
    said = subprocess.run(command, capture_output=True, text=True, timeout=REDBOT_WITHIN, check=True).stdout
    looked = [json.loads(line) for line in said.splitlines()]
    assert [row[0] for row in looked] == urls
    found, made = [], 0
    for asked, (_, notes, checked) in zip(URLS, looked, strict=True):
        assert set(checked) >= URLS[asked], asked
        made += len(checked)
        found += [(paths[asked], check, name, text) for check, name, level, text in notes if level in SAID]
    tell(f"REDbot: {len(looked)} URLs, {made} checks, bad or warning: {Counter(name for _, _, name, _ in found)}")
    assert [note for note in found if not _declined(REDBOT, note[2], note[0])] == []
    assert {name for _, _, name, _ in found} == REDBOT.keys(), "a note that is no longer made needs no reason"
