"""Which links are followed: one rule for all sources, whoever lists the files."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import servestatic
from servestatic import Directory, Index, Package, SettingError
from servestatic.disk.trust import FollowSymlinks, widest
from servestatic.settings.origins import environment, keywords, resolve
from tests.support.client import get
from tests.support.files import write

PROJECT = {"a.css"}
INTO_PACKAGES = {
    "file.css",  # a file of an installed package
    "linked.css",  # one that the installer has linked
    "folder/p.css",
    "folder/linked.css",
    "again.css",  # by way of another link
    "node/n.js",  # a package of Node.js
    "store/n.js",  # one that its installer has linked
}
ANYWHERE = {"secret.txt", "loose/s.txt"}
TAKEN: Mapping[FollowSymlinks, set[str]] = {
    "inside": PROJECT,
    "packages": PROJECT | INTO_PACKAGES,
    "all": PROJECT | INTO_PACKAGES | ANYWHERE,
}


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The static folder of an importable project, with links that lead out of it."""
    installed = write(tmp_path / "venv/site-packages/pkg/static", {"p.css": b"p{}"})
    modules = write(tmp_path / "node_modules", {"lib/dist/n.js": b"n"})
    cache = write(tmp_path / "cache", {"linked.css": b"l{}", "dist/n.js": b"n"})
    elsewhere = write(tmp_path / "elsewhere", {"s.txt": b"s"})
    folder = write(tmp_path / "project_with_links/static", {"a.css": b"a{}"})
    (folder.parent / "__init__.py").touch()
    (installed / "linked.css").symlink_to(cache / "linked.css")
    (modules / "linked").symlink_to(cache)
    links = {
        "file.css": installed / "p.css",
        "linked.css": installed / "linked.css",
        "folder": installed,
        "again.css": folder / "file.css",
        "node": modules / "lib/dist",
        "store": modules / "linked/dist",
        "secret.txt": elsewhere / "s.txt",
        "loose": elsewhere,
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


Collect = Callable[[Path, FollowSymlinks], Index]
SOURCES: Mapping[str, Collect] = {
    "a path": lambda folder, rule: servestatic.collect(folder, follow_symlinks=rule),
    "a directory": lambda folder, rule: servestatic.collect(Directory(folder, follow_symlinks=rule)),
    "a package": lambda _, rule: servestatic.collect(Package("project_with_links", follow_symlinks=rule)),
    "live": lambda folder, rule: servestatic.live(folder, follow_symlinks=rule),
    "an own rule and a setting": lambda folder, rule: servestatic.collect(
        Directory(folder, follow_symlinks=rule), follow_symlinks="inside"
    ),
}


@pytest.mark.parametrize("rule", TAKEN)
@pytest.mark.parametrize("collect", SOURCES.values(), ids=SOURCES)
def test_taken(static: Path, collect: Collect, rule: FollowSymlinks) -> None:
    index = collect(static, rule)
    assert {*index} == TAKEN[rule]
    for name in index:
        assert get(index, index.url(name))[2] == get(index, f"/static/{name}")[2] == (static / name).read_bytes()


@pytest.mark.parametrize("name", sorted(INTO_PACKAGES | ANYWHERE))
def test_the_remedy_is_the_least_that_takes_it(static: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    servestatic.collect(static)
    remedy = "packages" if name in INTO_PACKAGES else "all"
    (line,) = [line for line in caplog.text.splitlines() if f"{static}/{name.partition('/')[0]}: " in line]
    assert f"the link leads out of every source, to {os.path.realpath(static / name.partition('/')[0])}" in line
    assert f"(SERVESTATIC_FOLLOW_SYMLINKS={remedy} follows it)" in line


@pytest.mark.parametrize("collect", [servestatic.collect, servestatic.live])
@pytest.mark.parametrize("name", ["linked.css", "folder/p.css", "store/n.js"])
def test_what_changes_behind_a_link(
    static: Path, name: str, collect: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)
    index = collect(static, follow_symlinks="packages")
    assert get(index, f"/static/{name}")[2] == (static / name).read_bytes()
    (static / name).write_bytes(b"changed")
    assert get(index, f"/static/{name}")[2] == b"changed"


def test_a_link_that_takes_the_place_of_a_file_in_a_package(static: Path) -> None:
    """What was followed once is no way out for what comes later."""
    index = servestatic.collect(static, follow_symlinks="packages")
    target = Path(os.path.realpath(static / "folder/p.css"))
    target.unlink()
    target.symlink_to(static.parent.parent / "elsewhere/s.txt")
    assert get(index, "/static/folder/p.css")[0] == 404


# -------------------------------------------------------------------------------------------------- the setting


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("inside", "inside"),
        ("packages", "packages"),
        ("all", "all"),
        ("on", "all"),  # it was a switch
        ("True", "all"),
        ("1", "all"),
        ("off", "inside"),
        ("no", "inside"),
    ],
)
def test_texts(written: str, rule: str) -> None:
    settings = resolve(environment({"SERVESTATIC_FOLLOW_SYMLINKS": written})).settings
    assert settings.follow_symlinks == rule


@pytest.mark.parametrize(("value", "rule"), [(True, "all"), (False, "inside"), ("packages", "packages")])
def test_values(value: object, rule: str) -> None:
    assert resolve(keywords({"follow_symlinks": value})).settings.follow_symlinks == rule


@pytest.mark.parametrize("value", ["everywhere", "", 2, None, ["all"]])
def test_wrong_values(value: object) -> None:
    with pytest.raises(SettingError, match="expected one of 'inside', 'packages', 'all'"):
        resolve(keywords({"follow_symlinks": value}))
    for source in (Directory, Package):
        with pytest.raises(ValueError, match=r"follow_symlinks is .*: expected 'inside', 'packages' or 'all'"):
            source("a", follow_symlinks=value)  # type: ignore[arg-type] # that is the test


def test_the_widest_of_several() -> None:
    assert widest("inside", False) == "inside"
    assert widest("packages", "inside") == "packages"
    assert widest("packages", True, "inside") == "all"
