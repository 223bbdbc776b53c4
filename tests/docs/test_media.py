"""docs/how-to/media.md: uploads are served by what the page puts beside us, and static files by us."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.django_project import environment
from tests.support.files import write
from tests.support.framework_sites import Site
from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = DOCS / "how-to" / "media.md"
FILES = {
    "static/css/app.css": "a {}",
    "media/a.txt": "uploaded",
    "media/invoices/7.pdf": "%PDF",
}
USUAL = """
from pathlib import Path
BASE_DIR = Path(__file__).parent
DEBUG = False
SECRET_KEY = "x" * 60
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["servestatic.django", "django.contrib.staticfiles", "django.contrib.auth",
                  "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "servestatic.django.ServeStaticMiddleware",
              "django.contrib.sessions.middleware.SessionMiddleware",
              "django.contrib.auth.middleware.AuthenticationMiddleware"]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
STATICFILES_DIRS = [BASE_DIR / "static"]
"""
ASK = """
import json, sys
from unittest.mock import Mock
import django
django.setup()
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client, RequestFactory
call_command("check", "--tag", "servestatic", "--fail-level", "WARNING")
import views
found = {}
for path in (static("css/app.css"), "/media/a.txt"):
    answer = Client().get(path)
    found[path] = [answer.status_code, b"".join(answer).decode() if answer.status_code == 200 else ""]
    answer.close()
for path, user in (("7", True), ("8", True), ("7", False)):
    request = RequestFactory().get("/invoice")
    request.user = Mock(is_authenticated=user)
    try:
        answer = views.invoice(request, int(path))
    except django.http.Http404:
        found[f"{path} {user}"] = 404
    else:
        found[f"{path} {user}"] = [answer.status_code, answer.get("Content-Disposition")]
        answer.close()
print(json.dumps(found))
"""


def find(language: str, part: str) -> str:
    (found,) = (block.text for block in blocks(PAGE) if block.language == language and part in block.text)
    return found


@pytest.mark.parametrize("debug", [True, False])
def test_django(tmp_path: Path, debug: bool) -> None:
    """Its own view serves uploads with DEBUG alone; the guarded view checks the user, whatever the mode."""
    settings = f"{USUAL}DEBUG = {debug}\n{find('python', 'MEDIA_ROOT = ')}"
    modules = {
        "site_settings.py": settings,
        "urls.py": find("python", "# urls.py"),
        "views.py": find("python", "def invoice"),
    }
    write(tmp_path, FILES | modules)
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tmp_path,
        env=environment(DJANGO_SETTINGS_MODULE="site_settings"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    (static,) = (path for path in found if path.startswith("/static/"))
    assert found[static] == [200, "a {}"]
    assert found["/media/a.txt"] == ([200, "uploaded"] if debug else [404, ""])
    assert found["7 True"] == [200, 'attachment; filename="7.pdf"']
    assert found["8 True"] == 404
    assert found["7 False"][0] == 302


@pytest.mark.parametrize(("part", "is_asgi", "field"), [("Mount", True, None), ("Flask", False, "attachment")])
def test_frameworks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, is_asgi: bool, field: str | None
) -> None:
    monkeypatch.chdir(write(tmp_path, FILES))
    names: dict[str, Any] = {"__name__": "__main__"}
    text = find("python", f"import {part}").replace("Flask(__name__)", f"Flask(__name__, root_path={str(tmp_path)!r})")
    exec(text, names)
    site = Site(names["app"], is_asgi=is_asgi)
    assert site.ask("/static/css/app.css").text == "a {}"
    uploaded = site.ask("/media/a.txt")
    assert (uploaded.status, uploaded.text) == (200, "uploaded")
    assert (uploaded.fields.get("content-disposition") or "").startswith(field or "")
    assert site.ask("/media/../static/css/app.css").status == 404
    (tmp_path / "media/new.txt").write_text("new")
    assert site.ask("/media/new.txt").text == "new"


def test_the_storage_of_the_bucket_is_that_of_uploads() -> None:
    names: dict[str, Any] = {}
    exec(find("python", "site-uploads"), names)
    assert names["STORAGES"]["staticfiles"]["BACKEND"] == "servestatic.django.ServeStaticStorage"
    assert names["STORAGES"]["default"]["BACKEND"].startswith("storages.")


def test_nginx_takes_the_location(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("needs nginx")
    location = find("nginx", "location /media/")
    assert re.search(r"Content-Security-Policy sandbox;", location)
    head = f"pid {tmp_path}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; server {{ listen 127.0.0.1:8; "
    write(tmp_path, {"nginx.conf": f"{head}{location} }} }}\n"})
    done = subprocess.run(
        [nginx, "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
