"""Runs by name alone: `python -m pytest tests/acceptance/linters`, with its requirements.txt."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
JUDGES = ("httplint", "redbot")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass this directory by unless the command line names it or something in it."""
    named = (config.invocation_params.dir / argument.split("::")[0] for argument in config.args)
    if not any(path.resolve().is_relative_to(HERE) for path in named):
        return True
    for judge in JUDGES:
        if find_spec(judge) is None:
            raise pytest.UsageError(f"{judge} is missing: pip install -r tests/acceptance/linters/requirements.txt")
    return None
