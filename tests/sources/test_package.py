"""The static files of installed packages, unpacked and in a zip archive."""

import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import servestatic
from servestatic import Directory, Package, SourceError
from servestatic.assets.file import File, Skipped
from servestatic.sources.package import put_at
from tests.support.client import get
from tests.support.files import write


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_unpacked(importable: Path) -> None:
    folder = importable / "unpacked_package/static/css"
    folder.mkdir(parents=True)
    (importable / "unpacked_package/__init__.py").touch()
    (folder / "a.css").write_text("a{}")
    assert isinstance(Package("unpacked_package").locate(), Directory)
    assert list(servestatic.collect(Package("unpacked_package", under="x"))) == ["x/css/a.css"]


def test_in_an_archive(importable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = importable / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_package/__init__.py", "")
        file.writestr("zipped_package/static/css/a.css", "a{background:url(../b.svg)}")
        file.writestr("zipped_package/static/b.svg", "<svg/>")
        file.writestr("zipped_package/static/.env", "SECRET=1")
    monkeypatch.syspath_prepend(str(archive))
    index = servestatic.collect(Package("zipped_package"))
    assert sorted(index) == ["b.svg", "css/a.css"]
    target = index.get(index.url("css/a.css"))
    assert target is not None
    assert index.path("b.svg").encode() in repr(target).encode()
    sys.modules.pop("zipped_package")


def test_not_installed() -> None:
    with pytest.raises(SourceError, match=r"package 'no_such_package' cannot be imported.*Install it"):
        servestatic.collect(Package("no_such_package"))


def test_without_the_folder(importable: Path) -> None:
    (importable / "bare_package").mkdir()
    (importable / "bare_package/__init__.py").touch()
    with pytest.raises(SourceError, match=r"package 'bare_package' has no folder 'static'\. Correct its name"):
        servestatic.collect(Package("bare_package"))


# Where an installer has put the files of a package, and which of them it has made links to its own folder.
LINKED: Mapping[str, tuple[str, tuple[str, ...], bool]] = {
    "each file, as uv does": ("site-packages", ("__init__.py", "static/a.css", "static/img/b.png"), True),
    "static files alone": ("site-packages", ("static/a.css", "static/img/b.png"), True),
    "Debian": ("dist-packages", ("static/img",), True),
    "Bazel's runfiles": ("runfiles", ("__init__.py", "static/a.css", "static/img/b.png"), True),
    "a folder of a project": ("project", ("static/img",), False),
}


@pytest.mark.parametrize(("folder", "links", "taken"), LINKED.values(), ids=LINKED)
def test_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, links: tuple[str, ...], taken: bool
) -> None:
    name = f"linked_{folder.replace('-', '_')}_{len(links)}"
    place = write(
        tmp_path / folder / name, {"__init__.py": "", "static/a.css": "a{b:url(img/b.png)}", "static/img/b.png": b"b"}
    )
    monkeypatch.syspath_prepend(str(tmp_path / folder))
    for link in links:
        target = tmp_path / "cache" / link
        target.parent.mkdir(parents=True, exist_ok=True)
        (place / link).rename(target)
        (place / link).symlink_to(target)
    index = servestatic.collect(Package(name))
    assert sorted(index) == (["a.css", "img/b.png"] if taken else ["a.css"])
    assert sorted(servestatic.collect(Package(name, follow_symlinks="all"))) == ["a.css", "img/b.png"]
    if taken:  # and what changes later, as `pip install` into a running environment, is read again
        monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)
        (place / "static/img/b.png").write_bytes(b"new")
        assert get(index, "/static/img/b.png")[2] == b"new"


def test_a_link_to_the_code_of_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beside the static files is not static."""
    place = write(tmp_path / "coded_package", {"__init__.py": "PASSWORD = 1", "static/a.css": "a{}"})
    (place / "static/b.css").symlink_to(place / "__init__.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [*servestatic.collect(Package("coded_package"))] == ["a.css"]


@pytest.mark.parametrize(
    ("path", "below", "within", "taken"),
    [
        ("one/a.txt", "a.txt", (), True),
        ("one/inner.txt", "inner.txt", (), True),
        ("one/outer.txt", "outer.txt", (), False),
        ("one/outer.txt", "outer.txt", ("two",), True),
        ("one/outer.txt", "another name", (), False),
        ("link/a.txt", "a.txt", (), True),
        ("one/gone.txt", "gone.txt", (), False),
    ],
)
def test_put_at(tmp_path: Path, path: str, below: str, within: tuple[str, ...], taken: bool) -> None:
    write(tmp_path, {"one/a.txt": "a", "two/b.txt": "b"})
    (tmp_path / "one/inner.txt").symlink_to(tmp_path / "one/a.txt")
    (tmp_path / "one/outer.txt").symlink_to(tmp_path / "two/b.txt")
    (tmp_path / "link").symlink_to("one")
    places = tuple(str(tmp_path / each) for each in within)
    file = File("x", b"", None, "a test")
    found = put_at(file, str(tmp_path / path), below, places)
    assert isinstance(found, File if taken else Skipped)
    if isinstance(found, File):
        assert found.content == os.path.realpath(tmp_path / path)
        assert found.stamp
    gone = path.endswith("gone.txt")
    assert isinstance(put_at(file, str(tmp_path / path), below, places, "all"), Skipped if gone else File)


class Finder(list[File]):
    """A source of somebody else, which has a method of the same name."""

    def locate(self, name: str) -> File:
        return next(file for file in self if file.name == name)


def test_another_source_that_locates_something_else() -> None:
    assert list(servestatic.collect(Finder([File("a.css", b"a{}", None, "a test")]), store="none")) == ["a.css"]
