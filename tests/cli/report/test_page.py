"""The page is one file that loads nothing, and no name of a file can change what it is."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servestatic.cli.report.comparison import Change, Comparison
from servestatic.cli.report.data import KINDS, Copies, Library, Note, Report, Weight
from servestatic.cli.report.html import dump, write_page
from servestatic.cli.report.page import Loaded, Page
from servestatic.cli.report.sections import SECTIONS
from tests.support.command import call
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "<img src=x onerror=alert(1)>.js",
    "</script><script>alert(1)</script>.js",
    '"onmouseover="alert(1)" x=\'.css',
    "a&amp;b.svg",
    "<!--.json",
    "]]>.svg",
    "${release}$title{{x}}.txt",
    "\u202egnp.js",
    "\u2028.js",
]


class Read(NamedTuple):
    """What a page consists of: its start tags with their attributes, and the texts of its scripts."""

    tags: list[tuple[str, tuple[str, ...]]]
    values: list[str]
    scripts: list[str]
    text: str


def parse(page: str) -> Read:
    read = Read([], [], [], "")
    texts: list[str] = []
    inside: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            read.tags.append((tag, tuple(name for name, _ in attrs)))
            read.values.extend(value or "" for _, value in attrs)
            inside[:] = [tag]

        def handle_endtag(self, tag: str) -> None:
            inside.clear()

        def handle_data(self, data: str) -> None:
            if inside == ["script"]:
                read.scripts.append(data)
            elif inside != ["style"]:
                texts.append(data)

    parser = Parser()
    parser.feed(page)
    parser.close()
    return read._replace(text="\n".join(texts))


def make(text: str, kind: str = "script") -> Report:
    """Return a report in which every text is this one, or begins with it, so that equal texts stay equal."""
    file = Weight(text, text, text, kind, 9000, 3000, "br", b"1")
    other = file._replace(path=f"{text}2", source=f"{text}2")
    note = Note(text, text)
    page = Page(
        text,
        (Loaded(text, 0, ()), Loaded(f"{text}2", 1, (0,)), Loaded("a/third.js", 2, (1,))),
        (text,),
        9,
        3,
        (1, 2, 3),
    )
    changes = (Change(text, "changed", 1, 2, 1), Change(text, "removed", 1, 0, 0))
    return Report(
        "0" * 16,
        "/",
        [text],
        [file, other],
        uncompressed=[note],
        copies=[Copies([file, other])],
        libraries=[Library(text, [(file, text), (other, f"{text}2")])],
        hidden=[note],
        broken=[note],
        left_out=[note],
        page=page,
        comparison=Comparison("1" * 16, "0" * 16, 3, 4, changes),
    )


def structure(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return sorted(parse(write_page(make(text))).tags)


@given(st.text(st.characters(exclude_characters="/", codec="utf-8"), min_size=1, max_size=30))
def test_no_text_is_markup(text: str) -> None:
    assert structure(text) == structure("x" * len(text))


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner)))
def test_no_data_ends_its_element(document: object) -> None:
    written = dump(document)
    assert json.loads(written) == document
    assert not re.search("[<>&\u2028\u2029]", written)


@pytest.fixture(params=["sources", "build"])
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The page of files whose names want to be markup."""
    files: dict[str, str | bytes] = {name: "let a = 1;\n" * 600 + name for name in HOSTILE}
    links = "".join(
        f'<link rel="preload" href="{name.replace(chr(34), "&quot;")}">' for name in HOSTILE if "?" not in name
    )
    files["index.html"] = f'{links}<script src="</style><script>alert(1)</script>.js"></script>'
    write(tmp_path / "static", files | {f"copy/{HOSTILE[0]}": files[HOSTILE[0]]})
    given = ["static"]
    if request.param == "build":
        assert call(tmp_path, "build", "out", "static").code == 0
        given = ["--build", "out"]
    done = call(tmp_path, "report", *given, "--page", "/", "--html", "report.html")
    assert done.code == 0, done.err
    return (tmp_path / "report.html").read_text("utf-8")


def test_hostile_names(hostile: str) -> None:
    read = parse(hostile)
    assert [tag for tag, _ in read.tags if tag == "script"] == ["script", "script"]
    assert not [name for _, names in read.tags for name in names if name.startswith("on") or name == "style"]
    assert not {"img", "iframe", "object", "base", "form", "a"} & {tag for tag, _ in read.tags}
    for name in HOSTILE:
        if "/" not in name:
            assert json.dumps(name, ensure_ascii=False)[1:-1] in json.dumps(
                json.loads(read.scripts[0]), ensure_ascii=False
            )
            assert name in read.text


def test_only_its_own_script_may_run(hostile: str) -> None:
    policy = next(value for value in parse(hostile).values if value.startswith("default-src"))
    style = hostile.partition("<style>")[2].partition("</style>")[0]
    script = hostile.rpartition("<script>")[2].partition("</script>")[0]
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'"
    )


def test_it_loads_nothing(hostile: str) -> None:
    read = parse(hostile)
    loading = {"src", "srcset", "poster", "data", "action", "xlink:href"}
    assert not [tag for tag in read.tags if loading & {*tag[1]}]
    links = [value for value in read.values if re.match(r"[a-z]+:", value)]
    assert [value.partition(",")[0] for value in links] == ["data:image/svg+xml"]
    assert "@import" not in hostile
    assert not re.search(r"\burl\(", hostile.partition("<style>")[2].partition("</style>")[0])


def test_every_section_is_shown_or_said_to_be_fine() -> None:
    page = write_page(make("x.js"))
    for section in SECTIONS:
        assert f'id="{section.name}"' in page
        assert not section.fine or section.fine not in page.lower()
    fine = write_page(Report("0" * 16, "/", ["static"], [Weight("a.js", "/a.js", "static", "script", 9, 9, "", b"")]))
    for section in SECTIONS:
        assert (f'id="{section.name}"' in fine) == (section.name == "largest")
        assert section.fine in fine.lower()


def test_nothing_at_all() -> None:
    assert "0 B" in write_page(Report("0" * 16, "/", ["static"], []))


def test_twenty_thousand_files() -> None:
    files = [
        Weight(
            f"package-{n % 60}/dist/{n % 7}/module-{n}.js",
            "/",
            "s",
            KINDS[n % 9],
            n * 37 % 90_000,
            n % 20_000,
            "br",
            b"",
        )
        for n in range(20_000)
    ]
    page = write_page(Report("0" * 16, "/", ["static"], files))
    assert len(page.encode()) < 5_000_000
    assert page.count("<rect") < 5_000, "what the browser draws before the script runs"


def test_kinds_have_colours() -> None:
    page = write_page(make("x"))
    for kind in (*KINDS, "rest"):
        assert f"svg .k-{kind}" in page
        assert f".swatch.k-{kind}" in page
