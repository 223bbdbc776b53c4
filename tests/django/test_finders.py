"""Finders as sources: one rule for links and names, whichever finder lists a file."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.test import override_settings

from servestatic.django.finders import Finder, sources
from servestatic.django.holder import holder
from servestatic.releases.load import check, load
from servestatic.settings.model import Settings
from servestatic.sources.directory import Directory
from tests.support.client import get
from tests.support.files import write

if TYPE_CHECKING:
    from collections.abc import Iterator


class Apps(finders.AppDirectoriesFinder):
    """A subclass that changes nothing."""


class Folders(finders.FileSystemFinder):
    """A subclass that changes nothing."""


class OwnApps(finders.AppDirectoriesFinder):
    """A subclass that lists files itself."""

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        """List what its parent lists."""
        yield from super().list(ignore_patterns)


class OwnFolders(finders.FileSystemFinder):
    """A subclass that lists files itself."""

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        """List what its parent lists."""
        yield from super().list(ignore_patterns)


class OddStorage(FileSystemStorage):
    """A storage of its own."""


class OddApps(finders.AppDirectoriesFinder):
    """A subclass with a storage of its own."""

    storage_class = OddStorage


class Names(finders.BaseFinder):
    """A finder that lists names which no storage has."""

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        """List one that leads out, one with a NUL, one that does not exist."""
        storage = FileSystemStorage(location="/nonexistent")
        yield from ((name, storage) for name in ("../a.css", "nul\0.css", "gone.css"))


_DJANGO = "django.contrib.staticfiles.finders"
FINDERS: dict[str, tuple[tuple[str, ...], type]] = {
    "Django's": ((f"{_DJANGO}.FileSystemFinder", f"{_DJANGO}.AppDirectoriesFinder"), Directory),
    "subclasses": ((f"{__name__}.Folders", f"{__name__}.Apps"), Directory),
    "with a list": ((f"{__name__}.OwnFolders", f"{__name__}.OwnApps"), Finder),
    "with a storage": ((f"{__name__}.OwnFolders", f"{__name__}.OddApps"), Finder),
}


@pytest.fixture(params=[*FINDERS.values()], ids=[*FINDERS])
def site(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, type]]:
    """A project with a folder and an app of its own, an installed app, and one that was linked file by file."""
    write(tmp_path, {"project/static/own.css": "a{}", "outside/secret.css": "secret{}"})
    names = []
    for place, name in (("project", "shop"), ("venv/site-packages", "installed"), ("runfiles", "linked")):
        app = f"app_{name}_{len(os.fspath(tmp_path))}"
        names.append(app)
        write(tmp_path / place / app, {"__init__.py": "", f"static/{name}.css": "a{}", "static/sub/b.css": "b{}"})
        monkeypatch.syspath_prepend(str(tmp_path / place))
    for folder in ("project/static", f"project/{names[0]}/static"):
        (tmp_path / folder / f"out_{folder.count('/')}.css").symlink_to(tmp_path / "outside/secret.css")
        (tmp_path / folder / "in.css").symlink_to(tmp_path / f"project/{names[0]}/static/shop.css")
    for app, links in ((names[1], ("static/installed.css",)), (names[2], ("static/linked.css", "__init__.py"))):
        (folder_of,) = tmp_path.glob(f"*/**/{app}")
        for link in links:
            target = tmp_path / "cache" / app / link
            target.parent.mkdir(parents=True, exist_ok=True)
            (folder_of / link).rename(target)
            (folder_of / link).symlink_to(target)
    importlib.invalidate_caches()
    chosen, kind = request.param
    options = {
        "STATICFILES_FINDERS": chosen,
        "STATICFILES_DIRS": [tmp_path / "project/static"],
        "INSTALLED_APPS": ["servestatic.django", "django.contrib.staticfiles", *names],
        "STATIC_ROOT": tmp_path / "root",
    }
    with override_settings(**options):
        finders.get_finder.cache_clear()  # type: ignore[attr-defined] # an lru_cache, which the stubs hide
        holder.forget()
        yield tmp_path, kind
    finders.get_finder.cache_clear()  # type: ignore[attr-defined] # as above


TAKEN = {"own.css", "in.css", "shop.css", "installed.css", "linked.css", "sub/b.css"}


def test_links(site: tuple[Path, type], caplog: pytest.LogCaptureFixture) -> None:
    root, kind = site
    assert any(isinstance(each, kind) for each in sources())
    index = holder.index()
    assert {*index} == TAKEN
    for name in ("out_1.css", "out_2.css"):
        assert f"{name}: the link leads out of every source, to {root}/outside/secret.css" in caplog.text
    assert get(index, index.url("installed.css"))[2] == b"a{}"


@pytest.mark.usefixtures("site")
def test_the_remedy() -> None:
    """What the message advises is a setting of a Django project."""
    with override_settings(SERVESTATIC_FOLLOW_SYMLINKS="all"):
        holder.forget()
        assert {*holder.index()} == TAKEN | {"out_1.css", "out_2.css"}


@pytest.mark.parametrize(("rule", "more"), [("inside", set()), ("packages", {"vendor.css"}), ("all", {"vendor.css"})])
def test_links_into_packages(site: tuple[Path, type], rule: str, more: set[str]) -> None:
    root, _ = site
    (installed,) = root.glob("venv/site-packages/*/static/installed.css")
    (root / "project/static/vendor.css").symlink_to(installed)
    with override_settings(SERVESTATIC_FOLLOW_SYMLINKS=rule):
        holder.forget()
        index = holder.index()
        assert {name for name in index if not name.startswith("out_")} == TAKEN | more
        call_command("collectstatic", interactive=False, verbosity=0)
        assert {*load(root / "root", "/static/").release.mounts[0].rows} >= TAKEN | more


def test_collectstatic_of_names_that_are_not_utf8(site: tuple[Path, type], caplog: pytest.LogCaptureFixture) -> None:
    """Django copies them; the build that it ends with is one that can be served."""
    root, _ = site
    for name in (b"caf\xe9.css", b"line\nbreak.css"):
        Path(os.fsdecode(os.fsencode(root / "project/static") + b"/" + name)).write_text("a{}")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert r"the name 'caf\udce9.css' has control characters or is not UTF-8" in caplog.text
    assert r"the name 'line\nbreak.css' has control characters or is not UTF-8" in caplog.text
    assert check(root / "root") == []
    assert {*load(root / "root", Settings().prefix).release.mounts[0].rows} == TAKEN


def test_a_finder_below_a_link_that_moves(site: tuple[Path, type]) -> None:
    root, _ = site
    for release in ("1", "2"):
        write(root / release, {"a.bin": release * 200_000})
    (root / "current").symlink_to("1")
    with override_settings(STATICFILES_DIRS=[root / "current"]):
        finders.get_finder.cache_clear()  # type: ignore[attr-defined] # an lru_cache, which the stubs hide
        holder.forget()
        index = holder.index()
        url = index.url("a.bin")
        (root / "current").unlink()
        (root / "current").symlink_to("2")
        assert get(index, url)[2] == get(index, "/static/a.bin")[2] == b"1" * 200_000


@override_settings(STATICFILES_FINDERS=[f"{__name__}.Names"])
def test_names_that_no_storage_has(caplog: pytest.LogCaptureFixture) -> None:
    finders.get_finder.cache_clear()  # type: ignore[attr-defined] # an lru_cache, which the stubs hide
    assert [*holder.index()] == []
    for name in ("'../a.css'", r"nul\x00.css", "gone.css"):
        assert name in caplog.text
    finders.get_finder.cache_clear()  # type: ignore[attr-defined] # as above
