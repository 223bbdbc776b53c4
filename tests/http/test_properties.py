"""What holds for every request: the answer is total, consistent with the 200, and linear work."""

from __future__ import annotations

import gc
import re
import sys
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servestatic.http import fields as fields_module
from servestatic.http import respond as respond_module
from servestatic.http.dictionary import offer_dictionary, write_dictionary
from servestatic.http.fields import read_range, write_date
from servestatic.http.message import LINES, REQUEST_FIELDS, Memory, Request, Response, Slice, Stamp, encode
from servestatic.http.preferences import Preferences, read_accept_encoding
from servestatic.http.representation import Missing, Redirect, Representation, Resource, Target
from servestatic.http.respond import respond
from tests.http.conformance import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DATE = 1_700_000_000
CORS = (("Access-Control-Allow-Origin", "*"),)
METADATA = (("Content-Type", "text/css"), ("Cache-Control", "max-age=60"))
BODIES = {"identity": bytes(range(256)) * 4, "br": b"b" * 300, "gzip": b"g" * 400, "zstd": b"z" * 310, "dcz": b"d" * 50}


OLD = write_dictionary(bytes(32))
OTHER = write_dictionary(b"x" * 32)


def resource(*codings: str, on_disk: bool = False, date: int | None = DATE, deltas: bool = False) -> Resource:
    def body(coding: str) -> Memory | Slice:
        data = BODIES[coding]
        return Slice(f"/{coding}", 0, len(data), Stamp(1, 2, len(data), 3, 4)) if on_disk else Memory(data)

    made = Resource(
        path="/static/app.css",
        representations=tuple(
            Representation(coding, body(coding), len(BODIES[coding]), f'"{coding}"') for coding in codings
        ),
        fields=CORS,
        metadata=METADATA,
        last_modified=date,
        untried=None,
        follows=None,
        negotiated=len(codings) > 1,
        preferences=Preferences(("br", "zstd", "gzip", "dcz")),
        dictionary=offer_dictionary("app.", ".css") if deltas else (),
    )
    if deltas:
        made.add_delta(OLD, Representation("dcz", body("dcz"), len(BODIES["dcz"]), '"dcz"'))
        made.add_delta(OTHER, None)
    return made


RESOURCES = (
    resource("identity"),
    resource("identity", date=None),
    resource("identity", "br", "gzip", "zstd"),
    resource("identity", "gzip", on_disk=True, date=0),
    resource("identity", "br", "gzip", deltas=True),
    resource("identity", on_disk=True, deltas=True),
)
TARGETS: tuple[Target, ...] = (
    *RESOURCES,
    Missing(CORS),
    Redirect("moved/", "max-age=60", CORS),
    Redirect("moved/", "", CORS),
)

# ------------------------------------------------------------------------------------------------ strategies

tags = st.sampled_from(['"identity"', '"br"', 'W/"gzip"', '"x"', "*", '"a,b"', "garbage", '"', ""])
dates = st.one_of(st.integers(DATE - 1, DATE + 1), st.integers(-(10**10), 10**11)).map(write_date)
spans = st.tuples(st.integers(-2, 1100), st.integers(-2, 1100)).map(lambda pair: f"bytes={pair[0]}-{pair[1]}")
ranges = st.one_of(
    spans,
    st.integers(0, 1100).map("bytes={}-".format),
    st.integers(0, 1100).map("bytes=-{}".format),
    st.lists(spans, min_size=2, max_size=4).map(",".join),
)
weights = st.sampled_from(["", ";q=0", ";q=0.0", ";q=0.001", ";q=0.5", ";Q=1", ";q=1.000", ";q=2", ";q=", ";x=1"])
names = st.sampled_from(["br", "gzip", "zstd", "identity", "*", "x-gzip", "BR", "deflate", "g zip", "dcz"])
members = st.tuples(names, weights).map("".join)
encodings = st.lists(members, max_size=6).map(", ".join)
plausible = {
    "accept-encoding": encodings,
    "available-dictionary": st.sampled_from([OLD, OTHER, f" {OLD}", ":", ""]),
    "if-match": st.lists(tags, min_size=1, max_size=3).map(", ".join),
    "if-none-match": st.lists(tags, min_size=1, max_size=3).map(", ".join),
    "if-modified-since": dates,
    "if-unmodified-since": dates,
    "if-range": st.one_of(tags, dates),
    "range": ranges,
    "access-control-request-method": st.sampled_from(["GET", "PUT", ""]),
    "access-control-request-headers": st.sampled_from(["range", "x-a, x-b", "<", "a\r\nb: c"]),
}
assert plausible.keys() == REQUEST_FIELDS
anything = st.text(max_size=60)
likely = st.fixed_dictionaries({}, optional=plausible)
wild = st.dictionaries(st.sampled_from(sorted(REQUEST_FIELDS)), anything, max_size=9)
methods = st.one_of(st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "get"]), anything)


