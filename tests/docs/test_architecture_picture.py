"""The picture of the architecture names every folder of the package, with the question of the page's table."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import servestatic
from docs.generate.architecture import BANDS, PAGE, PICTURE, Band, Box, describe, lay_out, place_box, render

PACKAGE = Path(servestatic.__file__).parent
PAGE_TEXT = PAGE.read_text("utf-8")
TABLE = PAGE_TEXT.partition("## The folders")[2].partition("\n## ")[0]
BOXES = [box for band in BANDS for box in band.boxes]
PLACED = [
    (band, box, sum(each.span for each in band.boxes[:number]))
    for band in BANDS
    for number, box in enumerate(band.boxes)
]
LINES = 4  # that a box has room for


def words(element: ElementTree.Element) -> str:
    return " ".join(text for each in element.iter() if (text := (each.text or "").strip()))


def test_it_is_current() -> None:
    assert PICTURE.read_text("utf-8") == render(), "run: python -m docs.generate.architecture"


def test_it_names_every_folder() -> None:
    folders = {f"{each.name}/" for each in PACKAGE.iterdir() if (each / "__init__.py").exists()}
    assert {box.name for box in BOXES if box.name.endswith("/")} == folders
    picture = ElementTree.fromstring(render())
    assert all(folder in words(picture) for folder in folders)
    assert "prefers-color-scheme: dark" in words(picture)


@pytest.mark.parametrize("box", [box for box in BOXES if box.name.endswith("/")], ids=lambda box: box.name)
def test_questions_are_those_of_the_table(box: Box) -> None:
    row = re.search(rf"^\| `{box.name}`[^|]*\| ([^|]*) \| ([^|]*) \|$", TABLE, re.MULTILINE)
    assert row
    assert row[1].replace("`", "") == box.question
    assert ("pure" in row[2]) == box.pure


@pytest.mark.parametrize(("band", "box", "column"), PLACED, ids=lambda each: getattr(each, "name", ""))
def test_texts_have_room(band: Band, box: Box, column: int) -> None:
    left, width = place_box(band, column, box.span)
    assert left + width < 968
    assert 1 <= len(lay_out(box, width)) <= LINES


def test_what_it_names_exists() -> None:
    for box in BOXES:
        for folder in re.findall(r"[\w/]+/", box.parts):
            assert (PACKAGE / box.name / folder).is_dir(), folder
        for name in ("asgi", "wsgi", "rsgi", "factory"):
            assert (PACKAGE / f"{name}.py").is_file()


def test_the_page_shows_it_with_its_text() -> None:
    shown = re.findall(r"!\[([^]]*)\]\(\.\./_static/architecture\.svg\)", PAGE_TEXT)
    assert shown == [describe()] == [ElementTree.fromstring(render()).get("aria-label")]
