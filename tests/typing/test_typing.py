"""Settings are typed: type checkers refuse the lines that program.py marks, and no other; nothing differs at run time.

basedpyright, which is pyright as a package with all that it needs, runs where it is installed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import get_type_hints

import pytest

import servestatic
from servestatic import SettingsDict
from servestatic.settings.convert import Headers, HeadersFunction, Patterns
from servestatic.settings.keywords import FollowedDict
from servestatic.settings.model import Settings

PACKAGE = Path(servestatic.__file__).parent
PROGRAM = Path(__file__).with_name("program.py")
MARK = re.compile(r"  # type: ignore\[([\w-]+)\] # .+")
# What a program may pass for a setting of a type; any other is passed as it is.
PASSED = {
    str: str | PathLike[str],
    tuple[str, ...]: str | PathLike[str] | Sequence[str | PathLike[str]],
    Headers: Mapping[str, Mapping[str, str]] | HeadersFunction,
    Patterns: Sequence[str | PathLike[str]] | Callable[[str], object],
}


def read_marks() -> dict[int, str]:
    """Return the error that each marked line has, by its number."""
    found = {number: MARK.search(line) for number, line in enumerate(PROGRAM.read_text("utf-8").splitlines(), start=1)}
    return {number: mark[1] for number, mark in found.items() if mark}


@pytest.fixture
def unmarked(tmp_path: Path) -> Path:
    """The program without its marks."""
    path = tmp_path / "program.py"
    path.write_text(MARK.sub("", PROGRAM.read_text("utf-8")), "utf-8")
    return path


def run(*command: str) -> str:
    there = {**os.environ, "MYPYPATH": str(PACKAGE.parent), "PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=there, cwd=PACKAGE.parent).stdout


def test_mypy(unmarked: Path) -> None:
    pytest.importorskip("mypy")
    said = run(sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", str(unmarked))
    errors = re.findall(r"^[^\n]*program\.py:(\d+): error: .*\[([\w-]+)\]$", said, re.MULTILINE)
    assert {int(line): code for line, code in errors} == read_marks(), said


def test_pyright(unmarked: Path) -> None:
    program = shutil.which("basedpyright", path=os.path.dirname(sys.executable)) or shutil.which("basedpyright")
    if program is None:
        pytest.skip("needs basedpyright")
    (unmarked.parent / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "standard", "extraPaths": [str(PACKAGE.parent)]})
    )
    said = run(program, "--outputjson", "--pythonpath", sys.executable, "--project", str(unmarked.parent))
    found = [each for each in json.loads(said)["generalDiagnostics"] if each["severity"] == "error"]
    assert {each["range"]["start"]["line"] + 1 for each in found} == read_marks().keys(), said


def test_every_setting_has_its_type() -> None:
    """All settings but the sources, which come before the keywords."""
    wanted = {name: PASSED.get(kind, kind) for name, kind in get_type_hints(Settings).items() if name != "sources"}
    assert get_type_hints(SettingsDict) == wanted
    assert get_type_hints(FollowedDict) == {name: kind for name, kind in wanted.items() if name != "live"}
    assert not SettingsDict.__required_keys__
