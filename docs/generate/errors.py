"""The page docs/reference/errors.md: every error with its messages, read from the source.

`python -m docs.generate.errors` writes it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import servestatic
from servestatic import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(servestatic.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
HEAD = """\
# Errors

```text
{tree}
```

All but `StoreError`, which only the command `servestatic store` reports, are names of the package, such as
`servestatic.SettingError`. Every message is a sentence that says where the error is, what was expected and what to do.
The commands print only the message, and exit with 2.

**When.** An application fails when it starts, or not at all: while it serves, a missing or broken file is a response
and a [log line](logging.md), never an exception. `index.url` and `index.path` raise `UnknownAsset`. Templates write the
plain URL instead, and log it once, unless `strict` is on.

**Several at once.** With the setting `strict`, all errors in the files are raised as one `ExceptionGroup`. Handle them
with `except*`:

```python
try:
    index = servestatic.collect("static", strict=True)
except* servestatic.BrokenReference as group:
    for error in group.exceptions:
        print(error)
```

```text
/srv/site/static/css/app.css:1:24: '../img/roze.svg' names no file. Did you mean '../img/rose.svg'?
```

The messages below are read from the source; `…` stands for the parts that vary. Messages about a file, which begin with
its path as above, are not listed.
"""


class Message(NamedTuple):
    """A message that an error may have: `…` stands for what differs."""

    error: str
    text: str


def names() -> list[str]:
    """List the errors, the common one first."""
    found = [name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)]
    return [name for name in found if not name.startswith("_")]


def messages() -> Iterator[Message]:
    """Yield every message that some module makes an error with."""
    known = set(names())
    for module in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(module.read_text("utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known and node.args:
                yield Message(node.func.id, shorten(text_of(node.args[0], functions)))


def text_of(node: ast.expr, functions: dict[str, ast.FunctionDef]) -> str:
    """Write a message: literal text as it is, what a function of the module puts together, `…` for the rest."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(text_of(value, functions) for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left, functions) + text_of(right, functions)
        case ast.FormattedValue(value=ast.Call(func=ast.Name(id="nearest") | ast.Attribute(attr="_suggest"))):
            return " Did you mean …?"
        case ast.Call(func=ast.Name(id=name)) if name in functions:
            returned = [each.value for each in ast.walk(functions[name]) if isinstance(each, ast.Return) and each.value]
            return text_of(returned[-1], functions)
    return "…"


def shorten(text: str) -> str:
    return re.sub(r"…(?:[\s:]*…)+", "…", text)


def tree() -> str:
    """Return the picture of the family from the module's docstring."""
    lines = (errors.__doc__ or "").splitlines()
    start = lines.index("ServeStaticError")
    return "\n".join(lines[start : lines.index("", start)])


def render() -> str:
    """Write the page."""
    sections, made = [HEAD.format(tree=tree())], [*messages()]
    for name in names():
        found = {each.text for each in made if each.error == name}
        texts = sorted(text for text in found if re.search(r"\w", text))
        summary = (getattr(errors, name).__doc__ or "").strip()
        lines = [
            f"\n## {name}\n",
            summary + "\n",
        ]
        sections.append("\n".join([*lines, *(f"- {text}" for text in texts)]).rstrip("\n") + "\n")
    return "".join(sections)


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
