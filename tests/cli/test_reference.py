"""The pages of the reference are current, and nothing is undocumented."""

from __future__ import annotations

import re

import click
import pytest

from docs.generate.command_line import PAGE, commands, render_commands
from servestatic.cli.serve import serve
from servestatic.settings.groups import GROUPS
from servestatic.settings.model import list_settings
from servestatic.settings.origins import option


def test_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == render_commands(), "run: python -m docs.generate.command_line"


@pytest.mark.parametrize(("name", "command"), [*commands()], ids=[name for name, _ in commands()])
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    section = PAGE.read_text("utf-8").split(f"\n## servestatic {name}")[1].split("\n## ")[0]
    assert command.help
    for each in command.params:
        if isinstance(each, click.Option):
            assert each.help, f"{name} {each.name} has no help"
            assert all(f"`{spelled}" in section for spelled in each.opts), each.opts
        else:
            assert (each.metavar or str(each.name).upper()) in section.splitlines()[0]


def test_every_setting_is_a_sentence() -> None:
    for name, setting in list_settings().items():
        assert setting.doc.endswith("."), name


def test_the_help_lists_settings_by_group() -> None:
    text = serve.get_help(click.Context(serve, info_name="serve", terminal_width=200))
    lists = dict(re.findall(r"^([A-Z][^\n]*):\n((?:  .*\n?)+)", text, re.MULTILINE))
    assert list(lists) == ["Options", *GROUPS]
    for title, names in GROUPS.items():
        assert {option(name) for name in names if name != "sources"} <= set(re.findall(r"--[\w-]+", lists[title])), (
            title
        )


def test_every_command_takes_json() -> None:
    """But those that write nothing that a machine may read."""
    without = {name for name, command in commands() if not any("--json" in each.opts for each in command.params)}
    assert without == set()
