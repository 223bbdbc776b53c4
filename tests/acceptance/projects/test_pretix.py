"""pretix, as docs/how-to/django-compressor.md sets it up: in an environment of its own, PRETIX_PYTHON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.files import write
from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = os.environ.get("PRETIX_PYTHON", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="PRETIX_PYTHON names no interpreter that has pretix")
VITE = next(block.text for block in blocks(DOCS / "how-to" / "django-compressor.md") if '"vite"' in block.text)
SETTINGS = """
from pathlib import Path
from pretix.settings import *

BASE_DIR = Path(__file__).parent
INSTALLED_APPS = ["servestatic.django", *INSTALLED_APPS]
MIDDLEWARE = ["servestatic.django.ServeStaticMiddleware", *MIDDLEWARE]
STORAGES["staticfiles"] = {"BACKEND": "servestatic.django.ServeStaticStorage"}
ALLOWED_HOSTS = ["*"]
STATIC_ROOT = str(BASE_DIR / "static_root")


class Unmigrated:
    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = Unmigrated()  # the tables as they are now: in seconds
"""
# The page of the login, each file that it names, then those that Vite wrote.
VISIT = """
import json, re
import django
from django.test import Client

django.setup()
client, found = Client(), {}
def get(url):
    answer = client.get(url)
    text = b"".join(answer).decode(errors="replace")
    found[url] = answer.status_code, answer.headers.get("Cache-Control"), len(text)
    return text
for url in re.findall(r'(?:href|src)="(/static/[^"]+)', get("/control/login")):
    if url not in found:
        get(url)
from pretix.base.templatetags.vite import _MANIFEST
for entry in _MANIFEST.values():
    get("/static/vite/control/" + entry["file"])
print(json.dumps(found))
"""


def run(project: Path, *arguments: str) -> str:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "site_settings", "PYTHONPATH": ".", "DATA_DIR": "data"}
    environment |= {"SERVESTATIC_STORE": "none", "PRETIX_CONFIG_FILE": "none"}
    done = subprocess.run([PYTHON, *arguments], cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + (done.stderr if "check" in arguments else "")


def manage(project: Path, *arguments: str) -> str:
    return run(project, "-m", "django", *arguments)


def test_pretix(tmp_path: Path) -> None:
    write(tmp_path, {"site_settings.py": SETTINGS})
    packaged = run(tmp_path, "-c", "from pretix._base_settings import STATIC_ROOT; print(STATIC_ROOT)").strip()
    shutil.copytree(packaged, tmp_path / "static_root")
    checked = manage(tmp_path, "check", "--deploy", "--tag", "servestatic")
    assert ("W031" in checked, "/static_root/vite: no finder" in checked) == (True, True), checked
    shutil.copytree(tmp_path / "static_root/vite", tmp_path / "vite")
    (tmp_path / "site_settings.py").write_text(SETTINGS + VITE)
    for _ in range(2):  # a second release, over the first
        manage(tmp_path, "collectstatic", "--noinput")
        manage(tmp_path, "compress")
    assert "no issues" in manage(tmp_path, "check", "--deploy", "--tag", "servestatic")
    manage(tmp_path, "migrate", "--run-syncdb", "--verbosity", "0")
    found = json.loads(run(tmp_path, "-c", VISIT).splitlines()[-1])
    assert found.pop("/control/login")[0] == 200
    assert len(found) > 10
    wrong = {url: answer for url, answer in found.items() if answer[:2] != [200, "max-age=31536000, immutable"]}
    assert wrong == {}
