"""The map for reviewers is true: its tests exist, and no module that runs on a request is missing."""

from __future__ import annotations

import ast
import re

import pytest

import servestatic
from docs.generate import request_modules
from tests.support.pages import DOCS, ROOT

PAGE = (DOCS / "explanation/security.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")][2:]


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_the_tests_that_it_names_exist(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert not name or name in functions


def test_every_promise_has_a_test() -> None:
    promises = rows("What each part promises")
    assert len(promises) > 20
    assert all(re.match(r"`tests/", test) for _, _, test in promises)


def test_no_module_that_runs_on_a_request_is_missing() -> None:
    folders = {row[0].strip("`") for row in rows("What each part promises")}
    for module in request_modules.find_modules():
        folder = f"{module.parent.as_posix()}/"
        assert folder in folders or module.name == "asgi.py", f"{module} runs on a request; say what it promises"
    package = next(iter(servestatic.__path__))
    for folder in folders - {"", "the adapters"}:
        assert (request_modules.PACKAGE / folder).is_dir(), f"{package} has no {folder}"


def test_the_address_is_in_one_place() -> None:
    address = re.search(r"\*\*(\S+@\S+)\*\*", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert address
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "pyproject.toml"]
    assert [page.name for page in pages if address[1] in page.read_text("utf-8")] == ["SECURITY.md"]
