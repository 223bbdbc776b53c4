"""A project as somebody has it: runserver, `uvicorn --reload`, `manage.py test`, management commands."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.support.django_project import environment, manage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = {
    "manage.py": """
        import os, sys
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
        from django.core.management import execute_from_command_line
        execute_from_command_line(sys.argv)
    """,
    "project/__init__.py": "",
    "project/settings.py": """
        import os
        DEBUG = os.environ.get("DEBUG") == "1"
        ALLOWED_HOSTS = ["*"]
        SECRET_KEY = "tests"
        INSTALLED_APPS = os.environ.get("APPS", "servestatic.django django.contrib.staticfiles").split() + ["shop"]
        MIDDLEWARE = os.environ.get("MIDDLEWARE", "servestatic.django.ServeStaticMiddleware").split()
        ROOT_URLCONF = "project.urls"
        STATIC_URL = "static/"
        USE_TZ = True
        STORAGES = {"staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"}}
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        STATIC_ROOT = os.environ.get("STATIC_ROOT")
    """,
    "project/urls.py": """
        from django.shortcuts import render
        from django.urls import path
        urlpatterns = [path("", lambda request: render(request, "home.html"))]
    """,
    "project/asgi.py": """
        import os
        from servestatic.django import get_asgi_application
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
        application = get_asgi_application()
    """,
    "shop/__init__.py": "",
    "shop/templates/home.html": "{% load static %}{% static 'shop/app.css' %}",
    "shop/static/shop/app.css": "a{background:url(bg.svg)}",
    "shop/static/shop/bg.svg": "<svg/>",
    "shop/tests.py": """
        import pathlib, threading, urllib.request
        from django.contrib.staticfiles.testing import StaticLiveServerTestCase
        from django.templatetags.static import static
        from django.test import LiveServerTestCase, TestCase

        FOLDER = pathlib.Path(__file__).parent / "static/shop"

        class Checks:
            def test_page(self):
                url = self.get("/").decode()
                self.assertRegex(url, r"^/static/shop/app\\.[0-9a-f]{12}\\.css$")
                self.assertIn(static("shop/bg.svg").rpartition("/")[2].encode(), self.get(url))

            def test_change(self):
                before = static("shop/bg.svg")
                (FOLDER / "bg.svg").write_text(f"<svg>{self.id()}</svg>")
                self.assertNotEqual(static("shop/bg.svg"), before)
                self.assertIn(self.id().encode(), self.get(static("shop/bg.svg")))
                self.assertIn(self.id().encode(), self.get("/static/shop/bg.svg"))

            def test_new(self):
                (FOLDER / f"{self.id()}.css").write_text("a{}")
                self.assertEqual(self.get(static(f"shop/{self.id()}.css")), b"a{}")

        class ClientTests(Checks, TestCase):
            def get(self, path):
                return self.client.get(path).content

        class LiveTests(Checks, LiveServerTestCase):
            def get(self, path):
                with urllib.request.urlopen(self.live_server_url + path) as answer:
                    return answer.read()

        class StaticLiveTests(LiveTests, StaticLiveServerTestCase):
            pass
    """,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        place = tmp_path / "project" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        first = re.match(r"\n( *)", text)
        place.write_text(text.replace(first[0], "\n", 1).replace("\n" + first[1], "\n") if first else text)
    return tmp_path / "project"


@pytest.mark.parametrize("static_root", [None, "root"], ids=["", "with STATIC_ROOT"])
def test_a_test_run(project: Path, static_root: str | None) -> None:
    more = {"STATIC_ROOT": str(project / static_root)} if static_root else {}
    assert "Ran 9 tests" in manage(project, "test", **more)


def test_commands_that_need_names_alone(project: Path) -> None:
    script = (
        "from django.templatetags.static import static; import threading;"
        "print(static('shop/app.css'), threading.active_count())"
    )
    said = manage(project, "shell", "-c", script, SERVESTATIC_STORE=str(project / "store"))
    assert re.search(r"^/static/shop/app\.[0-9a-f]{12}\.css 1$", said, re.MULTILINE)
    coded = [path for path in (project / "store/objects").glob("*/*") if not path.read_bytes().endswith(b".svg)}")]
    assert coded == []


# -------------------------------------------------------------------------------------------------- servers


class Answer(NamedTuple):
    """What a client gets."""

    status: int
    content: str


def get(port: int, path: str) -> Answer:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return Answer(answer.status, answer.read().decode())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode())


@contextmanager
def serving(project: Path, *command: str, **more: str) -> Iterator[int]:
    """Run a server until it is no longer wanted, with all that it starts; `PORT` in the command is a free one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [sys.executable, *(each.replace("PORT", str(port)) for each in command)]
    with (project / "log").open("wb") as log:
        server = subprocess.Popen(
            arguments, cwd=project, env=environment(**more), stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(port, server, project / "log")
            yield port
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


RUNSERVER = ("manage.py", "runserver", "127.0.0.1:PORT")
UVICORN = ("-m", "uvicorn", "--port", "PORT", "--reload", "--lifespan", "on", "project.asgi:application")

# How somebody develops → the command, and the environment that makes the settings.
DEVELOPING: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "runserver": (RUNSERVER, {}),
    "runserver, fingerprints": (RUNSERVER, {"SERVESTATIC_FINGERPRINTS": "on"}),
    "runserver, no middleware": (RUNSERVER, {"MIDDLEWARE": "", "SERVESTATIC_FINGERPRINTS": "on"}),
    "runserver, the other order of apps": (RUNSERVER, {"APPS": "django.contrib.staticfiles servestatic.django"}),
    "uvicorn --reload": (UVICORN, {"MIDDLEWARE": "", "SERVESTATIC_FINGERPRINTS": "on"}),
}


@pytest.mark.parametrize("row", DEVELOPING)
def test_changes_at_the_next_request(project: Path, row: str) -> None:
    command, more = DEVELOPING[row]
    place = project / "shop/static/shop"
    with serving(project, *command, DEBUG="1", **more) as port:
        first = get(port, "/").content
        assert (first == "/static/shop/app.css") == ("SERVESTATIC_FINGERPRINTS" not in more)
        assert get(port, first).content.startswith("a{background:url(bg.")
        (place / "app.css").write_text("p{color:red}")
        assert get(port, get(port, "/").content) == (200, "p{color:red}")
        (place / "new.css").write_text("new")
        assert get(port, "/static/shop/new.css") == (200, "new")
        (place / "new.css").unlink()
        assert get(port, "/static/shop/new.css").status == 404
    assert "Traceback" not in (project / "log").read_text()


def test_runserver_without_static_files(project: Path) -> None:
    with serving(project, *RUNSERVER, "--nostatic", "--noreload", DEBUG="1", MIDDLEWARE="") as port:
        assert get(port, "/static/shop/app.css").status == 404


def test_runserver_as_in_production(project: Path) -> None:
    with serving(project, *RUNSERVER, "--noreload") as port:
        url = get(port, "/").content
        assert url != "/static/shop/app.css"
        assert get(port, url).status == 200
