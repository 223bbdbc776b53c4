"""The static files of installed packages, unpacked and in a zip archive."""

import sys
import zipfile
from pathlib import Path

import pytest

import servestatic
from servestatic import Directory, Package, SourceError


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
