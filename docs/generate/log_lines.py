"""The page docs/reference/logging.md: the lines that are logged, read from the source.

`python -m docs.generate.log_lines` writes it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import servestatic

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(servestatic.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "logging.md"
INTRODUCTION = """\
# Logging

servestatic logs with the standard library's `logging`, to the logger `servestatic` and those below it, such as
`servestatic.django`. It prints nothing. So one line configures all of it:

```python
logging.getLogger("servestatic").setLevel(logging.WARNING)
```

| level | meaning |
|---|---|
| `ERROR` | something failed that should not; files are still served |
| `WARNING` | something is wrong with your files or your machine, and what is done instead |
| `INFO` | files are served, compression has finished, a file hides another one |
| `DEBUG` | usual, but possibly of interest, such as missing source maps of packages |

A message about several files has their number and lists the first 20, each on a line of its own with its position
(`file:line:column` of a broken reference, with the nearest existing name). Control characters in names are written as
`\\x1b`. Requests are not logged.

Without configuration, Python prints only warnings and errors, to standard error. `servestatic:app`, `wsgi_app` and
`rsgi_app` also print the level INFO if logging is not configured, and so does the [command](command-line.md).

This table is read from the source; `…` stands for the parts that vary.

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
        names = [call.args[0] for call in calls if ast.unparse(call.func) == "logging.getLogger" and call.args]
        logger = next((name.value for name in names if isinstance(name, ast.Constant)), "")
        yield from (line for call in calls if (line := read_call(call, str(logger))) is not None)


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
