"""Settings: one dataclass, read from four origins by one rule.

The setting `max_age` is the keyword `max_age=`, the environment variable and the Django setting `SERVESTATIC_MAX_AGE`,
and `max-age` under `[tool.servestatic]` in the pyproject.toml of the working directory. In that order (keyword,
environment, Django, pyproject.toml) the first that has it wins.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

from servestatic.assets.policy import Cors
from servestatic.errors import SettingError, nearest
from servestatic.http.message import Fields

Compress: TypeAlias = Literal["background", "startup", "build"]
# Pairs of a pattern and its fields: what `{"*.pdf": {"X-Robots-Tag": "noindex"}}` becomes.
Headers: TypeAlias = tuple[tuple[str, Fields], ...]

VARIABLE = "SERVESTATIC_"  # what environment variables and Django settings begin with


def _setting(default: object, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, with its type, its default and a sentence that says what it does."""

    prefix: str = _setting("/static/", "URL path below which the files are served.")
    fingerprints: bool = _setting(True, "Whether URLs carry fingerprints and are immutable.")
    max_age: int = _setting(60, "Seconds for which browsers may reuse a URL without fingerprint; 0 means no-cache.")
    cors: Cors = _setting("all", "What pages of other origins may read: `all` files, `fonts` alone, or `off`.")
    strict: bool = _setting(False, "Whether broken references and unreadable sources are errors.")
    pages: bool = _setting(
        True, "Whether HTML files keep their plain names, are rewritten, and are always revalidated."
    )
    immutable: tuple[str, ...] = _setting(
        (),
        "Patterns of files that a bundler named by their content: they keep names and bytes, and are immutable.",
    )
    index_file: str = _setting("", "File that a URL ending with a slash serves, such as `index.html`; empty for none.")
    headers: Headers = _setting(
        (), 'Fields for the files that match a pattern: `{"*.pdf": {"X-Robots-Tag": "noindex"}}`.'
    )
    store: str = _setting(
        "", "Directory that keeps what took time to make; empty for the user's cache, `none` for none."
    )
    compress: Compress = _setting(
        "background", "When the best codings are made: in the `background`, at `startup`, or only in a sealed `build`."
    )
    live: bool = _setting(False, "Whether changes of the sources are followed, as development wants it.")
    build: str = _setting("", "Sealed build to serve instead of collecting; no source is looked at.")
    sources: tuple[str, ...] = _setting((), "Directories to collect where the program names none.")
    single_page: str = _setting(
        "", "Page that answers for paths without extension that name no file, such as `index.html`; standalone only."
    )
    application: str = _setting(
        "", "Application to wrap, as `module:attribute`; only for servestatic:app and its kind."
    )
    application_interface: Literal["", "asgi", "wsgi"] = _setting(
        "", "Interface of that application; by default that of the entry point."
    )


class Origin(NamedTuple):
    """Settings from one place: `values` by the names that the place uses, `spell` gives that name for a setting."""

    place: str
    values: Mapping[str, object]
    spell: Callable[[str], str]


class Resolved(NamedTuple):
    """Settings with the place that each value comes from, by field name."""

    settings: Settings
    origins: Mapping[str, str]


def resolve(*origins: Origin, defaults: Mapping[str, object] | None = None) -> Resolved:
    """Take each setting from the first origin that has it.

    Raises:
        SettingError: an origin has an unknown setting or a wrong value.
    """
    values: dict[str, object] = {}
    places: dict[str, str] = {}
    known = {each.name: each for each in fields(Settings)}
    for origin in origins:
        spelled = {origin.spell(name): name for name in known}
        for written, value in origin.values.items():
            if written not in spelled:
                raise SettingError(
                    f"{written} in {origin.place}: no such setting.{nearest(written, spelled)}"
                    " Correct the name or remove it."
                )
            name = spelled[written]
            if name not in values:
                values[name] = _convert(known[name], value, f"{written} in {origin.place}")
                places[name] = origin.place
    for name, value in (defaults or {}).items():
        values.setdefault(name, _convert(known[name], value, f"the default of {name}"))
    return Resolved(Settings(**values), places)  # type: ignore[arg-type] # converted by the fields' own types


# -------------------------------------------------------------------------------------------------- origins


def keywords(values: Mapping[str, object]) -> Origin:
    """Settings that a program passes."""
    return Origin("the keyword arguments", values, str)