# ------------------------------------------------------------------------------------------------ properties


def length(response: Response) -> int:
    body = response.body
    if body is None:
        return 0
    return len(body.data) if isinstance(body, Memory) else body.stop - body.start


@given(st.sampled_from(TARGETS), methods, st.one_of(likely, wild), anything)
def test_every_request_has_an_answer(target: Target, method: str, fields: Mapping[str, str], query: str) -> None:
    check_answer(respond(target, Request(method, fields, query)), method)


def check_answer(response: Response, method: str) -> None:
    """Check an answer by itself: its status, its fields and the length of its body."""
    said = dict(response.fields)
    assert response.status in {200, 204, 206, 304, 308, 404, 405, 412, 416}
    assert len(said) == len(response.fields)
    assert LINES[response.status].startswith(f"{response.status} ")
    assert all(re.fullmatch(rb"[\x20-\x7e]*", value) for _, value in response.raw or encode(response.fields))
    if response.status in (204, 304):
        assert response.body is None
        assert "Content-Length" not in said
    elif method == "HEAD":
        assert response.body is None
        assert "Content-Length" in said
    else:
        assert said["Content-Length"] == str(length(response))


@given(st.sampled_from(RESOURCES), st.sampled_from(["GET", "HEAD"]), st.one_of(likely, wild))
def test_answers_agree_with_the_200(target: Resource, method: str, fields: Mapping[str, str]) -> None:
    """§15.4.5, §15.3.7: validators and metadata of a 304 or 206 are those of a 200 for the same representation."""
    response = respond(target, Request(method, fields))
    said = dict(response.fields)
    if response.status not in (206, 304):
        return
    offers = [target.offer(each) for each in target.representations]
    offers += [target.offer(delta, dictionary) for dictionary, delta in target.deltas.items() if delta]
    by_tag = {whole["ETag"]: whole for whole in (dict(offer.ok.fields) for offer in offers)}
    whole = by_tag[said["ETag"]]
    different = {name for name in said if said[name] != whole.get(name)}
    if response.status == 304:
        assert not different
        assert said.keys() >= {"ETag", "Cache-Control", "Access-Control-Allow-Origin"} | ({"Vary"} & whole.keys())
        return
    assert different <= {"Content-Length", "Content-Range"}
    assert said.keys() == whole.keys() | {"Content-Range"}
    match = re.fullmatch(r"bytes ([0-9]+)-([0-9]+)/([0-9]+)", said["Content-Range"])
    assert match
    assert match[3] == whole["Content-Length"]
    start, stop = int(match[1]), int(match[2]) + 1
    assert said["Content-Length"] == str(stop - start)
    data = BODIES[whole.get("Content-Encoding", "identity")]
    if isinstance(response.body, Memory):
        assert response.body.data == data[start:stop]
    else:
        assert isinstance(response.body, Slice)
        assert (response.body.start, response.body.stop) == (start, stop)


@given(st.sampled_from(RESOURCES), st.lists(members, max_size=8), st.one_of(st.none(), ranges))
def test_what_is_refused_is_not_served(target: Resource, listed: list[str], range_text: str | None) -> None:
    """§12.5.3: q=0 refuses; only identity is sent all the same, where there is nothing else to send."""
    fields = {"accept-encoding": ", ".join(listed), "available-dictionary": OLD}
    fields |= {"range": range_text} if range_text else {}
    response = respond(target, Request("GET", fields))
    if response.status == 416:
        return  # no representation is sent at all
    coding = dict(response.fields).get("Content-Encoding", "identity")
    refused = re.compile(r"(x-)?([a-z]+|\*) *;q=0(\.0*)?", re.IGNORECASE)
    zeros = {match[2].lower() for member in listed if (match := refused.fullmatch(member))}
    valid = {"br", "gzip", "zstd", "dcz", "identity"}
    good = re.compile(r"(x-)?([a-z]+|\*)(;q=([01]|0\.[0-9]+|1\.0+))?", re.IGNORECASE)
    named = {match[2].lower() for member in listed if (match := good.fullmatch(member))}
    if coding != "identity":
        assert coding not in zeros
        assert coding in named or ("*" in named and "*" not in zeros and coding != "dcz")
        assert coding in valid
    elif "identity" in zeros:
        offered = {each.coding for each in target.representations} - {"identity"}
        assert not {each for each in named & offered if each not in zeros}


@given(st.binary(max_size=500), st.lists(st.integers(0, 500), max_size=8))
def test_ranges_make_the_whole(data: bytes, cuts: list[int]) -> None:
    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = []
    for start, stop in pairwise(bounds):
        span = read_range(f"bytes={start}-{stop - 1}", len(data))
        assert span
        pieces.append(data[span.start : span.stop])
    assert b"".join(pieces) == data


