"""Reading settings from their origins by one rule.

The setting `max_age` is the keyword `max_age=`, the environment variable and the Django setting `SERVESTATIC_MAX_AGE`,
and `max-age` under `[tool.servestatic]` in the pyproject.toml of the working directory. The first origin that has it
wins, in this order: keyword, environment, Django, pyproject.toml. The option `--max-age` of the command line comes
before all.
"""

import os
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from servestatic.disk.trust import read_bounded
from servestatic.errors import SettingError, nearest, page
from servestatic.settings.convert import check_prefix, convert
from servestatic.settings.model import Settings, list_settings

VARIABLE = "SERVESTATIC_"  # prefix of environment variables and Django settings
MAX_PYPROJECT = 16 * 1024 * 1024  # bytes


class Origin(NamedTuple):
    """Where settings come from: `values` by their names there; `spell` returns that name for a setting."""

    name: str
    values: Mapping[str, object]
    spell: Callable[[str], str]


class Resolved(NamedTuple):
    """Settings, and the names of the origins of their values, by field name."""

    settings: Settings
    origins: Mapping[str, str]


def resolve(*origins: Origin, defaults: Mapping[str, object] | None = None) -> Resolved:
    """Take each setting from the first origin that has it.

    Raises:
        SettingError: an origin has an unknown setting or a wrong value.
    """
    values: dict[str, object] = {}
    found: dict[str, str] = {}
    known = list_settings()
    for origin in origins:
        spelled = {origin.spell(name): name for name in known}
        for written, value in origin.values.items():
            if written not in spelled:
                close = nearest(written, spelled)
                see = "" if close else f" See {page('reference/settings')}"
                raise SettingError(
                    f"{written} in {origin.name}: no such setting.{close} Correct the name or remove it.{see}"
                )
            name = spelled[written]
            if name not in values:
                values[name] = _convert(name, value, f"{written} in {origin.name}")
                found[name] = origin.name
    for name, value in (defaults or {}).items():
        values.setdefault(name, _convert(name, value, f"the default of {name}"))
    return Resolved(Settings(**values), found)  # type: ignore[arg-type] # converted by the fields' own types


_CHECKS: dict[str, Callable[[Any], object]] = {
    "prefix": check_prefix,
    "index_file": lambda names: tuple(filter(None, names)),  # an empty option is the only way to write none there
}


def _convert(name: str, value: object, written: str) -> object:
    try:
        converted = convert(value, list_settings()[name].kind)
        return _CHECKS[name](converted) if name in _CHECKS else converted
    except ValueError as error:
        raise SettingError(f"{written} is {value!r}: expected {error}.") from None


def keywords(values: Mapping[str, object]) -> Origin:
    """Return the settings that a program passes."""
    return Origin("the keyword arguments", values, str)


def command_line(values: Mapping[str, object]) -> Origin:
    """Return the settings that the command line has, by the names of their options."""
    return Origin("the command line", values, option)


# What Kubernetes sets in each pod of a namespace with a Service that is called `servestatic` or `servestatic-…`.
_OF_SERVICES = r"SERVESTATIC_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_[A-Z]+(?:_[A-Z]+)?)"
_PORT = r"(?s)SERVESTATIC_(?:\w+_)?PORT=[a-z]+://.*"


def environment(variables: Mapping[str, str]) -> Origin:
    """Return the settings in environment variables."""
    ours = {name: value for name, value in _prefixed(variables).items() if not _is_of_service(name, value)}
    return Origin("the environment", ours, _variable)


def _is_of_service(name: str, value: object) -> bool:
    if "_PORT" not in name and "_SERVICE_" not in name:  # most processes need not compile the patterns
        return False
    return bool(re.fullmatch(_OF_SERVICES, name) or re.fullmatch(_PORT, f"{name}={value}"))


def django_settings(values: Mapping[str, object]) -> Origin:
    """Return the settings in a Django settings module."""
    return Origin("the Django settings", _prefixed(values), _variable)


def pyproject(directory: Path) -> Origin:
    """Return the settings under `[tool.servestatic]` in the pyproject.toml of a directory; none without such a file.

    Raises:
        SettingError: the file is not TOML, or what it has there is not a table.
    """
    path = directory / "pyproject.toml"
    try:
        text = read_bounded(str(path), MAX_PYPROJECT).decode()
    except (OSError, UnicodeDecodeError):
        return Origin(str(path), {}, str)
    try:
        table = _read_table(text)
    except (ValueError, RecursionError) as error:  # ValueError is also raised for a number of 5,000 digits
        raise SettingError(f"{path}: {error}. Correct the file.") from error
    if not isinstance(table, dict):
        raise SettingError(f"tool.servestatic in {path} is {table!r}: expected a table, [tool.servestatic].")
    return Origin(f"[tool.servestatic] of {path}", table, lambda name: name.replace("_", "-"))


# `[tool.servestatic]` in its forms, and lines after which it may be `servestatic` alone; many files name the package.
_MAY_HAVE_TABLE = r"""(?m)\btool\W+servestatic\b|^\s*(\[\s*)?(tool|"tool"|'tool')\s*[\]=]"""


@lru_cache(maxsize=1)  # parsing takes milliseconds, and Django's settings are read several times
def _read_table(text: str) -> Any:
    if "servestatic" not in text or not re.search(_MAY_HAVE_TABLE, text):
        return {}
    import tomllib  # importing it takes longer than reading all settings

    tool = tomllib.loads(text).get("tool")
    return tool.get("servestatic", {}) if isinstance(tool, dict) else {}


def usual_origins(values: Mapping[str, object]) -> tuple[Origin, ...]:
    """Return keywords, the environment of the process, and the pyproject.toml of its working directory."""
    return keywords(values), environment(os.environ), pyproject(Path())


def option(name: str) -> str:
    """Return the name of a setting as an option of the command line."""
    return f"--{name.replace('_', '-')}"


def _variable(name: str) -> str:
    return VARIABLE + name.upper()


def _prefixed(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name.startswith(VARIABLE)}
