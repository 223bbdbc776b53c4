"""Simulated dynos, on Linux, by root: `python -m pytest tests/acceptance/heroku`, with its requirements.txt.

Runs only when it is asked for by name.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.acceptance.heroku.releases import collect
from tests.acceptance.heroku.slug import copy_slug, make_slug

HERE = Path(__file__).resolve().parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass this directory by unless the command line names it or something in it."""
    named = (config.invocation_params.dir / argument.split("::")[0] for argument in config.args)
    if not any(path.resolve().is_relative_to(HERE) for path in named):
        return True
    if sys.platform != "linux" or os.geteuid() != 0:
        raise pytest.UsageError("A dyno has mounts and processes of its own: run this as root on Linux.")
    if find_spec("honcho") is None:
        raise pytest.UsageError("honcho is missing: pip install -r tests/acceptance/heroku/requirements.txt")
    return None


@pytest.fixture(scope="session")
def slug(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slug as it is with DISABLE_COLLECTSTATIC=1."""
    slug = tmp_path_factory.mktemp("slug") / "app"
    make_slug(slug)
    return slug


@pytest.fixture(scope="session")
def collected(slug: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slug after the buildpack's collectstatic, which was run where the build is, not where the dyno has it."""
    folder = tmp_path_factory.mktemp("collected")
    copy = copy_slug(slug, folder / "app")
    assert "static files copied" in collect(folder, copy)
    return copy
