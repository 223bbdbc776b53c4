"""The conformance table over real sockets: framing as the client sees it.

A representative part is pipelined on one connection, then every row runs on one that is kept alive. The site is
collected twice, here and in the server's process: equal entity tags are part of what is tested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.http.conformance import ROWS
from tests.support.tree import Site, make_site
from tests.support.wire import SERVERS, Got, running, talk, write_request
from tests.support.wire_rows import Deviation, ask, found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IDS = (
    "§9.3.1 GET",
    "§14.1.2 first byte",
    "§14.1.2 last byte, as suffix",
    "§14.1.2 suffix of zero",
    "§14.1.2 last before first",
    "§14.2 two ranges",
    "§5.3 two field lines",
    "§14.1.2 empty file, open",
    "§14.2 HEAD ignores Range",
    "§14.4 a large file, first byte",
    "§14.4 a large file, across reads",
    "§14.4 a large file, but for the last byte",
    "§14.4 a large file, all",
    "§14.4 a large file, beyond the end",
    "§14.2 identity for a browser",
    "§13.1.5 continues br of a large file",
    "§13.1.5 strong tag",
    "§13.1.5 another tag",
    "§13.1.2 the tag",
    "§13.1.2 HEAD",
    "§13.1.2 large file",
    "§13.1.2 tag of br, as a browser asks",
    "§13.1.3 zero is no date",
    "§13.1.1 another tag",
    "§13.1.1 HEAD and another tag",
    "§12.5.3 absent",
    "§12.5.3 browser: gzip, deflate, br",
    "§12.5.3 large file",
    "§12.5.3 large file, large in br, too",
    "§12.5.3 large file, gzip",
    "§12.5.3 HEAD",
    "§12.5.3 rewritten bytes",
    "§5.3 two field lines, one refuses",
    "§8.6 Content-Length of nothing",
    "§8.6 Content-Length of a large file",
    "§9.3.2 HEAD",
    "§9.3.2 HEAD of a large file",
    "§9.3.2 HEAD of an empty file",
    "§15.5.6 DELETE on large.css",
    "§15.5.6 PUT on thousand.bin",
    "§9.3.7 OPTIONS",
    "Fetch §3.3.2 preflight with request headers",
    "§15.5.5 unknown release",
    "§15.5.5 unknown release, HEAD",
    "§15.4.9 query kept",
    "§4.2.3 %C3%BCn%C3%AF%20c.txt",
    "§4.2.3 A%CC%8Angstro%CC%88m.txt",
    "§4.2.3 a%2520b.txt",
    "§4.2.3 a%3Fb.txt",
    "§4.2.3 back%5Cslash.txt",
    "§4.2.3 sub%2Fdeep%2ffile.txt",
    "no file: /static/%2e%2e%2foutside.txt",
    "no file: /static/../outside.txt",
    "no file: /static/app.css%00",
    "no file: /static/%FF%FE",
    "no file: /static//app.css",
    "no file: //static/app.css",
)
CHOSEN = {row.id: row for row in ROWS if row.id in IDS}


_CAPITALS = Deviation(200, "hypercorn writes every method in capitals (RFC 9110 §9.1: methods are case-sensitive)")
_METHOD = Deviation(400, "gunicorn takes methods in capitals alone (--casefold-http-method and its like change that)")
_FIELD = Deviation(431, "gunicorn takes field lines of up to 8,190 bytes (--limit-request-field_size)")
_LINE = Deviation(414, "gunicorn takes request lines of up to 4,094 bytes (--limit-request-line)")
_GUNICORN = {
    "§9.1 methods are case-sensitive": _METHOD,
    **{row.id: _FIELD for row in ROWS if any(len(value) > 8190 for _, value in row.fields)},
    **{row.id: _LINE for row in ROWS if len(row.target) > 4000},
}
DEVIATIONS = {
    "hypercorn": {"§9.1 methods are case-sensitive": _CAPITALS},
    "gunicorn sync": _GUNICORN,
    "gunicorn gthread": _GUNICORN,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("wire"), settled=True)


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    name: str = request.param
    log = tmp_path_factory.mktemp("server") / "log"
    with running(SERVERS[name], site.folder, log) as port:
        requests = [write_request(*ask(site, row)) for row in CHOSEN.values()]
        answers = talk(port, requests, at_once=SERVERS[name].pipelines)
        yield Running(name, port, dict(zip(CHOSEN, answers, strict=True)))
    assert "Traceback" not in log.read_text()


class Running(NamedTuple):
    """A server, and what it answered to each row on one connection."""

    name: str
    port: int
    answers: dict[str, Got]


def test_every_row_was_found() -> None:
    assert CHOSEN.keys() == set(IDS)


@pytest.mark.parametrize("number", IDS, ids=lambda number: number.replace("§", ""))
def test_pipelined_row(server: Running, site: Site, number: str) -> None:
    assert found(site, CHOSEN[number], server.answers[number]) == []


def test_every_row(server: Running, site: Site) -> None:
    """One after the other on one connection; what a server breaks is in `DEVIATIONS`, and is asserted."""
    rows = [row for row in ROWS if not row.root]
    answers = talk(server.port, [write_request(*ask(site, row)) for row in rows], at_once=False)
    deviations = DEVIATIONS.get(server.name, {})
    for row, got in zip(rows, answers, strict=True):
        if row.id in deviations:
            assert got.status == deviations[row.id].status, f"{row.id}: no longer so: {deviations[row.id].reason}"
        else:
            assert found(site, row, got) == [], row.id
    closed = sum(1 for deviation in deviations.values() if deviation.status >= 400)
    assert answers[-1].connection <= (1 + closed if SERVERS[server.name].reuses else len(rows))


def test_one_connection(server: Running) -> None:
    """Every answer ends where its framing says, so that the next one is read from the same connection."""
    last = [*server.answers.values()][-1]
    assert last.connection == (1 if SERVERS[server.name].reuses else len(IDS))


def test_a_request_body_is_not_the_next_request(server: Running, site: Site) -> None:
    """§9.3: what comes with a GET or a refused POST is read away, or the connection is closed."""
    body = b"GET /static/pixel.png HTTP/1.1\r\nHost: smuggled\r\n\r\n"
    path = "/static/thousand.bin"
    asked = [write_request(method, path, (), body) for method in ("GET", "POST", "PUT")]
    asked.append(write_request("GET", path, ()))
    answers = talk(server.port, asked, at_once=False)
    assert [answer.status for answer in answers] == [200, 405, 405, 200]
    assert answers[0].body == answers[3].body == site.data("thousand.bin")
    assert [answer.trouble for answer in answers] == [[]] * 4


def test_pieces_make_the_whole(server: Running, site: Site) -> None:
    """A large file in parts, many requests on one connection."""
    data = site.data("large.bin")
    step = 100_000
    fields = [(("Range", f"bytes={start}-{start + step - 1}"),) for start in range(0, len(data), step)]
    asked = [write_request("GET", "/static/large.bin", each) for each in fields]
    answers = talk(server.port, asked, at_once=SERVERS[server.name].pipelines)
    assert {answer.status for answer in answers} == {206}
    assert b"".join(answer.body for answer in answers) == data


_GUNICORN_MOUNTED = (("SCRIPT_NAME", "/sub"),)
# server → how it is told that it is mounted at /sub, and whether clients, or the proxy before it, send /sub too
MOUNTED = {
    "uvicorn": ("--root-path /sub", (), False),
    "hypercorn": ("--root-path /sub", (), True),
    "gunicorn gthread": ("", _GUNICORN_MOUNTED, True),
    "granian asgi": ("--url-path-prefix /sub", (), True),
    "granian wsgi": ("--url-path-prefix /sub", (), True),
}


@pytest.mark.parametrize("name", MOUNTED)
def test_mounted(name: str, site: Site, tmp_path: Path) -> None:
    arguments, environment, whole = MOUNTED[name]
    mounted = SERVERS[name]._replace(arguments=f"{SERVERS[name].arguments} {arguments}", environment=environment)
    rows = [row for row in ROWS if row.root == "/sub" and row.target.startswith("/sub/static")]
    assert len(rows) >= 5
    with running(mounted, site.folder, tmp_path / "log") as port:
        for row in rows:
            method, target, fields = ask(site, row)
            sent = write_request(method, target if whole else target.removeprefix("/sub"), fields)
            assert found(site, row, talk(port, [sent], at_once=False)[0]) == [], row.id