@given(anything, st.integers(0, 1000))
def test_a_range_is_within_the_file(text: str, size: int) -> None:
    for each in (text, f"bytes={text}", f"bytes=0-{text}", f"bytes=-{text}"):
        span = read_range(each, size)
        if span is not None and span.start >= 0:
            assert 0 <= span.start < span.stop <= size


@given(st.lists(members, max_size=6))
def test_two_lines_are_one_list(listed: list[str]) -> None:
    """§5.3: an adapter may join the lines of a field; order within equal weights means nothing (§12.5.3)."""
    known = ("br", "zstd", "gzip")
    one, other = (read_accept_encoding(text, known) for text in (", ".join(listed), ",".join(listed[::-1])))
    assert (one.groups, one.identity) == (other.groups, other.identity)


# ------------------------------------------------------------------------------------------------ linear work


def count_lines(function: Callable[[], object]) -> int:
    """How many lines of Python run the second time: a measure of work that no machine's speed changes.

    The first time, patterns are compiled. The garbage collector waits: it would also run the finalizers of what earlier
    tests have left.
    """
    function()
    count = 0

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    gc.disable()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
        gc.enable()
    return count


def answer_once(request: Request) -> None:
    """Answer for a resource that has answered nothing before, so that it remembers nothing."""
    respond(resource("identity", "br", "gzip"), request)


LONG: dict[str, tuple[str, ...]] = {
    "accept-encoding": ("gzip;q=0.5, ", "g", ",", " ", ";", "gzip;", "gzip ", "*;q=0,", "gzip;q=0.0000", "a,"),
    "available-dictionary": (":", " ", "A", "=", "/"),
    "if-none-match": ('"x", ', '"', "W/", ",", " ", 'W/"', '"x" ', "*,"),
    "if-match": ('"x", ', '"', "W/", ",", " "),
    "if-range": ('"', "W/", " ", "Sat, "),
    "range": ("bytes=", "0-1,", ",", " ", "9", "-", "bytes=0-0,"),
    "if-modified-since": ("Sat, 01 Jan 2000 ", " ", "0", "Z", "a"),
    "if-unmodified-since": ("Sat, 01 Jan 2000 ", " ", "0"),
    "access-control-request-headers": ("x-a, ", ",", " "),
}


@pytest.mark.parametrize(("name", "piece"), [(name, piece) for name, pieces in LONG.items() for piece in pieces])
@pytest.mark.parametrize("prefix", ["", "bytes=", '"', "gzip;q="])
def test_work_grows_no_faster_than_the_text(name: str, piece: str, prefix: str) -> None:
    def work(times: int) -> int:
        fields = {name: prefix + piece * times, "access-control-request-method": "GET"}
        if name == "if-range":
            fields["range"] = "bytes=0-0"
        method = "OPTIONS" if name.startswith("access") else "GET"
        return count_lines(partial(answer_once, Request(method, fields)))

    small, large = work(500), work(2000)
    assert large <= 4 * small + 50


def test_the_table_costs_little() -> None:
    """No row, whatever its length, costs more lines than its bytes."""
    for row in ROWS:
        fields = {name.lower(): value for name, value in row.fields if name.lower() in REQUEST_FIELDS}
        size = sum(len(value) for value in fields.values())
        assert count_lines(partial(answer_once, Request(row.method, fields))) < 350 + 2 * size  # 317 at most today


PATTERNS = [
    pattern
    for module in (fields_module, respond_module)
    for value in (*vars(module).values(), fields_module._dates())
    for pattern in (value if isinstance(value, tuple) else (value,))
    if isinstance(pattern, re.Pattern)
]


def backtracks(tree: Any) -> bool:
    """Whether a parsed pattern has a repetition, unbounded or long, that the engine may take back."""
    for operator, argument in tree:
        name = str(operator)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            _, most, inner = argument
            if int(most) > 8 or backtracks(inner):
                return True
        elif name == "POSSESSIVE_REPEAT":
            if backtracks(argument[2]):
                return True
        elif name == "SUBPATTERN":
            if backtracks(argument[3]):
                return True
        elif name == "BRANCH" and any(backtracks(each) for each in argument[1]):
            return True
    return False


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.pattern[:30])
def test_patterns_do_not_backtrack(pattern: re.Pattern[str]) -> None:
    """What a regular expression engine cannot take back, it does not try again: linear for every text."""
    parse = __import__("re._parser", fromlist=["parse"]).parse
    assert not backtracks(parse(pattern.pattern, pattern.flags))


def test_patterns_were_found() -> None:
    assert len(PATTERNS) >= 8
