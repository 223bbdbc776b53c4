"""The nearest name: written as the reference is, nothing where nothing is near, and few names of many are compared."""

from __future__ import annotations

import logging
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import servestatic
from servestatic.assets import suggest as suggestions
from servestatic.assets.references import resolve
from servestatic.assets.suggest import MAX_ANSWERS, Suggestions, spell
from servestatic.disk.read import Reading, read_file
from servestatic.errors import UnknownAsset
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    "css/app.css",
    "css/a.css",
    "img/rose.svg",
    "img/logo.png",
    "js/vendor/lit.js",
    "js/Main.js",
    "b/c/d/e/deep.js",
)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("css/ap.css", "css/app.css"),
        ("css/apq.css", ""),
        ("css/b.css", ""),
        ("img/roze.svg", "img/rose.svg"),
        ("img/rsoe.svg", "img/rose.svg"),
        ("img/rose.png", "img/rose.svg"),
        ("img/logo.js", ""),
        ("css/app.js", ""),
        ("images/rose.svg", "img/rose.svg"),
        ("rose.svg", "img/rose.svg"),
        ("css/img/rose.svg", "img/rose.svg"),
        ("images/roze.svg", ""),
        ("js/main.js", "js/Main.js"),
        ("deep.js", ""),
        ("nothing/at/all.css", ""),
    ],
)
def test_near(wrong: str, near: str) -> None:
    assert Suggestions(NAMES).near(wrong) == near
    assert Suggestions([f"/{name}" for name in NAMES]).near(f"/{wrong}") == (f"/{near}" if near else "")


@pytest.mark.parametrize(
    ("written", "target", "base", "spelled"),
    [
        ("../img/roze.svg", "/img/rose.svg", "/css/app.css", "../img/rose.svg"),
        ("/static/img/roze.svg", "/static/img/rose.svg", "/static/css/app.css", "/static/img/rose.svg"),
        ("roze.svg?v=1#x", "/css/rose.svg", "/css/app.css", "rose.svg?v=1#x"),
        ("./lot.js", "/js/lit.js", "/js/app.js", "./lit.js"),
        ("../js/lot.js", "/js/lit.js", "/js/app.js", "./lit.js"),
        ("roze.svg", "/a b/r%(1).svg", "/app.css", "a%20b/r%25%281%29.svg"),
        ("rouse.svg", "/öse.svg", "/app.css", "öse.svg"),
    ],
)
def test_spelled_as_written(written: str, target: str, base: str, spelled: str) -> None:
    assert spell(target, written, base) == spelled
    assert resolve(spelled, base) == target


PATHS = st.lists(st.text("ab .%#?é\udcff", min_size=1).filter(lambda part: part.strip(".")), min_size=1).map(
    lambda parts: "/" + "/".join(parts)
)


@given(PATHS, PATHS, st.sampled_from(["a", "./a", "../a", "/a"]))
def test_what_is_spelled_leads_to_the_file(target: str, base: str, written: str) -> None:
    assert resolve(spell(target, written, base), base) == resolve(spell(target, "/", base), base)
    assert spell(target, written, base).startswith("/") == written.startswith("/")


