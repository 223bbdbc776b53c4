"""Settings: one dataclass, read from four origins by one rule.

The setting `max_age` is the keyword `max_age=`, the environment variable and the Django setting `SERVESTATIC_MAX_AGE`,
and `max-age` under `[tool.servestatic]` in the pyproject.toml of the working directory. In that order (keyword,
environment, Django, pyproject.toml) the first that has it wins. The command line has it as `--max-age`, before all.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, get_type_hints

from servestatic.assets.patterns import compile_patterns
from servestatic.assets.policy import Cors, Policy, Rule
from servestatic.disk.trust import read_bounded
from servestatic.errors import SettingError, nearest
from servestatic.settings.convert import Headers, check_prefix, convert

Compress: TypeAlias = Literal["background", "startup", "build"]

VARIABLE = "SERVESTATIC_"  # what environment variables and Django settings begin with
MAX_PYPROJECT = 16 * 1024 * 1024  # bytes


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
    manifests: tuple[str, ...] = _setting(
        (),
        "Manifests of bundlers, such as `dist/.vite/manifest.json`: files that one names are immutable, too, and the"
        " names of its entries lead to them.",
    )
    index_file: str = _setting("", "File that a URL ending with a slash serves, such as `index.html`; empty for none.")
    clean_urls: bool = _setting(False, "Whether `/about` serves about.html, and `/about/` leads there.")
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
    not_found: str = _setting(
        "", "Page to answer with where nothing is found, such as `404.html`, with status 404; standalone only."
    )
    follow_symlinks: bool = _setting(
        False,
        "Whether links in the sources may lead anywhere; by default, one that leads out of all sources is left out.",
    )
    application: str = _setting(
        "", "Application to wrap, as `module:attribute`; only for servestatic:app and its kind."
    )
    application_interface: Literal["", "asgi", "wsgi"] = _setting(
        "", "Interface of that application; it is recognised where nothing is set."
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


_CHECKS: dict[str, Callable[[Any], object]] = {"prefix": check_prefix}


def _convert(setting: "Field[Any]", value: object, place: str) -> object:
    try:
        converted = convert(value, get_type_hints(Settings)[setting.name])
        return _CHECKS[setting.name](converted) if setting.name in _CHECKS else converted
    except ValueError as error:
        raise SettingError(f"{place} is {value!r}: expected {error}.") from None


# -------------------------------------------------------------------------------------------------- origins


def keywords(values: Mapping[str, object]) -> Origin:
    """Settings that a program passes."""
    return Origin("the keyword arguments", values, str)


def command_line(values: Mapping[str, object]) -> Origin:
    """Settings that somebody typed, by the names of their options."""
    return Origin("the command line", values, option)


# What Kubernetes puts into each pod of a namespace for a Service called `servestatic`, or `servestatic-` and more.
_OF_SERVICES = re.compile(r"SERVESTATIC_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_[A-Z]+(?:_[A-Z]+)?)")
_PORT = re.compile(r"SERVESTATIC_(?:\w+_)?PORT=[a-z]+://.*", re.DOTALL)


def environment(variables: Mapping[str, str]) -> Origin:
    """Settings in environment variables."""
    ours = {
        name: value
        for name, value in _prefixed(variables).items()
        if not (_OF_SERVICES.fullmatch(name) or _PORT.fullmatch(f"{name}={value}"))
    }
    return Origin("the environment", ours, _variable)


def django_settings(values: Mapping[str, object]) -> Origin:
    """Settings in a Django settings module."""
    return Origin("the Django settings", _prefixed(values), _variable)


def pyproject(directory: Path) -> Origin:
    """Settings under `[tool.servestatic]` of a directory's pyproject.toml, none where there is no such file.

    Raises:
        SettingError: the file is not TOML, or has something else there than a table.
    """
    path = directory / "pyproject.toml"
    try:
        text = read_bounded(str(path), MAX_PYPROJECT).decode()
    except (OSError, UnicodeDecodeError):
        return Origin(str(path), {}, str)
    if "servestatic" not in text:  # most have nothing to say to us
        return Origin(str(path), {}, str)
    import tomllib  # takes longer to import than all settings take to read

    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise SettingError(f"{path}: {error}. Correct the file.") from error
    tool = document.get("tool")
    table = tool.get("servestatic", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise SettingError(f"tool.servestatic in {path} is {table!r}: expected a table, [tool.servestatic].")
    return Origin(f"[tool.servestatic] of {path}", table, lambda name: name.replace("_", "-"))


def usual_origins(values: Mapping[str, object]) -> tuple[Origin, ...]:
    """Keyword arguments, the environment of the process and the pyproject.toml of its working directory."""
    return keywords(values), environment(os.environ), pyproject(Path())


def option(name: str) -> str:
    """Spell a setting as an option of the command line."""
    return f"--{name.replace('_', '-')}"


def _variable(name: str) -> str:
    return VARIABLE + name.upper()


def _prefixed(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name.startswith(VARIABLE)}


def policy_of(settings: Settings, *, revalidate: bool = False) -> Policy:
    """Return what the settings say about fields."""
    rules = tuple(Rule(compile_patterns([pattern]), fields) for pattern, fields in settings.headers)
    return Policy(
        fingerprints=settings.fingerprints,
        revalidate=revalidate,
        max_age=settings.max_age,
        cors=settings.cors,
        pages=settings.pages,
        index_file=settings.index_file,
        clean_urls=settings.clean_urls,
        immutable=compile_patterns(settings.immutable),
        alone=bool(settings.not_found),
        rules=rules,
    )
