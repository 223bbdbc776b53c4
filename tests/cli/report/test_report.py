"""`report`: what it finds, for people and for machines, of directories, builds and releases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
from tests.support.command import Done, call
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

BANNER = "/*! Quays v{} | MIT */\n"
CODE = "export const quay = 1;\n" * 400


@pytest.fixture
def shop(troubled: Path) -> Path:
    """Two sources with everything that a report lists."""
    write(
        troubled / "one",
        {
            "js/quays.js": BANNER.format("1.2.0") + CODE,
            "js/copy.js": "let a;\n" * 500,
            "js/app.js": "import './one.js'",
            "js/one.js": "import './two.js'",
            "js/two.js": "let two",
        },
    )
    write(troubled / "two", {"lib/quays.min.js": BANNER.format("2.0.0") + CODE, "lib/copy.js": "let a;\n" * 500})
    return troubled


def report(folder: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    done = call(folder, "report", *arguments, "--json", **environment)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_what_files_weigh(shop: Path) -> None:
    found, listed = report(shop, "one", "two"), json.loads(call(shop, "list", "one", "two", "--json").out)
    assert (found["release"], found["prefix"], found["sources"]) == (listed["release"], "/", ["one", "two"])
    weights = {each["path"]: (each["size"], each["sent"]) for each in found["files"]}
    assert weights == {
        each["name"]: (each["size"], min(each["size"], *each["codings"].values(), each["size"]))
        for each in listed["files"]
    }
    assert found["total"] == {
        "files": len(weights),
        "size": sum(size for size, _ in weights.values()),
        "sent": sum(sent for _, sent in weights.values()),
    }
    assert sum(kind["sent"] for kind in found["kinds"]) == found["total"]["sent"]
    assert {each["path"]: each["source"] for each in found["files"]}["only.txt"] == "two"


def test_files_that_the_store_has_rewritten(shop: Path) -> None:
    """They are compressed like others, at every start; in a build, too."""
    write(shop / "one", {"js/app.js": BANNER.format("1.0.0") + "import './one.js';" + CODE})
    call(shop, "build", "out", "one")
    for arguments in (["one"], ["one", "--store", "store"], ["one", "--store", "store"], ["--build", "out"]):
        files = {each["path"]: each for each in report(shop, *arguments)["files"]}
        assert files["js/app.js"]["sent"] < files["js/app.js"]["size"] / 10
        assert files["js/app.js"]["coding"] == "br"


def test_what_check_finds(shop: Path) -> None:
    found = report(shop, "one", "two")
    checked = json.loads(call(shop, "check", "one", "two", "--json").out)["problems"]
    for key, kind in (("broken", "broken"), ("hidden", "conflict"), ("left_out", "left-out"), ("uncompressed",) * 2):
        expected = [{"place": each["place"], "message": each["message"]} for each in checked if each["kind"] == kind]
        assert found[key] == expected
        assert expected


def test_copies_and_libraries(shop: Path) -> None:
    found = report(shop, "one", "two")
    [copies] = found["copies"]
    assert sorted(copies["paths"]) == ["js/copy.js", "lib/copy.js"]
    assert (copies["size"], copies["wasted"] < 500) == (3500, True)
    [library] = found["libraries"]
    assert library["name"] == "quays"
    assert [(each["path"], each["version"]) for each in library["files"]] == [
        ("js/quays.js", "1.2.0"),
        ("lib/quays.min.js", "2.0.0"),
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"/*! jQuery v3.7.1 | (c) OpenJS */", ("jquery", "3.7.1")),
        (b"/*!\n * jQuery JavaScript Library v3.7.1\n", ("jquery", "3.7.1")),
        (b"/*!\n * Bootstrap  v5.3.8 (https://getbootstrap.com/)", ("bootstrap", "5.3.8")),
        (b"/**\n * Chart.js v4.4\n", ("chart", "4.4")),
        (b"/* Copyright 2019 someone */", None),
        (b"import './a.js'", None),
        (b"/*" + b" " * 100_000, None),
    ],
)
def test_banners(start: bytes, expected: tuple[str, str] | None, tmp_path: Path) -> None:
    other = start.replace(b"3.7.1", b"1.0.0").replace(b"5.3.8", b"1.0.0").replace(b"4.4", b"1.0") + b"\n;" * 5000
    write(tmp_path / "static", {"a/x.js": start + b"\n" * 9000, "b/x.js": other})
    found = [
        (each["name"], file["version"])
        for each in report(tmp_path)["libraries"]
        for file in each["files"]
        if file["path"] == "a/x.js"
    ]
    assert found == ([expected] if expected else [])


def test_a_page(shop: Path) -> None:
    write(
        shop / "one", {"index.html": '<link rel="stylesheet" href="/css/site.css"><script type=module src=/js/app.js>'}
    )
    pages = [report(shop, "one", "--page", page)["page"] for page in ("/", "index.html", "/index.html")]
    assert pages[0]["name"] == "/index.html"
    assert pages[0] == pages[1] == pages[2]
    files = {each["path"]: each["round"] for each in pages[0]["files"]}
    assert files == {
        "index.html": 0,
        "css/site.css": 1,
        "js/app.js": 1,
        "css/base.css": 2,
        "js/one.js": 2,
        "js/two.js": 3,
    }
    assert (pages[0]["rounds"], pages[0]["saved_rounds"]) == (3, 2)
    assert pages[0]["preload"] == ["css/site.css", "js/app.js"]
    script = report(shop, "one", "--page", "js/app.js")["page"]
    assert [each["path"] for each in script["files"]] == ["js/app.js", "js/one.js", "js/two.js"]
    call(shop, "build", "out", "one")
    built = report(shop, "--build", "out", "--page", "/")["page"]
    assert [(each["path"], each["round"]) for each in built["files"]] == [*files.items()]


def test_a_build_and_what_a_deploy_costs(shop: Path) -> None:
    call(shop, "build", "before", "one", "two")
    built = report(shop, "--build", "before", "--page", "js/app.js")
    assert built["page"]["rounds"] == 2
    urls = [(each["path"], each["url"], each["size"], each["digest"]) for each in report(shop, "one", "two")["files"]]
    assert [(each["path"], each["url"], each["size"], each["digest"]) for each in built["files"]] == urls
    same = report(shop, "one", "two", "--against", "before")["comparison"]
    assert (same["changes"], same["again"], same["new"], same["kept"]["files"]) == ([], 0, 0, len(built["files"]))
    write(shop / "one", {"js/two.js": "let other", "js/new.js": "let three"})
    (shop / "two/only.txt").unlink()
    call(shop, "build", "after", "one", "two")
    for arguments in (("one", "two"), ("--build", "after")):
        compared = report(shop, *arguments, "--against", "before")["comparison"]
        assert {each["path"]: each["why"] for each in compared["changes"]} == {
            "js/two.js": "changed",
            "js/app.js": "references",
            "js/one.js": "references",
            "js/new.js": "added",
            "only.txt": "removed",
        }
        assert (compared["before"], compared["new"]) == (built["release"], len("let three"))
        assert compared["again"] == sum(each["after"] for each in compared["changes"]) - compared["new"] > 0


def test_deltas(tmp_path: Path) -> None:
    """They are what `servestatic releases diff` finds, between builds and from one to what is not built yet."""
    lines = [f"export const quay{number} = {number**5};" for number in range(900)]
    write(tmp_path / "static", {"js/app.js": "\n".join(lines), "b.svg": "<svg/>"})
    call(tmp_path, "build", "before", "static")
    write(tmp_path / "static", {"js/app.js": "\n".join([*lines, "export default 1;"]), "b.svg": "<svg>2</svg>"})
    before, after = (report(tmp_path, *each)["release"] for each in (["--build", "before"], ["static"]))
    found = report(tmp_path, "static", "--against", "before")["comparison"]
    call(tmp_path, "build", "before", "static")
    expected = json.loads(call(tmp_path, "releases", "diff", before, after, "--place", "before", "--json").out)
    deltas = {each["path"]: each["delta"] for each in found["changes"] if each["delta"] < each["after"]}
    assert [*deltas] == ["js/app.js"]
    assert [*deltas.values()] == [*expected["deltas"].values()]
    assert found["again_as_deltas"] == deltas["js/app.js"] + len("<svg>2</svg>") < found["again"]
    known = report(tmp_path, "--build", after, "--against", before, "--place", "before")["comparison"]
    assert {each["path"]: each["delta"] for each in known["changes"]} == {**deltas, "b.svg": len("<svg>2</svg>")}


def test_deltas_of_bundled_files(tmp_path: Path) -> None:
    """A new version of one has another logical path; both commands find the earlier one."""
    lines = [f"export const quay{number} = {number**5};" for number in range(900)]
    immutable = ("--immutable", "app-*.js")
    write(tmp_path / "static", {"app-B4xQ9cTd.js": "\n".join(lines)})
    call(tmp_path, "build", "before", "static", *immutable)
    before = report(tmp_path, "--build", "before", *immutable)["release"]
    (tmp_path / "static/app-B4xQ9cTd.js").unlink()
    write(tmp_path / "static", {"app-C7yR2dUe.js": "\n".join([*lines, "export default 1;"])})
    found = report(tmp_path, "static", "--against", "before", *immutable)["comparison"]
    call(tmp_path, "build", "before", "static", *immutable)
    expected = json.loads(call(tmp_path, "releases", "diff", before, found["after"], "--place", "before", "--json").out)
    added, removed = found["changes"]
    assert (added["path"], added["why"], removed["why"]) == ("app-C7yR2dUe.js", "added", "removed")
    assert [added["delta"]] == [*expected["deltas"].values()]
    assert added["delta"] < added["after"] / 10


def test_releases_of_a_place(tmp_path: Path) -> None:
    place, ids = DirectoryPlace(tmp_path / "place"), []
    for text in ("<svg/>", "<svg>2</svg>"):
        write(tmp_path / "static", {"a.css": "a{}", "b.svg": text})
        index = servestatic.collect(tmp_path / "static", store="none")
        put(place, index.catalog)
        ids.append(index.release)
    given = ("--build", ids[1], "--against", ids[0])
    for found in (report(tmp_path, *given, "--place", "place"), report(tmp_path, *given, SERVESTATIC_RELEASES="place")):
        assert (found["release"], found["total"]["files"]) == (ids[1], 2)
        assert [(each["path"], each["why"]) for each in found["comparison"]["changes"]] == [("b.svg", "changed")]
        assert [each["url"] for each in found["files"]] == [index.url("a.css"), index.url("b.svg")]


CANNOT = [
    (["static", "--page", "a.cs"], "no source has a file 'a.cs'."),
    (
        ["static", "--page", "/nothing"],
        "no page or file is served at /nothing. Use a name that `servestatic list` shows.",
    ),
    (["static", "--html", "."], ". is a directory. Name a file to write the report to, such as report.html."),
    (["static", "--html", "no/r.html"], "no/r.html: No such file or directory. Name another file."),
    (["static", "--against", "static"], "there is no sealed build in static."),
    (["static", "--against", "nowhere"], "nowhere is neither the directory of a build nor the id of a release."),
    (["static", "--against", "0" * 16], "pass --place, or set SERVESTATIC_RELEASES."),
    (["static", "--against", "0" * 16, "--place", "static"], "static has no release 0000000000000000: see"),
    (["static", "--build", "static"], "--build replaces the directories: name only one of the two."),
    (["--build", "0" * 16, "--page", "/"], "--page needs files: name the directory of a build, or sources."),
]


@pytest.mark.parametrize(("arguments", "message"), CANNOT, ids=[" ".join(each) for each, _ in CANNOT])
def test_what_cannot_be_done(folder: Path, arguments: list[str], message: str) -> None:
    done = call(folder, "report", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in " ".join(done.err.split())


def test_for_people(shop: Path) -> None:
    call(shop, "build", "before", "one", "two")
    write(shop / "one", {"js/two.js": "let other"})
    lines = call(shop, "report", "one", "two", "--page", "js/app.js", "--against", "before").out.splitlines()
    assert lines[0].endswith("18 files of one, two")
    assert lines[1].startswith("Images ")
    assert "█" in lines[1]
    labels = [line[:13].strip() for line in lines]
    assert labels[-9:] == [
        "largest",
        "broken",
        "uncompressed",
        "hidden",
        "left out",
        "copies",
        "twice",
        "page",
        "deploy",
    ]
    assert lines[-2] == "page         /js/app.js loads 39 B: 2 files in 2 round trips; preload links save 1"
    assert len(lines) <= 16


def test_nothing_to_say(folder: Path) -> None:
    out = call(folder, "report", "static").out.splitlines()
    assert [line.split()[0] for line in out[1:]] == ["Stylesheets", "Images", "largest"]


def test_files_are_written_whole(folder: Path) -> None:
    assert call(folder, "report", "static", "--html", "r.html") == Done(
        0, f"r.html: {(folder / 'r.html').stat().st_size / 1000:.1f} kB, one file that loads nothing.\n", ""
    )
    page = (folder / "r.html").read_bytes()
    assert report(folder, "static", "--html", "r.html")["html"] == "r.html"
    assert (folder / "r.html").read_bytes() == page, "the same files, the same bytes"
    assert sorted(path.name for path in folder.iterdir()) == ["r.html", "static"]


def test_it_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name, the page is a new temporary file."""
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert call(folder, "report", "static", "--open", "--html", "r.html").code == 0
    assert call(folder, "report", "static", "--open").code == 0
    assert opened[0] == (folder / "r.html").as_uri()
    [other] = folder.glob("servestatic-*/report.html")
    assert opened[1] == other.as_uri()
    assert other.read_bytes() == (folder / "r.html").read_bytes()
