"""Files at the root of the site (SERVESTATIC_ROOT), wherever Django serves, names or checks static files."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.core.management import CommandError, call_command
from django.templatetags.static import static
from django.test import AsyncClient, Client, LiveServerTestCase, override_settings

from servestatic.django.applications import get_wsgi_application
from servestatic.django.checks import check_deployment, check_project
from servestatic.django.checks.names import list_names
from servestatic.django.holder import holder
from servestatic.django.live_servers import serve_in_live_servers
from servestatic.releases.load import check
from tests.support.files import write
from tests.support.interfaces.wsgi import call_wsgi, environ_of
from tests.support.judge import Sent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = {
    "robots.txt": "User-agent: *\n",
    "favicon.svg": "<svg/>",
    ".well-known/assetlinks.json": "[]",
    "index.html": '<link rel=stylesheet href="/static/css/app.css">',
    "about.html": "about",
}


@pytest.fixture
def public(folder: Path) -> Iterator[Path]:
    place = write(folder.parent / "public", FILES)
    with override_settings(SERVESTATIC_ROOT=place):
        yield place


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


PATHS = [("/robots.txt", b"User-agent: *\n"), ("/.well-known/assetlinks.json", b"[]"), ("/favicon.svg", b"<svg/>")]


@pytest.mark.parametrize(("path", "data"), PATHS)
def test_the_middleware(public: Path, path: str, data: bytes) -> None:
    response = Client().get(path)
    assert (response.status_code, body(response), response["Cache-Control"]) == (200, data, "max-age=60")

    async def ask() -> bytes:
        answer: Any = await AsyncClient().get(path)
        assert answer.status_code == 200
        if answer.streaming:
            return b"".join([part async for part in answer.streaming_content])
        return bytes(answer.content)

    assert asyncio.run(ask()) == data


def test_the_application_answers_otherwise(public: Path) -> None:
    for path in ("/", "/about", "/users/3", "/x.0123456789ab.js", "/static/robots.txt"):
        response = Client().get(path)
        assert response.get("X-Application") == "yes" or path.startswith("/static/"), path


def test_around_django(public: Path) -> None:
    for script_name in ("", "/sub"):
        sent = Sent("GET", f"{script_name}/robots.txt", (("Host", "testserver"),), script_name)
        assert call_wsgi(get_wsgi_application(), environ_of(sent)).body == b"User-agent: *\n"


def test_pages(public: Path) -> None:
    with override_settings(SERVESTATIC_INDEX_FILE="index.html", SERVESTATIC_CLEAN_URLS=True):
        assert body(Client().get("/")).decode() == f'<link rel=stylesheet href="{static("css/app.css")}">'
        assert body(Client().get("/about")) == b"about"


@pytest.mark.usefixtures("test_run")
def test_the_test_client_follows(public: Path) -> None:
    assert Client().get("/new.txt").get("X-Application") == "yes"
    write(public, {"new.txt": "new"})
    assert body(Client().get("/new.txt")) == b"new"
    with override_settings(SERVESTATIC_ROOT=[public.parent / "static"]):
        assert body(Client().get("/b.svg")) == b"<svg/>"
        assert Client().get("/robots.txt").get("X-Application") == "yes"


def test_live_servers(public: Path) -> None:
    serve_in_live_servers(holder.index)
    for case in (LiveServerTestCase, StaticLiveServerTestCase):
        handler = case.static_handler(lambda *_: [])
        assert call_wsgi(handler, environ_of(Sent("GET", "/robots.txt", (("Host", "x"),), ""))).status == 200


# ------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize("url", ["/static/", "https://cdn.example.org/static/", "static/"])
def test_urls(public: Path, url: str) -> None:
    """A file at the root is not below STATIC_URL, and a network in front of that does not have it."""
    with override_settings(STATIC_URL=url):
        holder.forget()
        path = static("favicon.svg")
        assert (path[:9], path[-4:], len(path)) == ("/favicon.", ".svg", len("/favicon.0123456789ab.svg"))
        assert Client().get(path)["Cache-Control"] == "max-age=31536000, immutable"
        prefix = "/static/" if url == "static/" else url
        assert staticfiles_storage.url("css/app.css").startswith(f"{prefix}css/app.")


def test_a_name_that_both_have(public: Path) -> None:
    write(public, {"b.svg": "at the root"})
    assert static("b.svg").startswith("/static/b.")
    assert body(Client().get("/b.svg")) == b"at the root"


def test_the_storage(public: Path) -> None:
    with staticfiles_storage.open("robots.txt") as file:
        assert file.read() == b"User-agent: *\n"
    assert staticfiles_storage.path("robots.txt") == str(public / "robots.txt")
    assert not staticfiles_storage.exists("static/css/app.css")
    assert "robots.txt" not in staticfiles_storage.hashed_files  # type: ignore[attr-defined] # of a Manifest storage
    assert "css/app.css" in staticfiles_storage.hashed_files  # type: ignore[attr-defined] # as above


# ---------------------------------------------------------------------------------------------------- collectstatic


def test_collectstatic(public: Path, tmp_path: Path) -> None:
    write(public, {"b.svg": "at the root"})
    root = tmp_path / "collected"
    with override_settings(STATIC_ROOT=root):
        for options in ({}, {"clear": True}):
            call_command("collectstatic", interactive=False, verbosity=0, **options)
            assert check(root) == []
        assert (root / ".at/robots.txt").read_text() == "User-agent: *\n"
        assert json.loads((root / "staticfiles.json").read_text())["paths"].keys() == {"css/app.css", "b.svg"}
        with override_settings(SERVESTATIC_BUILD=root, SERVESTATIC_ROOT="/nowhere"):
            for path, data in (*PATHS, ("/b.svg", b"at the root"), ("/static/b.svg", b"<svg/>")):
                assert body(Client().get(path)) == data
            assert Client().get(static("favicon.svg"))["Cache-Control"] == "max-age=31536000, immutable"
            assert not [message for message in check_project() if message.id == "servestatic.W032"]


def test_a_build_by_the_command_of_its_own(public: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call_command("servestatic_build", str(out), verbosity=0)
    assert check(out) == []
    with override_settings(SERVESTATIC_BUILD=out, SERVESTATIC_ROOT="/nowhere"):
        for path, data in PATHS:
            assert body(Client().get(path)) == data


def test_collectstatic_of_a_name_that_only_it_finds(public: Path, folder: Path, tmp_path: Path) -> None:
    """The file at the root does not hide it."""
    write(folder, {".hidden.txt": "below"})
    write(public, {"sub/.hidden.txt": "never"})
    with override_settings(STATIC_ROOT=tmp_path / "collected"):
        call_command("collectstatic", interactive=False, verbosity=0, use_default_ignore_patterns=False)
    names = json.loads((tmp_path / "collected/staticfiles.json").read_text())["paths"]
    assert ".hidden.txt" in names


def test_collectstatic_without_the_directory(public: Path, tmp_path: Path) -> None:
    with (
        override_settings(STATIC_ROOT=tmp_path / "collected", SERVESTATIC_ROOT="/nowhere"),
        pytest.raises(CommandError, match=r"the directory '/nowhere' of the setting root does not exist"),
    ):
        call_command("collectstatic", interactive=False, verbosity=0)


# ----------------------------------------------------------------------------------------------------------- checks


def test_the_names_that_checks_know(public: Path) -> None:
    assert {"robots.txt", "css/app.css"} <= list_names()


def test_static_root_in_the_root(public: Path) -> None:
    """As in a project that has served what it had collected, at the root."""
    for root, relation in ((public, "is"), (public / "x", "is within"), (public.parent, "contains")):
        with override_settings(STATIC_ROOT=root):
            messages = [message for message in check_project() if message.id == "servestatic.W017"]
            assert any(f"{relation} the source directory '{public}'" in message.msg for message in messages), relation


def test_a_file_of_the_root_in_a_template(public: Path, tmp_path: Path) -> None:
    write(tmp_path / "templates", {"a.html": "{% load static %}{% static 'favicon.svg' %}{% static 'gone.svg' %}"})
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path / "templates"]}
    with override_settings(TEMPLATES=[engine]):
        assert ["gone.svg" in message.msg for message in check_deployment() if message.id == "servestatic.W023"] == [
            True
        ]
