"""The pages of the reference are current, and nothing is undocumented."""

from __future__ import annotations

from dataclasses import fields

import click
import pytest

from docs.generate.command_line import PAGES, REFERENCE, commands
from servestatic.settings.model import Settings


@pytest.mark.parametrize("page", PAGES)
def test_page_is_current(page: str) -> None:
    assert (REFERENCE / page).read_text("utf-8") == PAGES[page](), "run: python -m docs.generate.command_line"


@pytest.mark.parametrize(("name", "command"), [*commands()], ids=[name for name, _ in commands()])
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    section = (REFERENCE / "command-line.md").read_text("utf-8").split(f"\n## servestatic {name}")[1].split("\n## ")[0]
    assert command.help
    for each in command.params:
        if isinstance(each, click.Option):
            assert each.help, f"{name} {each.name} has no help"
            assert all(f"`{spelled}" in section for spelled in each.opts), each.opts
        else:
            assert (each.metavar or str(each.name).upper()) in section.splitlines()[0]


def test_every_setting_is_documented() -> None:
    text = (REFERENCE / "settings.md").read_text("utf-8")
    for each in fields(Settings):
        assert f"| `{each.name}`<br>" in text
        assert each.metadata["doc"].endswith((".", ";")), f"{each.name}: a sentence"


def test_every_command_takes_json() -> None:
    """But those that write nothing that a machine may read."""
    without = {name for name, command in commands() if not any("--json" in each.opts for each in command.params)}
    assert without == set()