def environment(variables: Mapping[str, str]) -> Origin:
    """Settings in environment variables."""
    return Origin("the environment", _prefixed(variables), _variable)


def django_settings(values: Mapping[str, object]) -> Origin:
    """Settings in a Django settings module."""
    return Origin("the Django settings", _prefixed(values), _variable)


def pyproject(directory: Path) -> Origin:
    """Settings under `[tool.servestatic]` of a directory's pyproject.toml, none where there is no such file.

    Raises:
        SettingError: the file is no TOML.
    """
    path = directory / "pyproject.toml"
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return Origin(str(path), {}, str)
    if "servestatic" not in text:  # most have nothing to say to us
        return Origin(str(path), {}, str)
    try:
        table = tomllib.loads(text).get("tool", {}).get("servestatic", {})
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path}: {error}. Correct the file.") from error
    return Origin(f"[tool.servestatic] of {path}", table, lambda name: name.replace("_", "-"))


def usual_origins(values: Mapping[str, object]) -> tuple[Origin, ...]:
    """Keyword arguments, the environment of the process and the pyproject.toml of its working directory."""
    return keywords(values), environment(os.environ), pyproject(Path())


def _variable(name: str) -> str:
    return VARIABLE + name.upper()


def _prefixed(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name.startswith(VARIABLE)}


# --------------------------------------------------------------------------------------------------- values

_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _convert(setting: "Field[Any]", value: object, place: str) -> object:
    kind = get_type_hints(Settings)[setting.name]
    convert = _convert_choice if get_origin(kind) is Literal else _CONVERTERS[kind]
    try:
        converted = convert(value, kind)
        return _CHECKS[setting.name](converted) if setting.name in _CHECKS else converted
    except ValueError as error:
        raise SettingError(f"{place} is {value!r}: expected {error}.") from None


def _convert_bool(value: object, _: object) -> bool:
    converted = _BOOLEANS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(converted, bool):
        raise ValueError("true or false")
    return converted


def _convert_int(value: object, _: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number, 0 or more")
    return value


def _convert_str(value: object, _: object) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise ValueError("a text")
    return os.fspath(value)


def _convert_texts(value: object, _: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part for part in value.split(os.pathsep) if part)
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"a list of texts, or one text with {os.pathsep!r} between them")
    return tuple(_convert_str(each, None) for each in value)


def _convert_choice(value: object, kind: object) -> object:
    choices = get_args(kind)
    if value not in choices:
        raise ValueError(f"one of {', '.join(repr(choice) for choice in choices)}")
    return value


_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")
# Those that the bytes and the request determine: another value would be a lie.
_DETERMINED = frozenset({
    "accept-ranges", "connection", "content-encoding", "content-length", "content-range", "date", "etag",
    "last-modified", "transfer-encoding", "vary",
})  # fmt: skip


def _convert_headers(value: object, _: object) -> Headers:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("a JSON object of patterns, each with an object of fields") from None
    if not isinstance(value, Mapping) or not all(isinstance(fields, Mapping) for fields in value.values()):
        raise ValueError("a mapping of patterns, each to a mapping of fields")
    return tuple(
        (str(pattern), tuple(_convert_field(*pair) for pair in fields.items())) for pattern, fields in value.items()
    )


def _convert_field(name: object, value: object) -> tuple[str, str]:
    if not (isinstance(name, str) and _FIELD_NAME.fullmatch(name)) or name.lower() in _DETERMINED:
        raise ValueError(f"no field {name!r}: it is no field name, or the file's bytes determine it")
    if not (isinstance(value, str) and _FIELD_VALUE.fullmatch(value)):
        raise ValueError(f"the value of {name} to be printable ASCII text, not {value!r}")
    return "-".join(part.capitalize() for part in name.split("-")), value


_CONVERTERS: dict[object, Callable[[object, object], object]] = {
    bool: _convert_bool,
    int: _convert_int,
    str: _convert_str,
    tuple[str, ...]: _convert_texts,
    Headers: _convert_headers,
}


def _check_prefix(value: Any) -> str:
    if not value.isprintable() or any(each in value for each in ("//", "?", "#", ":", "\\")):
        raise ValueError("a URL path such as '/static/', without scheme, host, query or fragment")
    stripped = value.strip("/")
    return f"/{stripped}/" if stripped else "/"


_CHECKS: dict[str, Callable[[Any], object]] = {"prefix": _check_prefix}
