"""The pages docs/reference/command-line.md and settings.md, made from the command and the dataclass themselves.

`python -m docs.generate.command_line` writes both.
"""

from __future__ import annotations

from dataclasses import fields
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, get_origin, get_type_hints

import click

from servestatic.cli.application import servestatic
from servestatic.settings.convert import Age, Headers, Patterns
from servestatic.settings.model import Settings
from servestatic.settings.origins import VARIABLE, option
from servestatic.standalone.conventions import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
COMMANDS = """\
# The command line

`servestatic`, or `python -m servestatic`, comes with the extra `cli`; `serve` needs `standalone` as well:

```console
$ pip install 'statictree[cli,standalone]'
```

**What the commands read.** They read the directories that you name, otherwise those of the setting `sources`, otherwise
the first of `static`, `public` and `_site`, or of `dist`, `build` and `site` if there is an index.html in it. All
commands use the defaults of `servestatic serve`: without an application, the prefix is `/` (`/static/` with the setting
`root`), and index files, clean URLs and 404.html are on; [settings.md](settings.md) lists them. Every setting is an
option, which overrides the environment and pyproject.toml. The commands do not read a Django settings module.

**What they print.** Results go to standard output, log lines and errors to standard error. On a terminal, output fits
its width; in a pipe, every row is one line. `--json` writes JSON for programs. Only terminals get colours; `NO_COLOR`
and `TERM=dumb` turn them off. With `TERM=dumb` or in a pipe, there is no progress bar.

| exit code | meaning |
|---|---|
| 0 | success; for `serve`, ended by Ctrl-C |
| 1 | a problem was found, by `check` and `store verify`; a 404 (`explain`), a decision or difference (`migrate`) |
| 2 | the command could not run: a line on standard error says why |
| 130 | interrupted |

**What `serve` answers** without an application, and so do `servestatic:app`, `wsgi_app` and `rsgi_app`:

| path | answer |
|---|---|
| `/` and `/docs/` | index.html and docs/index.html (setting `index_file`) |
| `/docs`, a folder with such a file | 308 to `/docs/`; every redirect is relative and keeps the query |
| `/about` and `/about.html` | about.html (setting `clean_urls`); `/about/` is a 308 to `/about` |
| `/both`, with both.html and both/index.html | both.html; `/both/` is both/index.html |
| no file, and no extension or `.html` | 404 with 404.html as its body (setting `not_found`) |
| no file, and another extension | 404 with a line of text; with 404.html if `Accept` names text/html |
| no file, no extension, and `Accept` names text/html | the page of the setting `single_page`, if it is set |
| an unknown fingerprint | 404 with a line of text |

Every 404 is `no-store`. References in pages are rewritten to fingerprinted names, and pages are always revalidated.
Absolute references stay absolute, so 404.html and a single page work at every URL; relative references do not.

This page is generated from the command itself.
"""
SETTINGS = f"""\
# Settings

A setting has the same name everywhere. You can set it in five ways; the first of these wins:

1. the option of a [command](command-line.md), `--max-age 5`
2. the keyword argument, `max_age=5`
3. the environment variable, `{VARIABLE}MAX_AGE=5`
4. the Django setting, `{VARIABLE}MAX_AGE = 5`
5. `max-age = 5` under `[tool.servestatic]` in the pyproject.toml of the working directory

Strings are read by the type of the setting: `on`, `yes`, `true`, `1` and their opposites; whole numbers; several values
separated by `:` (`;` on Windows), or as a repeated option; headers as JSON. An unknown setting or a wrong value is an
error that says where it is set. `servestatic settings` shows the value of each setting, and where it comes from.

*Alone* is the default for `servestatic:app`, `wsgi_app`, `rsgi_app` and the commands if there is no `application`,
where it differs. With the setting `root`, the prefix stays `/static/`. Django has defaults of its own: the prefix of
`STATIC_URL`, and those that follow from `DEBUG`.

This page is generated from the settings themselves.
"""
KINDS = {
    bool: "on or off",
    Age: "whole number, or `none`",
    str: "string",
    tuple[str, ...]: "several strings",
    Patterns: "several strings",
    Headers: "headers",
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with the words that call it."""
    for name, command in sorted(servestatic.commands.items()):
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in sorted(command.commands.items()))
        else:
            yield name, command


def render_commands() -> str:
    """Write command-line.md."""
    return COMMANDS + "".join(_render(name, command) for name, command in commands())


def _render(name: str, command: click.Command) -> str:
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    usage = " ".join(("servestatic", name, *(each.metavar or (each.name or "").upper() for each in arguments)))
    options = [each for each in command.params if isinstance(each, click.Option)]
    names = {each.name for each in fields(Settings)}
    own = [_row(each) for each in options if each.name not in names]
    settings = [" or ".join(f"`{name}`" for name in each.opts) for each in options if each.name in names]
    table = "".join(("\n| option | |\n|---|---|\n", *own)) if own else ""
    shared = f"\nSettings: {', '.join(settings)}.\n" if settings else ""
    return f"\n## {usage}\n\n{_render_help(command.help or '')}\n{table}{shared}"


def _render_help(text: str) -> str:
    """Write paragraphs; one that keeps its lines becomes a block."""
    paragraphs = [
        f"```\n{each.removeprefix(chr(8)).strip()}\n```" if each.startswith("\b") else " ".join(each.split())
        for each in cleandoc(text).split("\n\n")
    ]
    return "\n\n".join(paragraphs)


def _row(each: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in each.opts) + "".join(f" / `{name}`" for name in each.secondary_opts)
    metavar = f" `{each.metavar}`" if each.metavar else ""
    shown = f" Default: `{each.default}`." if each.show_default and not each.is_flag else ""
    return f"| {names}{metavar} | {each.help}{shown} |\n"


def render_settings() -> str:
    """Write settings.md."""
    kinds = get_type_hints(Settings)
    rows = []
    for each in fields(Settings):
        kind = kinds[each.name]
        written = (
            " or ".join(f"`{choice}`" for choice in get_args(kind) if choice) if get_origin(kind) is Literal else ""
        )
        alone = _write(DEFAULTS[each.name]) if each.name in DEFAULTS else ""
        names = f"`{each.name}`<br>`{VARIABLE}{each.name.upper()}`<br>`{option(each.name)}`"
        rows.append(
            f"| {names} | {written or KINDS[kind]} | {_write(each.default)} | {alone} | {each.metadata['doc']} |\n"
        )
    head = "\n| setting | type | default | alone | what it does |\n|---|---|---|---|---|\n"
    return (
        SETTINGS + head + "".join(rows).replace("SERVESTATIC_SOURCES`<br>`--sources`", "SERVESTATIC_SOURCES`<br>`DIR`")
    )


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`" if value not in ("", ()) else "none"


PAGES = {"command-line.md": render_commands, "settings.md": render_settings}

if __name__ == "__main__":
    for page, render in PAGES.items():
        (REFERENCE / page).write_text(render(), "utf-8")
