"""The page docs/reference/settings.md, and the list of keywords in api.md: made from the settings themselves.

`python -m docs.generate.settings` writes both.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Literal, NamedTuple, get_args, get_origin

from servestatic.settings.convert import Age, Headers, Patterns
from servestatic.settings.groups import GROUPS
from servestatic.settings.model import list_settings
from servestatic.settings.origins import VARIABLE, option
from servestatic.standalone.conventions import DEFAULTS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE, API = REFERENCE / "settings.md", REFERENCE / "api.md"
INTRODUCTION = f"""\
# Settings

Every setting has one name and can be set in five ways. The first of these that has it wins:

1. the option of a [command](command-line.md), `--max-age 5`
2. the keyword in a program, `max_age=5`
3. the environment variable, `{VARIABLE}MAX_AGE=5`
4. the Django setting, `{VARIABLE}MAX_AGE = 5`
5. `max-age = 5` under `[tool.servestatic]` in the pyproject.toml of the working directory

In the environment, write `on`, `yes`, `true` or `1` and their opposites, whole numbers, and headers as JSON; separate
several values with `:` (`;` on Windows). An option is repeated instead. An unknown name or a wrong value is an error
that names its place. `servestatic settings` shows the value of every setting and where it comes from.

*Alone* is the default for `servestatic:app`, `wsgi_app`, `rsgi_app` and the commands, where it differs: without an
`application`, the files are the whole site. Django has defaults of its own: the prefix is the path of `STATIC_URL`, and
`live` and `fingerprints` follow `DEBUG`. If `root` names the files at `/`, the prefix is `/static/` alone, too.

This page is generated from the settings themselves.
"""
KINDS = {
    bool: "on or off",
    Age: "whole number, or `none`",
    str: "string",
    tuple[str, ...]: "list of strings",
    Patterns: "list of patterns",
    Headers: "headers by pattern",
}
HOW_TO = "../how-to/"
# Django's finders are the sources, its views answer what is not found, and it is the application.
IGNORED_BY_DJANGO = {"sources", "single_page", "not_found", "application", "application_interface"}


class Entry(NamedTuple):
    """What the page adds to a setting: an example, the version that brought it, and a page that shows its use."""

    example: object
    since: str
    page: str = ""


ENTRIES = {
    "prefix": Entry("/assets/", "0.1.0"),
    "fingerprints": Entry(False, "0.1.0", "../explanation/fingerprints.md"),
    "index_file": Entry("index.html", "0.1.0"),
    "clean_urls": Entry(True, "0.1.0", f"{HOW_TO}plain-folder.md"),
    "pages": Entry(False, "0.1.0", "../explanation/fingerprints.md"),
    "max_age": Entry(3600, "0.1.0", "../explanation/caching.md"),
    "headers": Entry({"*.pdf": {"X-Robots-Tag": "noindex"}}, "0.1.0", f"{HOW_TO}header-rules.md"),
    "cors": Entry("fonts", "0.1.0", f"{HOW_TO}cdn.md"),
    "immutable": Entry(["assets/*-????????.*"], "0.1.0", f"{HOW_TO}vite.md"),
    "manifests": Entry(["dist/.vite/manifest.json"], "0.1.0", f"{HOW_TO}vite.md"),
    "sources": Entry(["static", "node_modules/htmx.org/dist"], "0.1.0", f"{HOW_TO}plain-folder.md"),
    "root": Entry(["public"], "0.1.0", f"{HOW_TO}site-root.md"),
    "follow_symlinks": Entry("packages", "0.1.0", "../explanation/security.md"),
    "strict": Entry(True, "0.1.0", "errors.md"),
    "live": Entry(True, "0.1.0", f"{HOW_TO}troubleshooting.md"),
    "compress": Entry("startup", "0.1.0", f"{HOW_TO}codings.md"),
    "store": Entry("/var/cache/site", "0.1.0", "../explanation/caching.md"),
    "releases": Entry("s3://site-assets/production", "0.1.0", f"{HOW_TO}rolling-deploys.md"),
    "deltas": Entry(False, "0.1.0", f"{HOW_TO}deltas.md"),
    "build": Entry("/srv/site/static", "0.1.0", f"{HOW_TO}docker.md"),
    "not_found": Entry("errors/404.html", "0.1.0", f"{HOW_TO}plain-folder.md"),
    "single_page": Entry("index.html", "0.1.0", f"{HOW_TO}single-page.md"),
    "application": Entry("project.wsgi:application", "0.1.0", f"{HOW_TO}single-page.md"),
    "application_interface": Entry("wsgi", "0.1.0"),
}


def write_text(value: object) -> str:
    """Write a value as the environment has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return os.pathsep.join(value)
    return json.dumps(value) if isinstance(value, dict) else str(value)