def count_comparisons(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made: list[Any] = []

    def count(*arguments: Any) -> Any:
        made.append(arguments)
        return SequenceMatcher(*arguments)

    monkeypatch.setattr(suggestions, "SequenceMatcher", count)
    return made


@pytest.mark.parametrize("pattern", ["icons/icon-{:05}.svg", "{:05}/index.svg", "icons/{:05}-icon.svg"])
def test_few_of_many_names_are_compared(monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    made = count_comparisons(monkeypatch)
    names = Suggestions(frozenset(map(pattern.format, range(0, 20_000, 2))))
    assert names.near(pattern.format(777).replace("svg", "svgz")) == ""
    assert names.near(pattern.format(1234).replace("i", "j", 1))
    assert len(made) <= 3 * 64


def test_a_report_with_many_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Suggestions(frozenset(f"icons/icon-{number:05}.svg" for number in range(2000)))
    made = count_comparisons(monkeypatch)
    assert names.near("icons/icno-00001.svg") == "icons/icon-00001.svg"
    for number in range(2 * MAX_ANSWERS):
        names.near(f"icons/x-{number}.svg")
    assert len(made) <= MAX_ANSWERS * 130
    assert names.is_spent
    assert names.near("icons/icno-00001.svg") == "icons/icon-00001.svg"
    assert names.near("icons/icno-00002.svg") == ""


def test_unknown_names_of_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = servestatic.collect(write(tmp_path, {f"icons/icon-{number:05}.svg": "" for number in range(500)}))
    made = count_comparisons(monkeypatch)
    for _ in range(3):
        with pytest.raises(UnknownAsset, match=r"Did you mean 'icons/icon-00007\.svg'\?"):
            index.url("icons/icon-0007.svg")
    assert len(made) <= 70  # and the same name again costs nothing


# ------------------------------------------------------------------------------------------------------ reports


FILES = {
    "css/app.css": "a{b:url(../img/roze.svg)}c{d:url(/static/img/roze.svg)}e{f:url(../img/nothing-like-it.svg)}",
    "img/rose.svg": "",
    "node_modules/one/index.css": "a{b:url(img/sprite.png)}c{d:url(gone.png)}",
    "node_modules/one/images/sprite.png": "",
    "node_modules/two/gone.png": "",
    "gone.png": "",
}


def test_broken_references_are_suggested_as_they_are_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a package lacks is never to be found in another package, or among the project's files."""
    servestatic.collect(write(tmp_path, FILES))
    (warning,) = (record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)
    assert {line.split(": ", 1)[1] for line in warning.splitlines()[1:]} == {
        "'../img/roze.svg' names no file. Did you mean '../img/rose.svg'?",
        "'/static/img/roze.svg' names no file. Did you mean '/static/img/rose.svg'?",
        "'../img/nothing-like-it.svg' names no file.",
        "'img/sprite.png' names no file. Did you mean 'images/sprite.png'?",
        "'gone.png' names no file.",
    }


ASIDE = '<img src="a.png"><script src="b.js"></script>'


@pytest.mark.parametrize(
    ("name", "level"),
    [
        *((f"node_modules/lit/{folder}/index.html", logging.DEBUG) for folder in ("test", "tests", "docs", "demo")),
        ("node_modules/@a/b/examples/x/page.htm", logging.DEBUG),
        ("node_modules/lit/_layouts/default.html", logging.DEBUG),
        ("node_modules/lit/index.html", logging.WARNING),
        ("node_modules/docs/index.html", logging.WARNING),
        ("docs/index.html", logging.WARNING),
    ],
)
def test_pages_of_packages_for_their_developers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, level: int
) -> None:
    with caplog.at_level(logging.DEBUG):
        servestatic.collect(write(tmp_path, {name: ASIDE}), strict=level == logging.DEBUG)
    (said,) = (record for record in caplog.records if "broken references" in record.getMessage())
    assert (said.levelno, said.getMessage().count("names no file")) == (level, 2)


def test_pages_of_installed_python_packages(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    static = "lib/python3.13/site-packages/shop/static"
    write(tmp_path, {f"{static}/shop/docs/index.html": ASIDE, f"{static}/shop/index.html": ASIDE})
    servestatic.collect(tmp_path / static)
    (warning,) = (record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)
    assert "docs" not in warning
    assert "shop/index.html:1:11" in warning


def test_places_of_many_broken_references(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each has its own line and column, and the file is read once for all of them."""
    text = "a{b:url(x.png)}\n\n  c{d:url(y.png)}e{f:url(z.png)}"
    write(tmp_path, {"a.css": text, "b.css": "a{b:url(x.png)}"})
    read: list[str] = []

    def note(path: str) -> Reading:
        read.append(path)
        return read_file(path)

    monkeypatch.setattr("servestatic.pipeline.findings.read_file", note)
    servestatic.collect(tmp_path)
    places = [line.split(": ")[0].strip().removeprefix(f"{tmp_path}/") for line in caplog.messages[0].splitlines()[1:]]
    assert places == ["a.css:1:9", "a.css:3:11", "a.css:3:26", "b.css:1:9"]
    assert read == [f"{tmp_path}/a.css", f"{tmp_path}/b.css"]
