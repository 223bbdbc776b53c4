"""Django without collectstatic: URLs from the index, files from the middleware, an index of one's own for each test."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.templatetags.static import static
from django.test import AsyncClient, Client, override_settings

from servestatic import SettingError, UnknownAsset
from servestatic.django.holder import holder
from servestatic.django.source import Finder, sources
from tests.adapters.django_site import configure

configure()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "css").mkdir()
    (tmp_path / "css/app.css").write_text("a{background:url(../b.svg)}" + "b{}" * 200)
    (tmp_path / "b.svg").write_text("<svg/>")
    with override_settings(STATICFILES_DIRS=[tmp_path]):
        yield tmp_path


def test_static_urls(folder: Path) -> None:
    url = static("css/app.css")
    assert url == "/static/" + holder.index().path("css/app.css")
    with override_settings(TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}]):
        assert Template("{% load static %}{% static 'css/app.css' %}").render(Context()) == url
    assert static("b.svg#icon") == holder.index().url("b.svg") + "#icon"
    assert static("b.svg?v=1#icon").endswith("?v=1#icon")
    assert static("css/") == "/static/css/"
    assert settings.STATIC_ROOT is None
    assert sorted(path.name for path in folder.iterdir()) == ["b.svg", "css"]


def test_files(folder: Path) -> None:
    url = static("css/app.css")
    response = Client().get(url, headers={"accept-encoding": "br"})
    assert response.status_code == 200
    assert response["Cache-Control"] == "max-age=31536000, immutable"
    assert response["Content-Encoding"] == "br"
    unchanged = Client().get(url, headers={"accept-encoding": "br", "if-none-match": response["ETag"]})
    assert (unchanged.status_code, unchanged.content, "Content-Type" in unchanged) == (304, b"", False)
    assert holder.index().path("b.svg") in Client().get(url).content.decode()

    async def get() -> int:
        return (await AsyncClient().get(url)).status_code

    assert asyncio.run(get()) == 200


def test_tuples_in_staticfiles_dirs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with override_settings(STATICFILES_DIRS=[("vendor/x", tmp_path)]):
        assert static("vendor/x/a.txt").startswith("/static/vendor/x/a.")
        assert Client().get("/static/vendor/x/a.txt").content == b"a"


def test_a_name_that_no_source_has(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    storage_url = static("css/ap.css")
    assert storage_url == "/static/css/ap.css"
    assert static("css/ap.css") == storage_url
    (record,) = [record for record in caplog.records if record.name == "servestatic.django"]
    assert "no source has a file 'css/ap.css'. Did you mean 'css/app.css'" in record.getMessage()
    with override_settings(SERVESTATIC_STRICT=True), pytest.raises(UnknownAsset):
        static("css/ap.css")


def test_each_test_has_its_own_index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = holder.index()
    other = tmp_path_factory.mktemp("other")
    (other / "only.txt").write_text("here")
    with override_settings(STATICFILES_DIRS=[other]):
        assert "only.txt" in set(holder.index())
        assert Client().get(static("only.txt")).content == b"here"
    assert holder.index() is not before
    assert "only.txt" not in set(holder.index())


def test_debug(folder: Path) -> None:
    with override_settings(DEBUG=True):
        assert static("css/app.css") == "/static/css/app.css"
        assert Client().get("/static/css/app.css")["Cache-Control"] == "no-cache"
        with override_settings(SERVESTATIC_FINGERPRINTS=True):
            assert Client().get(static("css/app.css"))["Cache-Control"] == "no-cache"
            assert static("css/app.css") != "/static/css/app.css"


@pytest.mark.parametrize(
    ("static_url", "url"),
    [
        ("/assets/", "/assets/"),
        ("assets/", "/assets/"),
        ("https://cdn.example/x/", "https://cdn.example/x/"),
        ("/", "/"),
    ],
)
def test_static_url(folder: Path, static_url: str, url: str) -> None:
    with override_settings(STATIC_URL=static_url, MEDIA_URL="/media/"):
        name = holder.index().path("b.svg")
        assert static("b.svg") == url + name
        path = url.removeprefix("https://cdn.example") + name
        assert Client().get(path).content == b"<svg/>"


def test_script_name(folder: Path) -> None:
    path = static("b.svg")
    assert Client(SCRIPT_NAME="/sub").get(path).content == b"<svg/>"


def test_a_wrong_setting(folder: Path) -> None:
    wrong = override_settings(SERVESTATIC_MAXAGE=3)
    with wrong, pytest.raises(SettingError, match="SERVESTATIC_MAXAGE in the Django settings: no such setting"):
        holder.index()


@override_settings(STATICFILES_FINDERS=["django.contrib.staticfiles.finders.DefaultStorageFinder"])
def test_other_finders(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.txt").write_text("a")
    storages = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    with override_settings(MEDIA_ROOT=tmp_path, STORAGES=storages):
        from django.contrib.staticfiles import finders

        finders.get_finder.cache_clear()  # type: ignore[attr-defined] # an lru_cache, which the stubs hide
        assert [type(source) for source in sources()] == [Finder]
        with caplog.at_level(logging.INFO):
            assert Client().get(static("a.txt")).content == b"a"
    finders.get_finder.cache_clear()  # type: ignore[attr-defined] # an lru_cache, which the stubs hide
