"""Options of the commands, one for each field of `Settings`; the environment and pyproject.toml supply the rest.

The commands use the defaults of `servestatic serve`: without an application in the settings, the prefix is `/`
(`/static/` with the setting `root`), and index files, clean URLs and 404.html are on.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin

import click

from servestatic.errors import SettingError
from servestatic.releases.retain import read_age
from servestatic.settings.convert import Age, Headers, Patterns
from servestatic.settings.groups import GROUPS
from servestatic.settings.model import Setting, Settings, list_settings
from servestatic.settings.origins import command_line, environment, option, pyproject
from servestatic.standalone.conventions import find_sources, resolve_alone

_Command = TypeVar("_Command", bound=Callable[..., Any])
_SETTINGS = "Each of these settings may also be SERVESTATIC_… in the environment, or stand in pyproject.toml."
_METAVARS_BY_NAME = {
    "index_file": "FILE",
    "manifests": "FILE",
    "prefix": "PATH",
    "application": "MODULE:ATTRIBUTE",
    "store": "DIR",
    "releases": "PLACE",
    "build": "DIR",
    "root": "DIR",
    "single_page": "PAGE",
    "not_found": "PAGE",
}
_METAVARS: dict[object, str] = {Age: "N", Patterns: "PATTERN", tuple[str, ...]: "PATTERN", Headers: "JSON"}


class _Directory(click.Path):
    """An existing directory. Where a command has another argument before it, the two may be swapped."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or fail with a suggestion: click demands a method for this."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            first = _first_argument(ctx) if ctx else ""
            if not ctx or not os.path.isdir(first):
                raise
            meant = f"{error.message} Did you mean `servestatic {ctx.info_name} {value} {first}`?"
            raise click.BadParameter(meant, ctx, param) from None


class Duration(click.ParamType[float]):
    """A length of time, such as `7d`: click demands a class for this."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds."""
        if isinstance(value, float):
            return value
        try:
            return read_age(str(value))
        except SettingError as error:
            self.fail(str(error))


def _first_argument(ctx: click.Context) -> str:
    """Return what was given for the first argument of a command; empty if that is the present one."""
    arguments = (parameter.name for parameter in ctx.command.params if isinstance(parameter, click.Argument))
    return str(ctx.params.get(next(arguments, None) or "", ""))


directories = click.argument("sources", nargs=-1, metavar="[DIR]...", type=_Directory(exists=True, file_okay=False))
as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


class Given(NamedTuple):
    """The settings and sources of a command, and the origin of each setting."""

    settings: Settings
    sources: tuple[str, ...]
    origins: Mapping[str, str]


class SettingsCommand(click.Command):
    """A command whose help lists the settings by group, after its own options: click demands a class for this."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each group that has options."""
        group_of = {name: group for group, names in GROUPS.items() for name in names}
        parts: dict[str, list[tuple[str, str]]] = {"Options": [], **{group: [] for group in GROUPS}}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                parts[group_of.get(parameter.name or "", "Options")].append(record)
        own = parts.pop("Options")
        with formatter.section("Options"):
            formatter.write_dl(own)
        if any(parts.values()):
            formatter.write_paragraph()
            formatter.write_text(_SETTINGS)
        for title, records in parts.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def settings_as_options(*without: str, also: Mapping[str, str] | None = None) -> Callable[[_Command], _Command]:
    """Add an option for each setting except `sources` and those named; `also` maps settings to second names."""

    def decorate(command: _Command) -> _Command:
        for name, setting in reversed(list_settings().items()):
            if name not in ("sources", *without):
                command = _option(name, setting, (also or {}).get(name, ""))(command)
        return command

    return decorate


def _option(name: str, setting: Setting, second: str) -> Callable[[_Command], _Command]:
    kind = setting.kind
    names = [*filter(None, (second, option(name)))]
    if kind is bool:
        flags = [f"{flag}/--no-{flag.removeprefix('--')}" for flag in names]
        return click.option(*flags, name, default=None, help=setting.doc)
    metavar = _METAVARS_BY_NAME.get(name) or _METAVARS.get(kind, "TEXT")
    if get_origin(kind) is Literal:
        metavar = f"[{'|'.join(filter(None, get_args(kind)))}]"
    several = kind in (tuple[str, ...], Patterns)
    return click.option(*names, name, metavar=metavar, multiple=several, help=setting.doc)


def read_options(values: Mapping[str, object]) -> tuple[Settings, Mapping[str, str]]:
    """Resolve the settings, options first, and return them with the origin of each.

    Raises:
        SettingError: a setting is wrong.
    """
    typed = {option(name): value for name, value in values.items() if value is not None and value != ()}
    return resolve_alone((command_line(typed), environment(os.environ), pyproject(Path())))


def read_given(sources: tuple[str, ...], values: Mapping[str, object]) -> Given:
    """Resolve settings and sources: the directories that were named, else those of the settings, else the usual one.

    Raises:
        SettingError: a setting is wrong, or no source is named or found.
    """
    settings, origins = read_options(values)
    if not sources and not settings.build:
        sources = settings.sources or find_sources(Path(), settings, _say_remedy())
    for source in sources:
        if not os.path.isdir(source):
            origin = f", of {origins['sources']}," if "sources" in origins else ""
            raise SettingError(f"the source {source!r}{origin} is not a directory. Create it, or correct its name.")
        if not os.access(source, os.R_OK | os.X_OK):
            raise SettingError(f"the directory {source!r} cannot be read: permission denied.")
    if sources and not settings.root and not any(map(os.listdir, sources)):
        raise SettingError(f"there is no file to serve in {', '.join(map(repr, sources))}.")
    return Given(settings, sources, origins)


def _say_remedy() -> str:
    """Return what to do if no usual directory exists."""
    where = ", or in a Django project use manage.py servestatic_build" if os.path.isfile("manage.py") else ""
    return f"Name the directories after the command{where}"
