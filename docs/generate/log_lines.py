"""The page docs/reference/logging.md: the lines that are logged, read from the source.

`python -m docs.generate.log_lines` writes it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import servestatic
from servestatic.runtime.log import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(servestatic.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "logging.md"
INTRODUCTION = """\
# Logging

servestatic uses the standard library's `logging` and prints nothing. The logger is `servestatic`, or one below it, such
as `servestatic.django`, so one line of configuration reaches all messages:

```python
logging.getLogger("servestatic").setLevel(logging.WARNING)
```

| level | what it means |
|---|---|
| `ERROR` | something failed that should not; existing files are still served |
| `WARNING` | something about your files or your machine is wrong; the message says what was done instead |
| `INFO` | how many files are served, when compression is finished, which file hides another |
| `DEBUG` | normal events that may be of interest, such as source maps that packages leave out |

Every message begins with `servestatic: `, so that it can stand alone: without configuration, Python writes warnings and
errors to standard error, with neither logger nor level. `servestatic:app`, `wsgi_app` and `rsgi_app` are applications
of their own: unless logging is configured, they also write messages of the level INFO. So does the
[command](command-line.md), without the prefix.

A message about several files gives their number and lists the first 20, each on a line of its own with its place
(`file:line:column` of a broken reference, with the nearest name that exists). Control characters of names are written
as `\\x1b`. Requests are not logged.

This table is generated from the source; `…` stands for the parts that vary, and the prefix is left out.

| level | logger | line |
|---|---|---|
"""
LEVELS = {"exception": "ERROR", "critical": "CRITICAL", "error": "ERROR", "warning": "WARNING", "info": "INFO"}
LEVELS |= {"debug": "DEBUG"}
ORDER = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")


class Line(NamedTuple):
    """A line that may be logged: `%` stands for what differs."""

    levels: tuple[str, ...]
    logger: str
    text: str


def modules() -> list[Path]:
    """List the modules of the library; the command line is for people, and says what it has to say itself."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "cli" not in path.relative_to(PACKAGE).parts]


def lines() -> Iterator[Line]:
    """Yield every line that some module logs."""
    for module in modules():
        tree = ast.parse(module.read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = [call.args[0] for call in calls if ast.unparse(call.func) == "get_log" and call.args]
        logger = next((str(name.value) for name in names if isinstance(name, ast.Constant)), NAME)
        yield from (line for call in calls if (line := read_call(call, logger)) is not None)


def read_call(call: ast.Call, logger: str) -> Line | None:
    """Read a call of a logger, or of the one function that logs several findings as one line."""
    head, _, method = ast.unparse(call.func).rpartition(".")
    if head == "_log" and method in LEVELS:
        return Line((LEVELS[method],), logger, text_of(call.args[0]))
    if (head, method) == ("", "warn"):
        return Line(("WARNING",), logger, text_of(call.args[0]))
    if (head == "_log" and method == "log") or method == "_report":
        levels = tuple(re.findall(r"logging\.([A-Z]+)", ast.unparse(call.args[0])))
        text = text_of(call.args[1]) if levels else ""
        return Line(levels, logger, f"{text} (%d):" if method == "_report" else text) if levels else None
    return None


def text_of(node: ast.expr) -> str:
    """Return a literal: what is logged is never put together before (logging does that, if somebody reads it)."""
    assert isinstance(node, ast.Constant), ast.unparse(node)
    return str(node.value)


def render() -> str:
    """Write the page."""
    rows = {
        (ORDER.index(level), line.logger, re.sub(r"%[.0-9]*[a-z]", "…", line.text))
        for line in lines()
        for level in line.levels
    }
    return INTRODUCTION + "".join(
        f"| `{ORDER[level]}` | `{logger}` | {text} |\n" for level, logger, text in sorted(rows)
    )


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
