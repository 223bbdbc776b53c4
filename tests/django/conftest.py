"""A site, a folder of static files, and an index of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment
from django.urls import clear_script_prefix

from servestatic.django.holder import holder
from tests.support.django_site import configure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

configure()


@pytest.fixture(autouse=True)
def own_index() -> Iterator[None]:
    """Begin and end without an index, and begin without the script name of an earlier request."""
    clear_script_prefix()
    holder.forget()
    yield
    holder.forget()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A directory of STATICFILES_DIRS: a stylesheet that refers to an image."""
    place = tmp_path / "static"
    (place / "css").mkdir(parents=True)
    (place / "css/app.css").write_text("a{background:url(../b.svg)}" + "b{}" * 200)
    (place / "b.svg").write_text("<svg/>")
    with override_settings(STATICFILES_DIRS=[place]):
        yield place


@pytest.fixture
def test_run() -> Iterator[None]:
    """What `manage.py test` and pytest-django do first."""
    setup_test_environment()
    yield
    teardown_test_environment()
