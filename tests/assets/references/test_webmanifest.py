"""The references of web app manifests. An id names the section of RFC 8259 or of W3C Web Application Manifest."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servestatic.assets.references import webmanifest
from tests.support.growth import check_growth

FOUND = [
    pytest.param(b'{"icons":[{"src":"a.png"}]}', ["a.png"], id="Manifest icons"),
    pytest.param(b'{"icons":[{"sizes":"1x1","src":"a.png"},{"src":"b.png"}]}', ["a.png", "b.png"], id="Manifest, two"),
    pytest.param(b'{"screenshots":[{"src":"a.png"}]}', ["a.png"], id="App Info screenshots"),
    pytest.param(b'{"shortcuts":[{"url":"n","icons":[{"src":"a.png"}]}]}', ["a.png"], id="Manifest shortcuts"),
    pytest.param(b'\xef\xbb\xbf {\n "icons" : [ {\t"src"\r: "a.png" } ] }\n', ["a.png"], id="RFC 8259 §2 space, BOM"),
    pytest.param(b'{"icons":[{"src":"\\u0061\\/\\ud83d\\ude00\\n"}]}', ["a/\U0001f600\n"], id="RFC 8259 §7 escapes"),
    pytest.param(b'{"icons":[{"src":"\\ud83d\\udc80\\udc80"}]}', ["\U0001f480\ufffd"], id="RFC 8259 §8.2 lone half"),
    pytest.param(b'{"\\u0069cons":[{"src":"a.png"}]}', ["a.png"], id="RFC 8259 §7 escaped key"),
    pytest.param('{"icons":[{"src":"ü.png"}]}'.encode(), ["ü.png"], id="RFC 8259 §8.1 UTF-8"),
    pytest.param(b'{"icons":[{"src":"\xfc.png"}]}', ["\udcfc.png"], id="RFC 8259 §8.1 not UTF-8"),
    pytest.param(b'{"name":"\\"},{[:","icons":[1,null,{"src":"a.png"}]}', ["a.png"], id="RFC 8259 §7 marks in strings"),
    pytest.param(b'{"a":[[{"b":{}}],[]],"icons":[{"a":{"src":"n"},"src":"a.png"}]}', ["a.png"], id="other members"),
]
NOTHING = [
    pytest.param(b"", id="empty"),
    pytest.param(b"null", id="null"),
    pytest.param(b'"a"', id="string"),
    pytest.param(b'{"icons":[{"src":"n.png"},]}', id="RFC 8259 §5 trailing comma"),
    pytest.param(b'{"icons":[{"src":"n.png"}]', id="RFC 8259 §4 unclosed"),
    pytest.param(b'{"icons":[{"src":"n.png"}]} //', id="RFC 8259 §2 comment"),
    pytest.param(b'{"icons":[{"src":"\n"}]}', id="RFC 8259 §7 newline in a string"),
    pytest.param(b'{"start_url":"n","scope":"n","src":"n","related_applications":[{"url":"n"}]}', id="pages"),
    pytest.param(b'{"icons":{"src":"n"},"screenshots":["src","n"]}', id="no arrays of objects"),
    pytest.param(b'{"icons":[{"src":""},{"src":"data:,n"},{"src":1},{"src":{"src":"n"}},{"src":["n"]}]}', id="no URLs"),
    pytest.param(b'[{"icons":[{"src":"n"}]}]', id="not at the top"),
    pytest.param(b"[" * 100_000 + b"]" * 100_000, id="RFC 8259 §9 deep"),
    pytest.param(b"[" + b"9" * 100_000 + b"]", id="RFC 8259 §6 long number"),
]


def urls(data: bytes) -> list[str]:
    return [reference.url for reference in webmanifest.find(data)]


@pytest.mark.parametrize(("data", "expected"), FOUND)
def test_images(data: bytes, expected: list[str]) -> None:
    assert urls(data) == expected


@pytest.mark.parametrize("data", NOTHING)
def test_no_reference(data: bytes) -> None:
    assert urls(data) == []


def test_spans_are_of_the_text_inside_the_quotes() -> None:
    data = '{"name":"é","icons":[{"src":"a\\u0062.png"}]}'.encode()
    assert [data[start:stop] for start, stop, _, _ in webmanifest.find(data)] == [b"a\\u0062.png"]


def test_escape() -> None:
    assert webmanifest.escape("../a-b.png?v=%20&ü/\udcfc") == "../a-b.png?v=%20&ü/".encode() + b"\xfc"
    assert webmanifest.escape('"\\\n') == b"\\u0022\\u005c\\u000a"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["icons", "src", "shortcuts", '"', ","]), inner),
)


def images(value: object) -> list[str]:
    """Read the images of a parsed manifest: the plain way, without spans."""
    top = value if isinstance(value, dict) else {}
    lists = [top.get(key) for key in ("icons", "screenshots")]
    lists += [item.get("icons") for item in as_list(top.get("shortcuts")) if isinstance(item, dict)]
    sources = [item.get("src") for items in lists for item in as_list(items) if isinstance(item, dict)]
    return [source for source in sources if isinstance(source, str) and source and not source.startswith("data:")]


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


@given(JSON, st.booleans())
def test_agrees_with_a_json_parser(value: object, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert sorted(urls(data)) == sorted(images(value))


@given(st.binary() | st.text('{}[]":,\\ \nicons').map(str.encode))
def test_total(data: bytes) -> None:
    webmanifest.find(data)


@given(st.text(min_size=1))
def test_escaped_urls_are_read_back(url: str) -> None:
    data = b'{"icons":[{"src":"%s"}]}' % webmanifest.escape(url)
    assert urls(data) == ([url] if not url.startswith("data:") else [])


@pytest.mark.parametrize("unit", [b"[", b'"', b'"\\', b"{", b'{"a":', b'{"icons":[', b",", b"\\"])
def test_time_is_linear(unit: bytes) -> None:
    def find(length: int) -> None:
        webmanifest.find(unit * (length // len(unit)))
        webmanifest.find(b'{"a":[' + b'{"src":"a"},' * (length // 12) + b"1]}")

    check_growth(find, 130_000)
