"""`check`: what somebody should look at before a release."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.command import Done, call
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path


def problems(done: Done) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["place"], each["message"]) for each in json.loads(done.out)["problems"]]


FOUND = [
    ("broken", "one/css/site.css:3:18", "'../img/missing.svg' names no file."),
    ("conflict", "one/css/base.css", "hides two/css/base.css, which has other bytes"),
    (
        "left-out",
        "one/out.txt",
        "the link leads out of every source, to /etc/hostname (SERVESTATIC_FOLLOW_SYMLINKS=all follows it)",
    ),
    ("large", "one/img/photo.jpg", "40.0 kB are sent"),
    ("large", "one/img/scan.tiff", "40.0 kB are sent"),
    ("uncompressed", "one/img/scan.tiff", "40.0 kB are sent uncompressed, as image/tiff; gzip would save 99%"),
]


def test_everything_that_it_finds(troubled: Path) -> None:
    done = call(troubled, "check", "one", "two", "--large", "39999", "--json")
    assert problems(done) == FOUND
    assert (done.code, json.loads(done.out)["files"]) == (1, 11)


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in FOUND}))
def test_kinds_that_are_skipped(troubled: Path, kind: str) -> None:
    done = call(troubled, "check", "one", "two", "--large", "39999", "--json", "--skip", kind)
    assert problems(done) == [each for each in FOUND if each[0] != kind]


@pytest.mark.parametrize("option", ["--single-page", "--not-found"])
def test_pages_that_do_not_exist(folder: Path, option: str) -> None:
    done = call(folder, "check", option, "b.sgv", "--json")
    message = "there is no page 'b.sgv' among the files. Did you mean 'b.svg'? Correct the setting, or add the page."
    setting = option.removeprefix("--").replace("-", "_")
    assert (done.code, problems(done)) == (1, [("page", setting, message)])
    for arguments in (["b.svg"], ["b.sgv", "--application", "shop:app"], ["b.sgv", "--skip", "page"]):
        assert call(folder, "check", option, *arguments).code == 0


CSS = """a { background: url(/img/rose.svg) }
b { background: url("/img/roes.svg?v=2#x") }
c { background: url(/media/photo.jpg) }
d { background: url(/static/img/rose.svg) }
e { background: url(//cdn.example/img/rose.svg) }
f { background: url(../img/rose.svg) }
/*# sourceMappingURL=/maps/site.css.map */
"""
OUTSIDE = [
    (1, "'/img/rose.svg' leads out of /static/. Did you mean '/static/img/rose.svg'?"),
    (2, "'/img/roes.svg?v=2#x' leads out of /static/. Did you mean '/static/img/rose.svg?v=2#x'?"),
    (3, "'/media/photo.jpg' leads out of /static/."),
]


def test_references_that_lead_out_of_the_prefix(tmp_path: Path) -> None:
    write(tmp_path, {"one/css/site.css": CSS, "one/img/rose.svg": "<svg/>", "one/a.js": "import '/js/b.js'"})
    done = call(tmp_path, "check", "one", "--prefix", "/static/", "--json")
    column = len("a { background: url(") + 1
    expected = [("outside", f"one/css/site.css:{line}:{column + (line == 2)}", message) for line, message in OUTSIDE]
    assert (done.code, problems(done)) == (1, expected)
    assert call(tmp_path, "check", "one", "--prefix", "/static/", "--skip", "outside").code == 0
    assert "outside" not in {kind for kind, _, _ in problems(call(tmp_path, "check", "one", "--json"))}


def test_for_people(troubled: Path) -> None:
    done = call(troubled, "check", "one", "two")
    assert done.code == 1
    assert done.out == (
        "broken (1)\n"
        "  one/css/site.css:3:18: '../img/missing.svg' names no file.\n"
        "conflict (1)\n"
        "  one/css/base.css: hides two/css/base.css, which has other bytes\n"
        "left-out (1)\n"
        f"  {': '.join(FOUND[2][1:])}\n"
        "uncompressed (1)\n"
        f"  {': '.join(FOUND[5][1:])}\n"
        "11 files checked: 1 broken, 1 conflict, 1 left-out, 1 uncompressed.\n"
    )


def test_nothing_is_wrong(folder: Path) -> None:
    done = call(folder, "check", "static")
    assert done == Done(0, "2 files checked: nothing is wrong.\n", "")
    assert json.loads(call(folder, "check", "static", "--json").out) == {"files": 2, "problems": []}


def test_absolute_references(troubled: Path) -> None:
    """They are the application's where there is one, and broken where files are all there is."""
    (troubled / "two/only.txt").unlink()
    (troubled / "two/page.html").write_text('<img src="/gone.png"><link rel="prefetch" href="/about">')
    assert [place for _, place, _ in problems(call(troubled, "check", "two", "--json"))] == ["two/page.html:1:11"]
    assert problems(call(troubled, "check", "two", "--json", "--application", "a:b")) == []


def test_a_source_that_is_not_there(folder: Path) -> None:
    done = call(folder, "check", SERVESTATIC_SOURCES="static:nowhere")
    assert done.code == 2
    assert done.err == (
        "servestatic: the source 'nowhere', of the environment, is not a directory. Create it, or correct its name.\n"
    )


def test_a_sealed_build(folder: Path) -> None:
    call(folder, "build", "out", "static")
    assert call(folder, "check", "--build", "out") == Done(0, "out checked: nothing is wrong.\n", "")
    (folder / "out/b.svg").write_text("<SVG/>")
    done = call(folder, "check", "--build", "out", "--json")
    assert (done.code, problems(done)) == (1, [("damaged", "b.svg", "not the bytes that the build's document names")])
