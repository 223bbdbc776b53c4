"""The one index of a process: each test has its own, and development and tests follow the files."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client, override_settings

from servestatic.django.finders import Finder, sources
from servestatic.django.holder import configure, holder

if TYPE_CHECKING:
    from pathlib import Path

APP = """
from django.apps import AppConfig
class Config(AppConfig):
    name = "{name}"
"""


def test_tuples_in_staticfiles_dirs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with override_settings(STATICFILES_DIRS=[("vendor/x", tmp_path)]):
        assert static("vendor/x/a.txt").startswith("/static/vendor/x/a.")
        assert Client().get("/static/vendor/x/a.txt").content == b"a"


# Settings that a test overrides, given a folder with `only.txt` in it.
OVERRIDES: dict[str, Any] = {
    "STATICFILES_DIRS": lambda place: {"STATICFILES_DIRS": [place / "static"]},
    "INSTALLED_APPS": lambda place: {"INSTALLED_APPS": [*settings.INSTALLED_APPS, place.name]},
}


@pytest.mark.parametrize("test_environment", [False, True], ids=["", "in a test run"])
@pytest.mark.parametrize("setting", OVERRIDES)
def test_each_test_has_its_own_index(
    folder: Path,
    setting: str,
    test_environment: bool,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    if test_environment:
        request.getfixturevalue("test_run")
    place = tmp_path_factory.mktemp(f"app_{setting.lower()}_")
    (place / "__init__.py").write_text("")
    (place / "static").mkdir()
    (place / "static/only.txt").write_text("here")
    monkeypatch.syspath_prepend(place.parent)
    before = holder.index()
    client = Client()
    assert client.get("/static/only.txt").status_code == 299
    with override_settings(**OVERRIDES[setting](place)):
        assert "only.txt" in set(holder.index())
        assert client.get(static("only.txt")).content == b"here"
    assert holder.index() is not before
    assert "only.txt" not in set(holder.index())
    assert client.get("/static/only.txt").status_code == 299


def test_another_storage(folder: Path) -> None:
    """A test that wants plain names has them, and the files of these names."""
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain):
        assert static("b.svg") == "/static/b.svg"
        assert Client().get("/static/b.svg").content == b"<svg/>"
    assert static("b.svg") != "/static/b.svg"


# Django setting and value → whether the index is another afterwards.
DEPENDS: dict[str, tuple[str, object, bool]] = {
    "static url": ("STATIC_URL", "/s/", True),
    "static root": ("STATIC_ROOT", "/nowhere", True),
    "finders": ("STATICFILES_FINDERS", [], True),
    "ours": ("SERVESTATIC_MAX_AGE", 5, True),
    "debug": ("DEBUG", True, True),
    "script name": ("FORCE_SCRIPT_NAME", "/x", True),
    "another": ("LANGUAGE_CODE", "de", False),
    "middleware": ("MIDDLEWARE", [], False),
}


@pytest.mark.parametrize("row", DEPENDS)
def test_what_it_depends_on(folder: Path, row: str) -> None:
    name, value, another = DEPENDS[row]
    before = holder.index()
    assert holder.index() is before
    with override_settings(**{name: value}):
        assert (holder.index() is not before) == another


def test_an_empty_index_is_made_once(tmp_path: Path) -> None:
    with override_settings(
        STATICFILES_DIRS=[tmp_path], INSTALLED_APPS=["servestatic.django", "django.contrib.staticfiles"]
    ):
        assert len(holder.index()) == 0
        assert holder.index() is holder.index()


# DEBUG, whether a test run began, SERVESTATIC_LIVE → whether the index is live.
LIVE: list[tuple[bool, bool, str | None, bool]] = [
    (False, False, None, False),
    (True, False, None, True),
    (False, True, None, True),
    (True, False, "off", False),
    (False, True, "off", False),
    (False, False, "on", True),
]


@pytest.mark.parametrize(("debug", "test_environment", "said", "live"), LIVE)
def test_live(
    debug: bool, test_environment: bool, said: str | None, live: bool, request: pytest.FixtureRequest
) -> None:
    if test_environment:
        request.getfixturevalue("test_run")
    more = {} if said is None else {"SERVESTATIC_LIVE": said}
    with override_settings(DEBUG=debug, **more):
        assert configure().live is live
        assert configure().fingerprints is not debug


def test_debug(folder: Path) -> None:
    with override_settings(DEBUG=True):
        assert static("css/app.css") == "/static/css/app.css"
        assert Client().get("/static/css/app.css")["Cache-Control"] == "no-cache"
        with override_settings(SERVESTATIC_FINGERPRINTS=True):
            assert Client().get(static("css/app.css"))["Cache-Control"] == "no-cache"
            assert static("css/app.css") != "/static/css/app.css"


# What happens to the files while a test or a developer looks on → the name and the bytes that are there at once.
CHANGES: dict[str, Any] = {
    "changed": (lambda place: (place / "b.svg").write_text("<svg>new</svg>"), "b.svg", b"<svg>new</svg>"),
    "new": (lambda place: (place / "css/new.css").write_text("a{}"), "css/new.css", b"a{}"),
    "new folder": (
        lambda place: ((place / "js").mkdir(), (place / "js/new.js").write_text("1")),
        "js/new.js",
        b"1",
    ),
    "gone": (lambda place: (place / "b.svg").unlink(), "b.svg", None),
}


@pytest.mark.parametrize("debug", [False, True], ids=["in a test run", "developing"])
@pytest.mark.parametrize("change", CHANGES)
def test_changes_at_the_next_request(folder: Path, change: str, debug: bool, request: pytest.FixtureRequest) -> None:
    if not debug:
        request.getfixturevalue("test_run")
    happen, name, content = CHANGES[change]
    with override_settings(DEBUG=debug):
        client, before = Client(), static("b.svg")
        assert client.get(before).content == b"<svg/>"
        happen(folder)
        answer = client.get(static(name))
        if content is None:
            assert static(name) == f"/static/{name}"
            assert answer.status_code in (299, 404)
        else:
            assert answer.content == content
        assert debug or static("css/app.css") != "/static/css/app.css"


def test_a_stylesheet_follows_what_it_refers_to(folder: Path, test_run: None) -> None:
    before = static("css/app.css"), static("b.svg")
    (folder / "b.svg").write_text("<svg>new</svg>")
    after = static("css/app.css"), static("b.svg")
    assert not {*before} & {*after}
    assert after[1].rpartition("/")[2].encode() in Client().get(after[0]).content


def test_made_before_the_test_run(folder: Path, request: pytest.FixtureRequest) -> None:
    """What asks for a URL while modules are imported does not decide that tests have an index that stands still."""
    before = holder.index()
    request.getfixturevalue("test_run")
    assert Client().get("/static/b.svg").content == b"<svg/>"
    assert holder.index() is not before


@override_settings(STATICFILES_FINDERS=["django.contrib.staticfiles.finders.DefaultStorageFinder"])
def test_other_finders(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.txt").write_text("a")
    storages = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    with override_settings(MEDIA_ROOT=tmp_path, STORAGES=storages):
        finders.get_finder.cache_clear()  # type: ignore[attr-defined] # an lru_cache, which the stubs hide
        assert [type(source) for source in sources()] == [Finder]
        with caplog.at_level(logging.INFO):
            assert Client().get(static("a.txt")).content == b"a"
    finders.get_finder.cache_clear()  # type: ignore[attr-defined] # an lru_cache, which the stubs hide
