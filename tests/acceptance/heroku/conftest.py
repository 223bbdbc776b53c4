"""Simulated dynos, on Linux, by root."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.heroku.releases import collect
from tests.acceptance.heroku.slug import copy_slug, make_slug

if TYPE_CHECKING:
    from pathlib import Path


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
