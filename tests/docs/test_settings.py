"""The page of the settings: current, complete, and every example is accepted in every way that it is written."""

from __future__ import annotations

import re
import shlex
import tomllib
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

from docs.generate.settings import API, ENTRIES, IGNORED_BY_DJANGO, PAGE, render, render_keywords
from servestatic.cli.serve import serve
from servestatic.django.checks.values import _WITHOUT_EFFECT
from servestatic.settings.groups import GROUPS
from servestatic.settings.keywords import SettingsDict
from servestatic.settings.model import Settings
from servestatic.settings.origins import Origin, command_line, django_settings, environment, keywords, option, resolve
from tests.acceptance.release.agreement import read_changelog
from tests.support.pages import ROOT, anchors

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [*Settings._fields]
SECTIONS = {
    section.partition("\n")[0]: section for section in re.split(r"^##+ ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
}


def rows(name: str) -> dict[str, str]:
    """Return the table of a setting."""
    found = re.findall(r"^\| ([\w. ]+) \| (.*) \|$", SECTIONS[name], re.MULTILINE)
    return {what: text.strip("`") for what, text in found}


def parse_options(text: str) -> dict[str, Any]:
    given = dict(serve.make_context("serve", shlex.split(text), resilient_parsing=True).params)
    if text.startswith("servestatic serve "):
        given["sources"] = tuple(shlex.split(text)[2:])
    return {option(name): value for name, value in given.items() if name in NAMES and value not in (None, ())}


def origins(name: str) -> Iterator[Origin]:
    """Yield the example of a setting, as each of its rows has it."""
    text = rows(name)
    _, _, in_environment = text["environment"].partition("=")
    yield environment({f"SERVESTATIC_{name.upper()}": in_environment})
    yield Origin("toml", tomllib.loads(text["pyproject.toml"]), lambda name: name.replace("_", "-"))
    yield command_line(parse_options(text["command"]))
    if "keyword" in text:
        yield keywords(eval(f"dict({text['keyword']})"))
    if "Django" in text:
        names: dict[str, object] = {}
        exec(text["Django"], names)
        yield django_settings(names)


@pytest.mark.parametrize("name", NAMES)
def test_every_way_gives_the_same(name: str) -> None:
    found = [getattr(resolve(origin).settings, name) for origin in origins(name)]
    assert len(found) >= 3
    assert found == found[:1] * len(found)
    assert (found[0] == getattr(Settings(), name)) is False, "an example shows a change"


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_an_anchor(name: str) -> None:
    assert name in anchors(PAGE)
    assert rows(name).keys() >= {"type", "default", "since", "environment", "pyproject.toml", "command"}


def test_every_setting_is_in_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(NAMES)
    assert ENTRIES.keys() == set(NAMES)


def test_every_version_exists() -> None:
    """A setting came with a release that the changelog has, or comes with the next."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    known = {section.name for section in read_changelog((ROOT / "CHANGELOG.md").read_text("utf-8"))} | {version}
    assert {entry.since for entry in ENTRIES.values()} <= known


def test_settings_that_django_decides_have_no_row_for_it() -> None:
    assert set(_WITHOUT_EFFECT) == IGNORED_BY_DJANGO
    assert {name for name in NAMES if "Django" not in rows(name)} == IGNORED_BY_DJANGO


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == render(), "run: python -m docs.generate.settings"


def test_the_table_of_keywords_is_current_and_complete() -> None:
    text = API.read_text("utf-8")
    assert text == render_keywords(text), "run: python -m docs.generate.settings"
    assert set(re.findall(r"^\| \[`(\w+)`\]\(settings\.md#\1\)", text, re.MULTILINE)) == set(
        get_type_hints(SettingsDict)
    )
