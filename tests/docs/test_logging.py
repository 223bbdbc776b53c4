"""One tree of loggers, documented line by line; nothing is printed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from docs.generate.log_lines import PACKAGE, PAGE, lines, modules, read_call, render

if TYPE_CHECKING:
    from pathlib import Path

PRINTS = {
    "print",
    "pprint",
    "sys.stdout",
    "sys.stderr",
    "sys.__stdout__",
    "sys.__stderr__",
    "warnings.warn",
    "breakpoint",
}


def place(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def nodes(module: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(module.read_text("utf-8")))]


@pytest.mark.parametrize("module", modules(), ids=place)
def test_nothing_is_printed(module: Path) -> None:
    for node in nodes(module):
        if isinstance(node, (ast.Name, ast.Attribute)):
            assert ast.unparse(node) not in PRINTS, f"{place(module)}:{node.lineno}"


@pytest.mark.parametrize("module", modules(), ids=place)
def test_loggers_are_of_one_tree(module: Path) -> None:
    found = nodes(module)
    for node in found:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "get_log" and node.args:
            assert ast.literal_eval(node.args[0]).split(".")[0] == "servestatic"
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_log":
            assert ast.unparse(node.value).startswith("get_log("), f"{place(module)}: its messages do not stand alone"
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("logging."):
            assert node.attr not in ("basicConfig", "info", "warning", "error", "exception", "critical", "log"), place(
                module
            )


def test_every_line_is_documented() -> None:
    """And every call of a logger was understood: there are as many lines as calls."""
    calls = [
        node
        for module in modules()
        for node in nodes(module)
        if isinstance(node, ast.Call) and re.match(r"_log\.|warn$", ast.unparse(node.func))
    ]
    settings = [
        node for node in calls if ast.unparse(node.func).endswith((".isEnabledFor", ".addHandler", ".setLevel"))
    ]
    inside_log = 1
    told = sum(line.text.endswith(" (%d):") for line in lines())
    assert len([*lines()]) - told == len(calls) - len(settings) - inside_log
    assert PAGE.read_text("utf-8") == render(), "run: python -m docs.generate.log_lines"


def test_a_message_stands_alone() -> None:
    """Without configuration, Python writes the message and nothing else."""
    script = "from servestatic.runtime.log import get_log; get_log('servestatic.x').warning('%s is wrong', 'it')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "servestatic: it is wrong\n"


def test_how_a_call_is_read() -> None:
    def read(text: str) -> object:
        call = ast.parse(text).body[0].value  # type: ignore[attr-defined] # an expression
        return read_call(call, "servestatic")

    assert read("_log.exception('it failed')") == (("ERROR",), "servestatic", "it failed")
    assert read("_log.log(logging.INFO if a else logging.WARNING, 'b %s')") == (
        ("INFO", "WARNING"),
        "servestatic",
        "b %s",
    )
    assert read("_report(logging.DEBUG, 'maps', x, 1)") == (("DEBUG",), "servestatic", "maps (%d):")
    assert read("_log.isEnabledFor(3)") is None
    with pytest.raises(AssertionError):
        read("_log.info(f'a {b}')")
