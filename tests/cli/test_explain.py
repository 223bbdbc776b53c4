"""`explain`: why a URL is answered as it is."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic.http.dictionary import write_dictionary
from servestatic.releases.place import DirectoryPlace, open_store_place
from servestatic.releases.put import put
from servestatic.store import Store
from tests.support.client import get
from tests.support.command import call
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic import Index


def explain(folder: Path, *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(call(folder, "explain", *arguments, "--json").out)
    return document


def test_a_file_and_what_its_fingerprint_covers(troubled: Path) -> None:
    index = servestatic.collect(troubled / "one", troubled / "two", prefix="/")
    found = explain(troubled, "css/site.css", "one", "two")
    file = found["file"]
    assert (file["url"], file["plain_url"]) == (index.url("css/site.css"), "/css/site.css")
    assert (file["place"], file["hides"]) == ("one/css/site.css", [])
    assert file["fingerprint"] == {
        "digits": index.path("css/site.css").split(".")[1],
        "covers": ["css/base.css", "img/a.svg"],
    }
    assert file["rewritten"] == [
        {
            "place": "one/css/site.css:1:10",
            "written": "base.css",
            "names": "css/base.css",
            "becomes": index.path("css/base.css").removeprefix("css/"),
        },
        {
            "place": "one/css/site.css:2:18",
            "written": "../img/a.svg",
            "names": "img/a.svg",
            "becomes": f"../{index.path('img/a.svg')}",
        },
    ]
    message = "'../img/missing.svg' names no file."
    assert [(each["place"], each["message"][: len(message)]) for each in file["broken"]] == [
        ("one/css/site.css:3:18", message)
    ]
    assert f"broken       3:18: {message}" in call(troubled, "explain", "css/site.css", "one", "two").out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("css/a.css", "a{background:url(../img/b.svg?v=1#x)}"),
        ("css/a.css", "a{background:url(/img/b.svg)}"),
        ("css/a.css", "@import './c/../a.css'; b{background:url('../img/b%2Esvg')}"),
        ("a.html", "<img src=/img/b.svg><img src=img/b.svg>"),
    ],
)
def test_what_references_are_served_as_is_in_the_served_bytes(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path / "static", {name: text, "img/b.svg": "<svg/>"})
    index = servestatic.collect(tmp_path / "static", prefix="/")
    served = get(index, index.url(name))[2].decode()
    rewritten = explain(tmp_path, name, "static")["file"]["rewritten"]
    assert rewritten
    for each in rewritten:
        text = text.replace(each["written"], each["becomes"], 1)
    assert text == served
    assert explain(tmp_path, name, "static", "--no-fingerprints")["file"]["rewritten"] == []


def test_a_broken_reference_is_not_none(folder: Path) -> None:
    (folder / "static/c.css").write_text("a{background:url(d.svg)}")
    text = call(folder, "explain", "c.css", "static").out
    assert "covers only this file\n" in text
    assert "broken       1:18: 'd.svg' names no file." in text


def test_who_won_and_who_lost(troubled: Path) -> None:
    base, same = (explain(troubled, f"css/{name}.css", "one", "two")["file"] for name in ("base", "same"))
    lost = {"source": "directory 'two'", "place": "two/css/base.css", "same_bytes": False}
    assert (base["place"], base["hides"]) == ("one/css/base.css", [lost])
    assert same["hides"] == [{**lost, "place": "two/css/same.css", "same_bytes": True}]
    text = call(troubled, "explain", "css/base.css", "one", "two").out
    assert "source       one/css/base.css, 631 bytes\n" in text
    assert "hides        two/css/base.css, other bytes\n" in text


@pytest.mark.parametrize(
    "argument", ["css/base.css", "./css/base.css", "/css/base.css", "http://x.example/css/base.css"]
)
def test_all_ways_to_ask(troubled: Path, argument: str) -> None:
    assert explain(troubled, argument, "one")["file"]["name"] == "css/base.css"


@pytest.mark.parametrize(
    ("method", "fields", "status", "expected"),
    [
        ("GET", {"Accept-Encoding": "br"}, 200, {"Content-Encoding": "br"}),
        ("HEAD", {"Accept-Encoding": "gzip;q=1"}, 200, {"Content-Encoding": "gzip"}),
        ("GET", {"X-Nothing": "1"}, 200, {"Content-Length": "631"}),
        ("GET", {"Range": "bytes=0-9"}, 206, {"Content-Range": "bytes 0-9/631"}),
        ("GET", {"If-None-Match": "*"}, 304, {}),
        ("POST", {}, 405, {"Allow": "GET, HEAD, OPTIONS"}),
    ],
)
def test_the_exact_response(
    troubled: Path, method: str, fields: dict[str, str], status: int, expected: dict[str, str]
) -> None:
    given = [part for pair in fields.items() for part in ("-H", ": ".join(pair))]
    response = explain(troubled, "/css/base.css", "one", "-X", method, *given)["response"]
    assert response["status"] == status
    assert dict(response["fields"]) | expected == dict(response["fields"])


def test_fields_that_decide_nothing_are_said_to(troubled: Path) -> None:
    text = call(troubled, "explain", "/css/base.css", "one", "-H", "User-Agent: x", "-H", "accept-encoding: br").out
    assert "  User-Agent: x  (no response depends on it)\n  Accept-Encoding: br\n" in text


def test_several_lines_of_a_field_are_joined(troubled: Path) -> None:
    found = explain(
        troubled, "/css/base.css", "one", "-H", "accept-encoding: identity;q=0.1", "-H", "Accept-Encoding: br"
    )
    assert found["request"]["fields"] == {"accept-encoding": "identity;q=0.1, br"}
    assert ["Content-Encoding", "br"] in found["response"]["fields"]


@pytest.mark.parametrize(
    ("path", "status", "why", "nearest"),
    [
        ("/css/site.cs", 404, "no source has such a file", ["/css/site.css"]),
        ("/img/base.css", 404, "no source has such a file", ["/css/base.css"]),
        ("/CSS/BASE.CSS", 404, "no source has such a file", ["/css/base.css"]),
        (
            "/static/css/base.css",
            404,
            "files are served below /; with the prefix /static/ it would be css/base.css",
            ["/css/base.css"],
        ),
        ("/zzz", 404, "no source has such a file", []),
        ("/.env", 404, "one/.env exists, but names like CVS, .*, *~ are left out", []),
        ("/out.txt", 404, "one/out.txt was left out: the link leads out of every source", []),
        ("/docs/", 404, "/docs/ is a folder without index.html", []),
        ("/docs", 404, "/docs/ is a folder without index.html", []),
        ("/css/base.0123456789ab.css", 404, "css/base.css now has the fingerprint ", []),
        ("/about/?a=1", 308, "it redirects to /about", []),
    ],
)
def test_what_is_no_file(troubled: Path, path: str, status: int, why: str, nearest: list[str]) -> None:
    found = explain(troubled, path, "one")
    assert (found["file"], found["response"]["status"]) == (None, status)
    assert found["why"][0].startswith(why)
    assert found["nearest"][:1] == nearest
    assert call(troubled, "explain", path, "one").code == (1 if status == 404 else 0)


def test_several_index_files(troubled: Path) -> None:
    (troubled / "one" / "docs" / "home.htm").write_bytes(b"")
    names = ("--index-file", "index.html", "--index-file", "home.htm")
    assert explain(troubled, "/docs/", "one", *names)["file"]["name"] == "docs/home.htm"
    assert explain(troubled, "/css/", "one", *names)["why"] == ["/css/ is a folder without index.html or home.htm"]


def test_clean_urls_and_pages(troubled: Path) -> None:
    assert explain(troubled, "/about", "one")["file"]["name"] == "about.html"
    home = explain(troubled, "/", "one")["file"]
    assert (home["name"], home["fingerprint"]) == ("index.html", None)
    assert [each["names"] for each in home["rewritten"]] == ["css/site.css"]


def test_the_404_page(troubled: Path) -> None:
    fields = dict(explain(troubled, "/nowhere", "one")["response"]["fields"])
    assert fields["Content-Type"] == "text/html; charset=utf-8"


def test_what_the_application_answers(troubled: Path) -> None:
    found = explain(troubled, "/nowhere", "one", "--application", "some:app")
    assert (found["response"], found["why"]) == (None, ["files are served below /static/"])
    text = call(troubled, "explain", "/nowhere", "one", "--application", "some:app")
    assert "No file has this URL: the application answers." in text.out
    assert text.code == 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("css/bse.css", "servestatic: 'css/bse.css': no source has such a file. The nearest are 'css/base.css'"),
        ("zzz", "servestatic: 'zzz': no source has such a file.\n"),
        (".env", "servestatic: '.env': one/.env exists, but names like"),
    ],
)
def test_an_unknown_name(troubled: Path, name: str, sentence: str) -> None:
    done = call(troubled, "explain", name, "one")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(sentence)


def test_a_sealed_build(folder: Path) -> None:
    call(folder, "build", "out", "static")
    found = explain(folder, "a.css", "--build", "out")["file"]
    assert (found["place"], found["source"]) == (None, "the sealed build")
    assert len(found["representations"]) > 1
    assert explain(folder, found["url"], "--build", "out")["file"] == found


def test_no_path_leads_out_of_the_sources(troubled: Path) -> None:
    for path in ("/../two/only.txt", "/%2e%2e/two/only.txt", "/css/../../two/only.txt"):
        found = explain(troubled, path, "one")
        assert (found["response"]["status"], found["why"]) == (404, ["no source has such a file"])


# ----------------------------------------------------------------------------------------------- other releases


@pytest.fixture
def old(folder: Path) -> Index:
    """The release before the current one, in a place."""
    index = servestatic.collect(folder / "static", prefix="/", store="none")
    put(DirectoryPlace(folder / "place"), index.catalog)
    (folder / "static/b.svg").write_text("<svg>2</svg>")
    return index


def test_a_name_of_another_release(folder: Path, old: Index) -> None:
    options = ("static", "--releases", "place")
    found = explain(folder, old.url("b.svg"), *options)
    place = str(folder / "place")
    assert found["kept"] == {"release": old.release, "place": place, "path": old.path("b.svg"), "bytes": 6}
    assert (found["file"], found["response"]) == (None, None)
    shown = call(folder, "explain", old.url("b.svg"), *options)
    assert shown.code == 0
    assert "b.svg now has the fingerprint" in shown.out
    assert f"  release {old.release} in {place} has it.\n" in shown.out
    assert f"  200 OK with the 6 bytes of release {old.release}, from" in shown.out


@pytest.mark.parametrize(
    ("url", "place", "sentence", "code"),
    [
        ("/b.0123456789ab.svg", "place", "no release in ", 1),
        ("/gone.0123456789ab.svg", "place", "no release in ", 1),
        ("/b.0123456789ab.svg", "s3://nowhere/x", "s3://nowhere/x cannot be reached: ", 1),
        ("/b.0123456789ab.svg", "none", "b.svg now has the fingerprint ", 1),
        ("/b.svg", "place", "b.svg", 0),
    ],
)
def test_a_name_that_no_other_release_has(
    folder: Path, old: Index, url: str, place: str, sentence: str, code: int
) -> None:
    environment = {"ENDPOINT_URL": "http://127.0.0.1:1", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}
    variables = {f"AWS_{name}": value for name, value in environment.items()}
    shown = call(folder, "explain", url, "static", "--releases", place, **variables)
    assert (shown.code, shown.err) == (code, "")
    assert sentence in shown.out
    assert explain(folder, url, "static", "--releases", "none")["kept"] is None


def test_a_name_in_the_store(folder: Path) -> None:
    """Where a server of the same directories has left it, without any setting."""
    store = folder / "store"
    index = servestatic.collect(folder / "static", prefix="/", store=str(store))
    keeper = open_store_place(Store(store), ["directory 'static'"])
    put(keeper, index.catalog)
    (folder / "static/b.svg").write_text("<svg>2</svg>")
    assert explain(folder, index.url("b.svg"), "static", "--store", "store")["kept"]["release"] == index.release


def test_the_difference_from_an_earlier_release(folder: Path) -> None:
    """Given as a file or as the field of a browser; what is neither is an error."""
    old = "".join(f"value{number}={number * number};" for number in range(1000))
    options = ["--releases", str(folder / "place"), "--store", str(folder / "store")]
    (folder / "before.js").write_text(old)
    write(folder / "static", {"app.js": old})
    servestatic.collect(folder / "static", releases=str(folder / "place"), store=str(folder / "store"))
    write(folder / "static", {"app.js": old.replace("value500", "changed")})
    field = write_dictionary(hashlib.sha256(old.encode()).digest())
    for given, coding in ((str(folder / "before.js"), "dcz"), (field, "dcz"), (str(folder / "static/app.js"), "br")):
        found = explain(folder, "app.js", "static", "--available-dictionary", given, *options)
        fields = dict(found["response"]["fields"])
        assert fields["Content-Encoding"] == coding
        assert fields["Use-As-Dictionary"] == 'match="app.*.js"'
        assert fields["Vary"] == "Accept-Encoding, Available-Dictionary"
    failed = call(folder, "explain", "app.js", "static", "--available-dictionary", "nope")
    assert failed.code == 2
    assert "Name a file, or its SHA-256" in failed.err
