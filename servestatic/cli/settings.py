"""`servestatic settings`: what every setting is, and who said so."""

from dataclasses import asdict, fields

import click

from servestatic.cli.options import SettingsCommand, as_json, read_options
from servestatic.cli.output import TableColumn, say, say_json, say_table
from servestatic.settings.model import Settings


@click.command(cls=SettingsCommand)
@as_json
def settings(*, as_json: bool) -> None:
    """Show each setting, its value, and where it comes from.

    Those of a Django settings module are not among them: no code of a project is run.
    """
    found, origins = read_options({})
    usual = Settings()
    places = {
        each.name: origins.get(each.name)
        or ("default" if getattr(found, each.name) == getattr(usual, each.name) else "default without an application")
        for each in fields(Settings)
    }
    if as_json:
        say_json({name: {"value": value, "origin": places[name]} for name, value in asdict(found).items()})
        return
    rows = [(each.name, _write(getattr(found, each.name)), places[each.name]) for each in fields(Settings)]
    say_table((TableColumn("setting"), TableColumn("value"), TableColumn("from", below=True)), rows)
    say()
    say("Set one as SERVESTATIC_NAME, in [tool.servestatic] of pyproject.toml, or as an option of a command.", indent=0)


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value) or "–"
