"""`servestatic settings`: shows the value of every setting and its origin."""

import click

from servestatic.cli.options import SettingsCommand, as_json, read_options
from servestatic.cli.output import TableColumn, say, say_json, say_table
from servestatic.settings.model import Settings


@click.command(cls=SettingsCommand)
@as_json
def settings(*, as_json: bool) -> None:
    """Show each setting, its value, and where it comes from.

    A Django settings module is not read: no code of a project is run.
    """
    found, origins = read_options({})
    usual = Settings()
    shown = {
        name: origins.get(name)
        or ("default" if getattr(found, name) == getattr(usual, name) else "default without an application")
        for name in Settings._fields
    }
    if as_json:
        say_json({name: {"value": value, "origin": shown[name]} for name, value in found._asdict().items()})
        return
    rows = [(name, _write(getattr(found, name)), shown[name]) for name in Settings._fields]
    say_table((TableColumn("setting"), TableColumn("value"), TableColumn("from", below=True)), rows)
    say()
    say("Set one as SERVESTATIC_NAME, in [tool.servestatic] of pyproject.toml, or as an option of a command.", indent=0)


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    return "none" if value is None else str(value) or "–"
