"""The conformance table against the pure function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from docs.generate.http import PAGE, render
from servestatic.serving.compression.encoders import FastEncoder
from tests.http.conformance import APPLICATION, ROWS, Row
from tests.support.indexes import renew
from tests.support.interfaces.function import call_function
from tests.support.judge import Exchange, Sent, problems, request, resource_path
from tests.support.tree import Site, make_site

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module", params=["fast", "settled"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site with the codings of a first request, and with the best ones in a store."""
    return make_site(tmp_path_factory.mktemp("conformance"), settled=request.param == "settled")


def name(row: Row) -> str:
    return row.id.replace("§", "")


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_row(site: Site, row: Row, record_property: Callable[[str, Any], None]) -> None:
    record_property("adapter", "pure function")
    record_property("row", row.id)
    assert problems(site, row, call_function(site.index, request(site, row))) == []


NOT_CODED = {  # rows whose answer is that of a coding, and has no use for one that would have to be made first
    "§14.2 br where identity is refused",
    "§14.2 gzip where all else is refused",
    "§13.1.2 tag of identity, br asked for",
    "§13.1.3 br",
    "§13.1.1 tag of br",
    "§12.5.3 HEAD",
}


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_first_request(site: Site, row: Row) -> None:
    """Nothing was asked for before: no coding is made, no body is held."""
    if row.id in NOT_CODED and isinstance(site.index.resources.encoder, FastEncoder):
        assert no_coding_is_made(site, row)
        return
    index = site.index
    encoder = index.resources.encoder
    cold = renew(index, None if isinstance(encoder, FastEncoder) else encoder)
    assert problems(site, row, call_function(cold, request(site, row))) == []


def no_coding_is_made(site: Site, row: Row) -> bool:
    cold = renew(site.index)
    answer = call_function(cold, request(site, row))
    codings = [value for key, value in answer.fields if key == "content-encoding"]
    return not codings and cold.resources.made[resource_path(site, row)].untried is not None  # type: ignore[union-attr] # it is


@pytest.mark.parametrize("row", [row for row in ROWS if row.method == "GET" and row.status != APPLICATION], ids=name)
def test_head(site: Site, row: Row) -> None:
    """HEAD has the fields of GET and no body (§9.3.2); Range is defined for GET alone (§14.2)."""
    sent = request(site, row)
    get = sent._replace(fields=tuple(pair for pair in sent.fields if pair[0] != "Range"))
    answer = call_function(site.index, get)
    assert call_function(site.index, get._replace(method="HEAD")) == answer._replace(body=b"")


def test_every_representation_has_its_own_tag(site: Site) -> None:
    """§8.8.3: equal tags mean equal bytes, different bytes different tags."""
    bytes_by_tag: dict[str, bytes] = {}
    for row in ROWS:
        if row.status == 200 and row.method == "GET":
            answer: Exchange = call_function(site.index, request(site, row))
            assert bytes_by_tag.setdefault(dict(answer.fields)["etag"], answer.body) == answer.body
    assert len(set(bytes_by_tag.values())) == len(bytes_by_tag)


def test_pieces_make_the_whole(site: Site) -> None:
    """§14: what a client fetches in parts is what it would have fetched at once, of every coding."""
    for path in ("/static/thousand.bin", "/static/large.css", "/static/large.bin"):
        for coding in ("identity", "br", "gzip"):
            accepts = ("Accept-Encoding", f"{coding}, *;q=0")
            whole = call_function(site.index, Sent("GET", path, (accepts,)))
            tag = ("If-Range", dict(whole.fields)["etag"])
            length, step = len(whole.body), len(whole.body) // 7 + 1
            ranges = [f"bytes={start}-{start + step - 1}" for start in range(0, length, step)]
            parts = [call_function(site.index, Sent("GET", path, (accepts, tag, ("Range", each)))) for each in ranges]
            assert {each.status for each in parts} == {206}
            assert b"".join(each.body for each in parts) == whole.body


def test_ids_are_unique() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == render(), "run: python -m docs.generate.http"
