"""What django-compressor has written is collected, and keeps its names; tests/acceptance/projects has the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.test import Client, override_settings

from servestatic.django.checks import check_deployment, check_project
from servestatic.django.holder import holder
from tests.support.files import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IMMUTABLE = "max-age=31536000, immutable"
OUTPUT = "CACHE/css/output.0dee5c38f594.css"
APPS = ["servestatic.django", "django.contrib.staticfiles", "compressor"]


@pytest.fixture
def root(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """STATIC_ROOT of a site with an app that is called as django-compressor."""
    write(tmp_path / "apps", {"compressor/__init__.py": ""})
    monkeypatch.syspath_prepend(tmp_path / "apps")
    root = write(tmp_path / "root", {OUTPUT: "a{}", "CACHE/manifest.json": "{}", "css/old.css": "old{}"})
    with override_settings(INSTALLED_APPS=APPS, STATIC_ROOT=str(root), DEBUG=False, TEMPLATES=[]):
        yield root


# Settings of django-compressor → the Cache-Control of its file, and of its manifest; None if the application answers.
# Where the file is not ours, it has the name of a fingerprinted one that no release has.
SETTINGS: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({}, IMMUTABLE, "max-age=60"),
    ({"COMPRESS_OUTPUT_DIR": "other"}, "no-store", None),
    ({"COMPRESS_ROOT": "/nowhere"}, "no-store", None),
    ({"INSTALLED_APPS": APPS[:2]}, "no-store", None),
    ({"STATIC_ROOT": None}, "no-store", None),
]


@pytest.mark.parametrize(("settings", "file", "manifest"), SETTINGS)
def test_output(root: Path, settings: dict[str, Any], file: str | None, manifest: str | None) -> None:
    with override_settings(**settings):
        client = Client()
        asked = [client.get(f"/static/{name}").headers.get("Cache-Control") for name in (OUTPUT, "CACHE/manifest.json")]
        assert asked == [file, manifest]
        assert "Cache-Control" not in client.get("/static/css/old.css").headers, "the rest of STATIC_ROOT stays out"


def test_output_in_a_folder_of_its_own(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", {"made/js/output.0dee5c38f594.js": "1"})
    with override_settings(COMPRESS_ROOT=str(tmp_path / "elsewhere"), COMPRESS_OUTPUT_DIR="/made/"):
        answer = Client().get("/static/made/js/output.0dee5c38f594.js")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, IMMUTABLE)


def test_other_patterns_stay(root: Path) -> None:
    with override_settings(SERVESTATIC_IMMUTABLE=["*.svg"]):
        assert Client().get("/static/b.svg").headers["Cache-Control"] == IMMUTABLE
        assert Client().get(f"/static/{OUTPUT}").headers["Cache-Control"] == IMMUTABLE


# Settings, whether collectstatic has run → the checks that have something to say.
CHECKED: list[tuple[dict[str, Any], bool, list[str]]] = [
    ({"COMPRESS_OFFLINE": True}, True, []),
    ({"COMPRESS_OFFLINE": True}, False, ["W031"]),
    ({}, True, ["W030"]),
    ({}, False, ["W030", "W031"]),
    ({"COMPRESS_ENABLED": False}, False, []),
    ({"DEBUG": True}, False, []),
    ({"INSTALLED_APPS": APPS[:2]}, False, []),
    ({"COMPRESS_OFFLINE": True, "COMPRESS_ROOT": "/nowhere"}, True, ["W031"]),
    ({"COMPRESS_OFFLINE": True, "SERVESTATIC_FINGERPRINTS": False}, False, ["W021"]),
]


@pytest.mark.parametrize(("settings", "collected", "expected"), CHECKED)
def test_checks(root: Path, settings: dict[str, Any], collected: bool, expected: list[str]) -> None:
    if collected:
        with override_settings(INSTALLED_APPS=APPS[:2]):
            holder.index().write(str(root))
    with override_settings(**settings):
        assert apps.is_installed("compressor") == ("compressor" in settings.get("INSTALLED_APPS", APPS))
        found = [str(message.id).removeprefix("servestatic.") for message in (*check_project(), *check_deployment())]
    assert [each for each in found if each in ("W017", "W021", "W030", "W031")] == expected
