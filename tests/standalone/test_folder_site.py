"""A folder as a site: pages under their plain names, index files, header rules."""

import json
from pathlib import Path
from typing import Any

import pytest

import servestatic
from servestatic import SettingError
from servestatic.http.message import Request
from servestatic.serving.deliver import answer, find
from tests.support.client import get
from tests.support.files import write

PAGE = """<!DOCTYPE html><html><head>
<link rel="stylesheet" href="/css/app.css"><link rel="icon" href="icon.svg?v=2">
<link rel="canonical" href="/css/app.css">
<script type="importmap">{"imports": {"app": "./js/app.js", "react": "https://cdn.example/react.js"}}</script>
<script type="module" src="js/app.js"></script></head>
<body><a href="css/app.css">plain</a><img srcset="a.png 1x, a.png 2x" src="missing.png"><!-- <img src="a.png"> -->
<a href="sub/">sub</a><img alt='&lt;' src='a.png'></body></html>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "index.html": PAGE,
            "icon.svg": "<svg/>",
            "a.png": b"a",
            "css/app.css": "a{}",
            "js/app.js": "import './b.js'\nimport('./b.js')\nnew URL('../a.png', import.meta.url)\n",
            "js/b.js": "export default 1",
            "sub/index.html": "<p>sub",
            "app.webmanifest": json.dumps({"icons": [{"src": "icon.svg"}]}),
        },
    )


def test_pages_are_served_rewritten_under_their_plain_names(site: Path) -> None:
    index = servestatic.collect(site, prefix="/", index_file="index.html")
    status, fields, body = get(index, "/index.html")
    assert (status, fields["Cache-Control"]) == (200, "no-cache")
    names = {name: index.path(name) for name in ("css/app.css", "icon.svg", "js/app.js", "a.png")}
    expected = (
        PAGE.replace('rel="stylesheet" href="/css/app.css"', f'rel="stylesheet" href="/{names["css/app.css"]}"')
        .replace("icon.svg?v=2", f"{names['icon.svg']}?v=2")
        .replace('"./js/app.js"', f'"./{names["js/app.js"]}"')
        .replace('src="js/app.js"', f'src="{names["js/app.js"]}"')
        .replace('srcset="a.png 1x, a.png 2x"', f'srcset="{names["a.png"]} 1x, {names["a.png"]} 2x"')
        .replace("src='a.png'", f"src='{names['a.png']}'")
    )
    assert body.decode() == expected
    assert index.url("index.html") == "/index.html"
    assert index.get("/index.0123456789ab.html") is None
    module = get(index, index.url("js/app.js"))[2].decode()
    name = index.path("js/b.js").removeprefix("js/")
    assert module == f"import './{name}'\nimport('./{name}')\nnew URL('../{names['a.png']}', import.meta.url)\n"
    assert names["icon.svg"] in get(index, index.url("app.webmanifest"))[2].decode()


def test_pages_as_ordinary_files(site: Path) -> None:
    index = servestatic.collect(site, pages=False)
    url = index.url("index.html")
    assert url != "/static/index.html"
    assert get(index, url)[2] == PAGE.encode()
    assert "immutable" in get(index, url)[1]["Cache-Control"]


def test_a_page_that_changes_under_the_server(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)
    index = servestatic.collect(site, prefix="/")
    etag = get(index, "/index.html")[1]["ETag"]
    (site / "index.html").write_text("<p>new")
    _, fields, body = get(index, "/index.html")
    assert body == b"<p>new"
    assert fields["ETag"] != etag


@pytest.mark.parametrize("prefix", ["/", "/docs/"])
def test_index_files(site: Path, prefix: str) -> None:
    index = servestatic.collect(site, prefix=prefix, index_file="index.html")
    assert get(index, prefix)[2].startswith(b"<!DOCTYPE html>")
    assert get(index, f"{prefix}sub/")[2] == b"<p>sub"
    target = find(index.resources, f"{prefix}sub", "")
    assert target is not None
    response, _ = answer(index.resources, target, Request("GET", {}, "a=1&b=%20"))
    assert (response.status, dict(response.fields)["Location"]) == (308, "./sub/?a=1&b=%20")
    assert index.get(f"{prefix}css/") is None
    assert index.get(f"{prefix}css") is None
    if prefix != "/":
        target = find(index.resources, prefix.rstrip("/"), "")
        assert target is not None
        assert dict(answer(index.resources, target, Request("HEAD", {}))[0].fields)["Location"] == "./docs/"
    without = servestatic.collect(site, prefix=prefix)
    assert without.get(prefix) is without.get(f"{prefix}sub") is without.get(f"{prefix}sub/") is None


def test_header_rules(tmp_path: Path) -> None:
    write(tmp_path, {"a.pdf": b"%PDF", "docs/b.pdf": b"%PDF", "c.js": "1"})
    rules = {
        "*.pdf": {"x-robots-tag": "noindex", "Cache-Control": "max-age=5"},
        "docs/*": {"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"},
        "c.js": {"Content-Type": "application/x-own", "Access-Control-Allow-Origin": "https://a.example"},
    }
    index = servestatic.collect(tmp_path, headers=rules)
    a, b, c = (get(index, f"/static/{name}")[1] for name in ("a.pdf", "docs/b.pdf", "c.js"))
    assert (a["X-Robots-Tag"], a["Cache-Control"]) == ("noindex", "max-age=5")
    assert (b["X-Robots-Tag"], b["Cache-Control"]) == ("noindex", "no-cache")
    assert (c["Content-Type"], c["Access-Control-Allow-Origin"]) == ("application/x-own", "https://a.example")
    target = find(index.resources, "/static/docs/b.pdf", "")
    assert target
    unchanged, _ = answer(index.resources, target, Request("GET", {"if-none-match": b["ETag"]}))
    assert dict(unchanged.fields)["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([], "a mapping of patterns"),
        ({"*": "x"}, "a mapping of patterns"),
        ({"*": {"Content-Length": "3"}}, "no header 'Content-Length'"),
        ({"*": {"a b": "3"}}, "no header 'a b'"),
        ({"*": {"X": "a\r\nSet-Cookie: b"}}, "the value of X to be printable ASCII"),
        ({"*": {"X": 3}}, "the value of X to be printable ASCII"),
        ("{", "a JSON object"),
    ],
)
def test_wrong_header_rules(tmp_path: Path, rules: Any, sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        servestatic.collect(tmp_path, headers=rules)
    assert sentence in str(caught.value)


def test_header_rules_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVESTATIC_HEADERS", '{"*.js": {"X-A": "b"}}')
    assert get(servestatic.collect(write(tmp_path, {"c.js": "1"})), "/static/c.js")[1]["X-A"] == "b"


def test_files_that_a_bundler_has_named(tmp_path: Path) -> None:
    """Not hashed twice, and never guessed from the name alone."""
    module = "import './vendor-abcd1234.js';import './own.js'"
    write(
        tmp_path,
        {
            "assets/app-0a1b2c3d.js": module,
            "assets/vendor-abcd1234.js": "1",
            "assets/own.js": "import './app-0a1b2c3d.js'",
            "other-0a1b2c3d.js": "2",
        },
    )
    index = servestatic.collect(tmp_path, immutable=["assets/*-????????.js"])
    url = index.url("assets/app-0a1b2c3d.js")
    assert url == "/static/assets/app-0a1b2c3d.js"
    status, fields, body = get(index, url)
    assert (status, body) == (200, module.encode())
    assert fields["Cache-Control"] == "max-age=31536000, immutable"
    assert get(index, index.url("assets/own.js"))[2] == b"import './app-0a1b2c3d.js'"
    assert get(index, "/static/assets/app-0a1b2c3d.0123456789ab.js")[0] == 404
    assert index.url("other-0a1b2c3d.js") != "/static/other-0a1b2c3d.js"
    assert get(index, "/static/other-0a1b2c3d.js")[1]["Cache-Control"] == "max-age=60"
