"""The contract: every row of the conformance table through every adapter, called as a server calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.http.conformance import ROWS, Row
from tests.support.drivers import DRIVERS
from tests.support.judge import Sent, problems, request
from tests.support.tree import Site, make_site

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("contract"), settled=True)


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")  # wsgiref.validate's list ends with HTTP/1.1's
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id.replace("§", ""))
@pytest.mark.parametrize("adapter", DRIVERS)
def test_row(site: Site, adapter: str, row: Row, record_property: Callable[[str, Any], None]) -> None:
    record_property("adapter", adapter)
    record_property("row", row.id)
    answer = DRIVERS[adapter](site.index, request(site, row))
    assert problems(site, row, answer) == []


@pytest.mark.parametrize("adapter", DRIVERS)
def test_what_is_counted(site: Site, adapter: str) -> None:
    """First answers and remembered ones, by the status that was sent; what the application answers does not count."""
    call, url = DRIVERS[adapter], site.index.url("app.css")
    tag = dict(call(site.index, Sent("GET", url, ())).fields)["etag"]
    before = site.index.statistics()
    requests = [
        *[Sent("GET", url, ())] * 3,
        Sent("HEAD", url, ()),
        Sent("GET", url, (("Range", "bytes=0-1"),)),
        *[Sent("GET", url, (("If-None-Match", tag),))] * 2,
        Sent("POST", url, ()),
        Sent("GET", "/a-page", ()),
    ]
    assert [call(site.index, sent).status for sent in requests][3:8] == [200, 206, 304, 304, 405]
    after = site.index.statistics()
    assert (after.served - before.served, after.not_modified - before.not_modified) == (5, 2)
