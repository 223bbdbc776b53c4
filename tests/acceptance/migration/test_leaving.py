"""From WhiteNoise to servestatic and back: nothing is left behind, and no page that is open loses a file.

The commands are those of docs/how-to/leaving.md.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.acceptance.migration.test_verify import FILES, git, make
from tests.support.command import command
from tests.support.django_project import manage
from tests.support.files import write
from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = DOCS / "how-to" / "leaving.md"
NAMES = sorted(name.removeprefix("assets/") for name in FILES if name.startswith("assets/"))
MANAGE = (
    "from django.core.management import execute_from_command_line\nimport sys\nexecute_from_command_line(sys.argv)\n"
)
# Asks for files as a browser does, through the middleware of the settings; prints their URLs and answers.
ASK = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.templatetags.static import static
from django.test import Client
names, urls = json.loads(sys.argv[1])
client, answers = Client(), {}
named = {name: static(name) for name in names}
for url in [*named.values(), *urls]:
    answer = client.get(url, secure=True)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    fields = {key.lower(): value for key, value in answer.items()}
    for of_the_copy in ("last-modified", "etag"):  # WhiteNoise makes both of the time at which collectstatic copied
        fields.pop(of_the_copy, None)
    answers[url] = [answer.status_code, body.decode(), fields]
print(json.dumps([settings.MIDDLEWARE, named, answers]))
"""
NO_PAGES = {"ROOT_URLCONF": "config.urls", "ALLOWED_HOSTS": ["*"]}
BASE = "".join(f"{name} = {value!r}\n" for name, value in NO_PAGES.items())


class Served(NamedTuple):
    """What a project serves: its middleware, the URLs of its files, and the answers by URL."""

    middleware: list[str]
    urls: dict[str, str]
    answers: dict[str, Any]


def ask(project: Path, *urls: str) -> Served:
    line = [sys.executable, "-c", ASK, json.dumps([NAMES, urls])]
    variables = {"DJANGO_SETTINGS_MODULE": "config.production", "PATH": "", "SERVESTATIC_STORE": str(project / "store")}
    done = subprocess.run(line, cwd=project, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return Served(*json.loads(done.stdout.splitlines()[-1]))


def commands_of_the_page() -> list[str]:
    """Return the commands, without what explains them."""
    (block,) = (block for block in blocks(PAGE) if block.language == "console" and "git revert" in block.text)
    return [line.partition("  #")[0].strip() for line in re.findall(r"^\$ (.*)$", block.text, re.MULTILINE)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with WhiteNoise, deployed once."""
    make(tmp_path)
    (tmp_path / "config/base.py").write_text((tmp_path / "config/base.py").read_text() + BASE)
    (tmp_path / "config/urls.py").write_text("urlpatterns = []\n")
    (tmp_path / "manage.py").write_text((tmp_path / "manage.py").read_text() + MANAGE)
    (tmp_path / ".gitignore").write_text("collected\nstore\n__pycache__\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "WhiteNoise")
    manage(tmp_path, "collectstatic", "--noinput")
    return tmp_path


def test_there_and_back(project: Path) -> None:
    before = ask(project)
    assert "whitenoise.middleware.WhiteNoiseMiddleware" in before.middleware

    assert command(project, "migrate", "config.production", "--write").code == 0
    git(project, "commit", "-qam", "servestatic")
    during = ask(project, *before.urls.values())
    assert "servestatic.django.ServeStaticMiddleware" in during.middleware

    for line in commands_of_the_page():
        if line.startswith("git "):
            git(project, *line.replace("COMMIT", "HEAD").split()[1:])
        elif line.startswith("python manage.py "):
            manage(project, *line.split()[2:])
        else:
            assert re.match(r"pip (un)?install |rm -r ", line), line
    assert (project / "collected/.servestatic").is_dir()
    after = ask(project, *during.urls.values())
    assert after.middleware == before.middleware
    assert after.urls == before.urls
    assert {url: after.answers[url] for url in before.answers} == before.answers

    pages_that_are_open = {url: during.answers[url] for url in during.urls.values()}
    for url, (status, body, _) in pages_that_are_open.items():
        assert (after.answers[url][0], after.answers[url][1]) == (status, body), url
        assert "immutable" not in after.answers[url][2]["cache-control"] or url in before.answers


def test_without_django(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snippet serves the file, with the application's own answer for everything else."""
    monkeypatch.chdir(write(tmp_path, {"static/css/app.css": "a {}"}))
    (snippet,) = (block for block in blocks(PAGE) if block.language == "python")
    names: dict[str, Any] = {"app": lambda environ, start: start("204 No Content", []) or []}
    exec(snippet.text, names)
    found: list[str] = []
    for path in ("/static/css/app.css", "/"):
        environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": path}
        body = names["app"](environ, lambda status, _fields: found.append(status))
        found.append(b"".join(body).decode())
        if hasattr(body, "close"):  # as servers do
            body.close()
    assert found == ["200 OK", "a {}", "204 No Content", ""]
