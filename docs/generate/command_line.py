"""The page docs/reference/command-line.md, made from the command itself.

`python -m docs.generate.command_line` writes it.
"""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from servestatic.cli.application import servestatic
from servestatic.settings.model import Settings

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
    own = [_row(each) for each in options if each.name not in Settings._fields]
    settings = [" or ".join(f"`{name}`" for name in each.opts) for each in options if each.name in Settings._fields]
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


PAGE = REFERENCE / "command-line.md"

if __name__ == "__main__":
    PAGE.write_text(render_commands(), "utf-8")