def write_toml(value: object) -> str:
    """Write a value as TOML; what JSON writes is TOML, but for a table."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {write_toml(each)}" for name, each in value.items()) + " }"
    return json.dumps(value)


def write_python(value: object) -> str:
    """Write a value as Python, with the quotes of this project."""
    return repr(value) if isinstance(value, bool) else json.dumps(value)


def write_options(name: str, value: object) -> str:
    """Write a value as options of a command, or as its arguments."""
    if isinstance(value, bool):
        return option(name) if value else option(f"no-{name}")
    values = value if isinstance(value, list) else [value]
    texts = [write_text(each) for each in values]
    quoted = [f"'{text}'" if re.search(r"[^\w./:-]", text) else text for text in texts]
    if name == "sources":
        return " ".join(("servestatic serve", *quoted))
    return " ".join(f"{option(name)} {text}" for text in quoted)


def render() -> str:
    """Write settings.md."""
    parts = [INTRODUCTION]
    for group, names in GROUPS.items():
        parts.append(f"\n## {group}\n")
        parts.extend(_render_setting(name) for name in names)
    return "".join(parts)


def _render_setting(name: str) -> str:
    setting, variable = list_settings()[name], VARIABLE + name.upper()
    example, since, page = ENTRIES[name]
    alone = f"; alone {_write(DEFAULTS[name])}" if name in DEFAULTS else ""
    see = f" See [{_title(page)}]({page})." if page else ""
    rows = {
        "type": write_kind(name),
        "default": _write(setting.default) + alone,
        "since": since,
        "keyword": f"`{name}={write_python(example)}`",
        "environment": f"`{variable}={write_text(example)}`",
        "Django": f"`{variable} = {write_python(example)}`",
        "pyproject.toml": f"`{name.replace('_', '-')} = {write_toml(example)}`",
        "command": f"`{write_options(name, example)}`",
    }
    if name in IGNORED_BY_DJANGO:
        del rows["Django"]
    if name == "sources":
        del rows["keyword"]  # they are the first argument
    table = "".join(f"| {what} | {text} |\n" for what, text in rows.items())
    return f"\n### {name}\n\n{setting.doc}{see}\n\n| | |\n|---|---|\n{table}"


def write_kind(name: str) -> str:
    """Write the type of a setting."""
    kind = list_settings()[name].kind
    if get_origin(kind) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(kind) if choice)
    return KINDS[kind]


def _title(page: str) -> str:
    return (REFERENCE / page).read_text("utf-8").partition("\n")[0].removeprefix("# ")


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`" if value not in ("", ()) else "none"


def render_keywords(text: str) -> str:
    """Return api.md with its table of keywords brought up to date."""
    rows = "".join(
        f"| [`{name}`](settings.md#{name}) | {write_kind(name)} | {list_settings()[name].doc} |\n"
        for names in GROUPS.values()
        for name in names
        if name != "sources"
    )
    return re.sub(r"(\| keyword \| type \| \|\n\|---\|---\|---\|\n)(?:\|.*\n)*", lambda head: head[1] + rows, text)


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
    API.write_text(render_keywords(API.read_text("utf-8")), "utf-8")
