"""`{% static %}`, `static()` and form media: URLs from the index, and never an error for the sake of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.conf import settings
from django.forms import Media
from django.template import Context, Engine
from django.templatetags.static import static
from django.test import Client, override_settings
from django.urls import set_script_prefix

from servestatic import SettingError, UnknownAsset
from servestatic.django import ServeStaticStorage
from servestatic.django.holder import holder
from servestatic.runtime.log import PREFIX

if TYPE_CHECKING:
    from pathlib import Path


def render(template: str, **context: object) -> str:
    engine = Engine(
        libraries={"static": "django.templatetags.static"},
        loaders=[("django.template.loaders.locmem.Loader", {"pages/home.html": template})],
    )
    return engine.get_template("pages/home.html").render(Context(context))


def test_static_urls(folder: Path) -> None:
    url = static("css/app.css")
    assert url == "/static/" + holder.index().path("css/app.css")
    assert url != "/static/css/app.css"
    assert render("{% load static %}{% static 'css/app.css' %}") == url
    assert settings.STATIC_ROOT is None
    assert sorted(path.name for path in folder.iterdir()) == ["b.svg", "css"]


# What is asked for → what the URL begins with, and how it ends.
NAMES = {
    "a file": ("b.svg", "/static/b.", ".svg"),
    "with a fragment": ("b.svg#icon", "/static/b.", ".svg#icon"),
    "with a query": ("b.svg?v=1#icon", "/static/b.", ".svg?v=1#icon"),
    "with an empty query": ("b.svg?#iefix", "/static/b.", ".svg?#iefix"),
    "a folder": ("css/", "/static/css/", "css/"),
    "a folder of a scope": ("vendor/@a/", "/static/vendor/@a/", "@a/"),
    "nothing": ("", "/static/", "/"),
    "with a space": ("a b.txt", "/static/a%20b.", ".txt"),
    "with a question mark": ("why?.txt", "/static/why%3F.", ".txt"),
    "with a hash": ("a#b.txt", "/static/a%23b.", ".txt"),
    "with signs that paths may have": ("@a:b+(c).txt", "/static/@a:b+(c).", ".txt"),
    "with other letters": ("ünï.txt", "/static/%C3%BCn%C3%AF.", ".txt"),
    "with dots at its end": ("two.dots..", "/static/two.dots..", "."),
    "with twelve digits": ("backup.202401151230", "/static/backup.", ".202401151230"),
    "with a backslash": ("b\\c.txt", "/static/b%5Cc.", ".txt"),
    "with dots and a backslash": ("x\\..\\c.txt", "/static/x%5C..%5Cc.", ".txt"),
    "with a backslash and a question mark": ("b\\c?.txt", "/static/b%5Cc%3F.", ".txt"),
}


@pytest.mark.parametrize("row", NAMES)
def test_names(folder: Path, row: str, caplog: pytest.LogCaptureFixture) -> None:
    name, start, end = NAMES[row]
    (folder / "b").mkdir()
    for each, _, _ in NAMES.values():
        if each and not each.endswith("/") and not each.startswith("b.svg"):
            (folder / each).write_text(each)
    (folder / "b/c.txt").write_text("what Django takes a backslash for")
    url = static(name)
    assert url.startswith(start)
    assert url.endswith(end)
    assert not caplog.records
    if name and not name.endswith("/"):
        assert len(url) > len(start) + len(end)
        path = url.partition("?")[0].partition("#")[0]
        assert Client().get(path)["Cache-Control"] == "max-age=31536000, immutable"


def test_form_media(folder: Path) -> None:
    media = Media(css={"all": ["css/app.css", "https://cdn.example/x.css"]}, js=["/elsewhere.js"])
    path = static("css/app.css")
    assert str(media) == (
        f'<link href="{path}" media="all" rel="stylesheet">\n'
        '<link href="https://cdn.example/x.css" media="all" rel="stylesheet">\n'
        '<script src="/elsewhere.js"></script>'
    )


def test_the_admin(folder: Path) -> None:
    apps_of_admin = ("admin", "auth", "contenttypes", "messages", "sessions", "staticfiles")
    installed = ["servestatic.django", *(f"django.contrib.{each}" for each in apps_of_admin)]
    with override_settings(INSTALLED_APPS=installed):
        check_the_admin()
    with pytest.raises(UnknownAsset):
        holder.index().path("admin/css/base.css")


def check_the_admin() -> None:
    page = render("{% load static %}<link href=\"{% static 'admin/css/base.css' %}\">")
    path = page.split('"')[1]
    assert path.startswith("/static/admin/css/base.")
    answer = Client().get(path)
    assert answer.status_code == 200
    assert "admin/css/base.css" in set(holder.index())


# --------------------------------------------------------------------------------------------- missing names


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    messages = [record.getMessage() for record in caplog.records if record.name == "servestatic"]
    assert all(message.startswith(PREFIX) for message in messages)
    return [message.removeprefix(PREFIX) for message in messages]


def test_a_missing_name(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert [static("css/ap.css"), static("css/ap.css#x")] == ["/static/css/ap.css", "/static/css/ap.css#x"]
    (said,) = warnings(caplog)
    assert said == "no source has a file 'css/ap.css'. Did you mean 'css/app.css'? Its URL has no fingerprint."
    for kind in (UnknownAsset, ValueError):  # what Django's own storages raise
        with override_settings(SERVESTATIC_STRICT=True), pytest.raises(kind, match=r"css/ap\.css"):
            static("css/ap.css")


# A template, in which `{{ media }}` is form media with a missing name → the line that is named.
TEMPLATES = {
    "the tag": ("\n\n{% load static %}{% static 'x.css' %}", 3),
    "the tag, with a variable": ("{% load static %}\n{% static name %}", 2),
    "the tag, as a variable": ("{% load static %}\n\n\n{% static name as url %}", 4),
    "within others": (
        "{% load static %}{% if name %}\n{% for x in name %}\n{% static 'x.css' %}{% endfor %}{% endif %}",
        3,
    ),
    "form media": ("\n{{ media }}", 2),
}


@pytest.mark.parametrize("row", TEMPLATES)
def test_a_missing_name_in_a_template(folder: Path, row: str, caplog: pytest.LogCaptureFixture) -> None:
    template, line = TEMPLATES[row]
    render(template, name="x.css", media=Media(css={"all": ["x.css"]}))
    (said,) = warnings(caplog)
    assert said == (
        f"no source has a file 'x.css'. Its URL has no fingerprint. (Used in pages/home.html, line {line}.)"
    )


def test_many_missing_names(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(1200):
        assert static(f"{number}.css") == f"/static/{number}.css"
    assert len(warnings(caplog)) == 1000


def test_a_missing_name_that_comes(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert static("new.css") == "/static/new.css"
    (folder / "new.css").write_text("a{}")
    holder.forget()
    assert static("new.css").startswith("/static/new.")
    assert len(static("new.css")) > len("/static/new.css")


def test_before_the_apps_are_ready(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "ready", False)
    assert static("b.svg") == "/static/b.svg"
    assert holder._index is None
    monkeypatch.setattr(apps, "ready", True)
    assert static("b.svg") != "/static/b.svg"


def test_a_wrong_setting(folder: Path) -> None:
    wrong = override_settings(SERVESTATIC_MAXAGE=3)
    with wrong, pytest.raises(SettingError, match="SERVESTATIC_MAXAGE in the Django settings: no such setting"):
        Client().get("/")


# ------------------------------------------------------------------------------------------------ STATIC_URL


# STATIC_URL and FORCE_SCRIPT_NAME → what URLs begin with, and the script's name and path that a server then asks for.
STATIC_URLS = {
    "a path": ("/assets/", None, "/assets/", [("", "/assets/")]),
    "a relative path": ("assets/", None, "/assets/", [("", "/assets/"), ("/sub", "/assets/")]),
    "a CDN": ("https://cdn.example/x/", None, "https://cdn.example/x/", [("", "/x/")]),
    "a CDN, nothing below": ("https://cdn.example/", None, "https://cdn.example/", [("", "/")]),
    "everything": ("/", None, "/", [("", "/")]),
    "a forced script name": ("static/", "/app", "/app/static/", [("", "/static/"), ("/app", "/static/")]),
    "a forced script name, in full": ("/app/static/", "/app", "/app/static/", [("", "/static/"), ("/app", "/static/")]),
    "a forced script name, beside it": ("/static/", "/app", "/static/", [("", "/static/")]),
}


@pytest.mark.parametrize("row", STATIC_URLS)
def test_static_url(folder: Path, row: str) -> None:
    static_url, script_name, start, requests = STATIC_URLS[row]
    with override_settings(STATIC_URL=static_url, FORCE_SCRIPT_NAME=script_name, MEDIA_URL="/media/"):
        set_script_prefix(script_name or "/")
        holder.index()
        name = holder.index().path("b.svg")
        if script_name:
            set_script_prefix(f"{script_name}/")
        assert static("b.svg") == start + name
        for root, path in requests:
            answer = Client(SCRIPT_NAME=root).get(path + name)
            assert (answer.status_code, answer.content) == (200, b"<svg/>")
    set_script_prefix("/")


def test_a_relative_static_url_follows_the_script_name(folder: Path) -> None:
    """Django keeps the first one for good."""
    with override_settings(STATIC_URL="static/"):
        name = holder.index().path("b.svg")
        for prefix in ("/", "/sub/", "/other/", "/"):
            set_script_prefix(prefix)
            assert static("b.svg") == f"{prefix}static/{name}"
            assert static("missing.svg") == f"{prefix}static/missing.svg"
    with override_settings(STATIC_URL="/static/"):
        set_script_prefix("/sub/")
        assert static("b.svg") == f"/static/{name}"
    set_script_prefix("/")


def test_the_index_does_not_fix_the_script_name(folder: Path) -> None:
    with override_settings(STATIC_URL="static/"):
        holder.index()
        set_script_prefix("/sub/")
        assert settings.STATIC_URL == "/sub/static/"
    set_script_prefix("/")


def test_a_base_url_of_the_storage(folder: Path) -> None:
    """STORAGES has it among the OPTIONS."""
    with override_settings(STATIC_URL="static/"):
        storage = ServeStaticStorage(base_url="https://cdn.example/s")
        assert storage.url("b.svg") == f"https://cdn.example/s/{holder.index().path('b.svg')}"
        assert storage.url("missing.svg") == "https://cdn.example/s/missing.svg"


def test_names_alone_need_no_codings(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A management command that writes URLs makes none, whatever SERVESTATIC_COMPRESS says."""
    monkeypatch.setenv("SERVESTATIC_STORE", str(tmp_path / "store"))
    with override_settings(SERVESTATIC_COMPRESS="startup"):
        static("css/app.css")
        before = [*(tmp_path / "store/objects").glob("*/*")]  # what was rewritten
        holder.prepare()
        assert len([*(tmp_path / "store/objects").glob("*/*")]) > len(before)
        assert all(each.read_bytes().endswith(b"b{}") for each in before)
