"""nginx passes requests on to a server, configured as docs/how-to/nginx.md says: every row of the conformance table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.caches.programs import nginx, read_blocks
from tests.http.conformance import ROWS
from tests.support.tree import Site, make_site
from tests.support.wire import SERVERS, running, talk, write_request
from tests.support.wire_rows import Deviation, ask, found

if TYPE_CHECKING:
    from pathlib import Path

PAGE = read_blocks("nginx.md")
FILES = {path: PAGE[path] for path in ("/etc/nginx/conf.d/proxy.conf", "/etc/nginx/snippets/application.conf")}
VERSION = "proxy_http_version 1.1"

_TWICE = Deviation(400, "nginx takes one line of this field")
_LARGE = Deviation(400, "nginx takes fields of up to 8 KiB (large_client_header_buffers)")
_LONG = Deviation(414, "nginx takes request lines of up to 8 KiB (large_client_header_buffers)")
_NUL = Deviation(400, "nginx refuses a path with NUL")
# Rows that do not come through, since nginx answers them itself.
DEVIATIONS = {
    "§5.3 two field lines (2)": _TWICE,
    "§13.1.3 more than one member": _TWICE,
    "§15.5.6 TRACE on thousand.bin": Deviation(405, "nginx refuses TRACE"),
    "§9.1 methods are case-sensitive": Deviation(400, "nginx takes methods in capitals alone"),
    **{row.id: _LARGE for row in ROWS if any(len(value) > 8190 for _, value in row.fields)},
    **{row.id: _NUL for row in ROWS if row.id.startswith("no file") and "app.css" in row.id and "%00" in row.id},
    **{row.id: _LONG for row in ROWS if len(row.target) > 8190},
    **{row.id: Deviation(400, "nginx refuses to leave the root") for row in ROWS if row.target.count("/../") > 100},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"), settled=True)


@pytest.mark.parametrize("name", ["uvicorn", "gunicorn sync", "gunicorn gthread"])
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_every_row(name: str, version: str, site: Site, tmp_path: Path) -> None:
    rows = [row for row in ROWS if not row.root]
    assert DEVIATIONS.keys() <= {row.id for row in rows}
    with running(SERVERS[name], site.folder, tmp_path / "log") as origin:
        words = {"127.0.0.1:8000": f"127.0.0.1:{origin}", VERSION: f"proxy_http_version {version}"}
        with nginx(tmp_path / "nginx", FILES, words) as port:
            answers = talk(port, [write_request(*ask(site, row)) for row in rows], at_once=False)
    for row, got in zip(rows, answers, strict=True):
        if row.id in DEVIATIONS:
            assert got.status == DEVIATIONS[row.id].status, f"{row.id}: no longer so: {DEVIATIONS[row.id].reason}"
        else:
            assert found(site, row, got) == [], row.id
