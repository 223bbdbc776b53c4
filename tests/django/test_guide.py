"""docs/how-to/django.md is true: its settings are a project's, its test passes, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.django_project import environment, manage

GUIDE = Path(__file__).parents[2] / "docs/how-to/django.md"
SECRETS = 'SECRET_KEY = "tests"\nUSE_TZ = True\nALLOWED_HOSTS = ["*"]\nROOT_URLCONF = "project.urls"\n'


def snippet(containing: str) -> str:
    found = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (text,) = [each for each in found if containing in each]
    return str(text)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    (place / "project").mkdir(parents=True)
    (place / "static").mkdir()
    (place / "static/app.css").write_text("a{}")
    (place / "project/__init__.py").write_text("")
    (place / "project/urls.py").write_text("urlpatterns = []\n")
    dirs = f"STATICFILES_DIRS = [{str(place / 'static')!r}]\n"
    (place / "project/settings.py").write_text(SECRETS + dirs + snippet("MIDDLEWARE"), "utf-8")
    (place / "project/asgi.py").write_text(snippet("asgi.py"), "utf-8")
    (place / "manage.py").write_text(
        "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'project.settings')\n"
        "from django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n"
    )
    return place


def test_settings(project: Path) -> None:
    assert "System check identified no issues" in manage(project, "check", "--fail-level", "WARNING")
    assert "so nothing is collected" in manage(project, "collectstatic", "--noinput")


@pytest.mark.parametrize("client", ["Client", "AsyncClient"])
def test_files(project: Path, client: str) -> None:
    script = (
        "import asyncio, inspect, django; django.setup()\n"
        f"from django.test import {client}; from django.templatetags.static import static\n"
        "async def main():\n"
        f"    answer = {client}().get(static('app.css'))\n"
        "    answer = await answer if inspect.isawaitable(answer) else answer\n"
        "    print(static('app.css'), answer.status_code, answer['Cache-Control'])\n"
        "asyncio.run(main())\n"
    )
    done = run(project, "-c", script)
    assert re.fullmatch(r"/static/app\.[0-9a-f]{12}\.css 200 max-age=31536000, immutable\n", done)


def test_the_application(project: Path) -> None:
    assert run(project, "-c", "from project.asgi import application; print(callable(application))") == "True\n"


def test_a_test(project: Path) -> None:
    """As pytest-django would run it."""
    script = (
        "import django, pathlib, tempfile; django.setup()\n"
        "from django.test import Client; from django.test.utils import setup_test_environment\n"
        "setup_test_environment()\n" + snippet("def test_logo") + "\n"
        "test_logo(Client(), pathlib.Path(tempfile.mkdtemp()))\nprint('passed')\n"
    )
    assert run(project, "-c", script) == "passed\n"


def run(project: Path, *arguments: str) -> str:
    more = environment(DJANGO_SETTINGS_MODULE="project.settings")
    command = [sys.executable, "-X", "dev", *arguments]
    done = subprocess.run(command, cwd=project, env=more, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_links() -> None:
    links = re.findall(r"\]\(([^)#]+)", GUIDE.read_text("utf-8"))
    assert links
    for link in links:
        assert (GUIDE.parent / link).exists(), link
