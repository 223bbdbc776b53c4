"""django-compressor as docs/how-to/django-compressor.md sets it up, and what `check --deploy` says where it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.files import write
from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = next(block.text for block in blocks(DOCS / "how-to" / "django-compressor.md") if block.language == "python")
REST = """
SECRET_KEY = "of a test" * 9
ALLOWED_HOSTS = ["*"]
DEBUG = False
MIDDLEWARE = ["servestatic.django.ServeStaticMiddleware"]
ROOT_URLCONF = "urls"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "assets"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"},
}
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE_DIR / "pages"], "APP_DIRS": True}
]
SERVESTATIC_STORE = "none"
"""
PAGE = """{% load static compress %}<!doctype html>
{% compress css %}<link rel="stylesheet" href="{% static 'css/a.css' %}">
<link rel="stylesheet" href="{% static 'css/b.css' %}">{% endcompress %}
{% compress js %}<script src="{% static 'js/a.js' %}"></script>{% endcompress %}
"""
URLS = """
from django.shortcuts import render
from django.urls import path

urlpatterns = [path("", lambda request: render(request, "home.html"))]
"""
# A visitor: status of the page, then of each file that it names, with its freshness and its text.
VISIT = """
import json, re
import django
from django.test import Client

django.setup()
client = Client(raise_request_exception=False)
page = client.get("/")
files = [client.get(url) for url in re.findall(r'(?:href|src)="([^"]+)', page.content.decode())]
print(json.dumps([page.status_code, [[each.status_code, each.headers.get("Cache-Control"),
    each.getvalue().decode()] for each in files]]))
"""
IMMUTABLE = "max-age=31536000, immutable"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "settings.py": SETTINGS + REST,
        "urls.py": URLS,
        "pages/home.html": PAGE,
        "assets/css/a.css": "body { background: url(../img/a.svg) }",
        "assets/css/b.css": "p { margin: 0 }",
        "assets/js/a.js": "console.log(1);",
        "assets/img/a.svg": "<svg/>",
    }
    return write(tmp_path, files)


def run(project: Path, *arguments: str) -> str:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": os.pathsep.join((".", *sys.path))}
    done = subprocess.run([sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + (done.stderr if "check" in arguments else "")


def manage(project: Path, *arguments: str) -> str:
    return run(project, "-m", "django", *arguments)


def test_offline(project: Path) -> None:
    assert "W031" in manage(project, "check", "--deploy")
    for _ in range(2):  # a second release, over the first
        manage(project, "collectstatic", "--noinput")
        manage(project, "compress")
        status, files = json.loads(run(project, "-c", VISIT))
        assert (status, [file[:2] for file in files]) == (200, [[200, IMMUTABLE]] * 2)
        assert "url(/static/img/a." in files[0][2]
        assert "/static/img/a.svg" not in files[0][2], "the image has its fingerprint"
    checked = manage(project, "check", "--deploy")
    assert "servestatic.W" not in checked


def test_what_does_not_work_is_said_before(project: Path) -> None:
    (project / "settings.py").write_text(SETTINGS + REST + "COMPRESS_OFFLINE = False\n")
    assert {"W030", "W031"} <= set(manage(project, "check", "--deploy").replace(")", ".").split("."))
    assert json.loads(run(project, "-c", VISIT))[0] == 500
    manage(project, "collectstatic", "--noinput")
    checked = manage(project, "check", "--deploy")
    assert ("W030" in checked, "W031" in checked) == (True, False)
    status, files = json.loads(run(project, "-c", VISIT))
    assert (status, [file[0] for file in files]) == (200, [404, 404]), "made after the start"
    assert [file[0] for file in json.loads(run(project, "-c", VISIT))[1]] == [200, 200], "at the next start"
