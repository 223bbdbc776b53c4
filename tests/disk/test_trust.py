"""Links that take a place at the worst moment, pipes and devices: what is opened is where it was said to be."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import servestatic
from servestatic.disk import trust
from tests.support.client import get
from tests.support.files import make_irregular, write

SECRET = "secret" * 20_000  # too long to be held in memory


@pytest.mark.parametrize(
    ("path", "place", "within"),
    [
        ("/a", "/a", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/ab", "/a", False),
        ("/", "/a", False),
        ("/a", "/", True),
        ("/a", "", True),
    ],
)
def test_within(path: str, place: str, within: bool) -> None:
    assert trust.is_within(path, place) is within


@pytest.mark.parametrize(
    ("folder", "installed"),
    [
        ("/srv/venv/lib/python3.11/site-packages/shop/static", True),
        ("/usr/lib/python3/dist-packages/shop", True),
        ("/srv/site-packages", True),
        ("/srv/my-site-packages/static", False),
        ("/srv/static", False),
    ],
)
def test_installed(folder: str, installed: bool) -> None:
    assert trust.is_installed(folder) is installed


def swap_file(root: Path, secret: Path) -> None:
    """Put a link in the place of a file."""
    (root / "sub/a.txt").unlink()
    (root / "sub/a.txt").symlink_to(secret / "a.txt")


def swap_folder(root: Path, secret: Path) -> None:
    """Put a link in the place of the folder that a file is in."""
    shutil.rmtree(root / "sub")
    (root / "sub").symlink_to(secret)


def swap_middle(root: Path, secret: Path) -> None:
    """Put a link in the place of a folder above; the file's own folder and name are the same."""
    shutil.rmtree(root / "deep")
    (root / "deep").symlink_to(secret / "deep")


SWAPS = {
    "file": ("sub/a.txt", swap_file),
    "folder": ("sub/a.txt", swap_folder),
    "folder above": ("deep/down/a.txt", swap_middle),
}
SWAPPED = pytest.mark.parametrize(("name", "swap"), SWAPS.values(), ids=SWAPS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A source, beside what is not one."""
    for name in ("sub/a.txt", "deep/down/a.txt", "linked"):
        write(tmp_path / "static", {name: "own"})
    write(tmp_path / "secret", {"a.txt": SECRET, "deep/down/a.txt": SECRET})
    return tmp_path / "static"


def once(monkeypatch: pytest.MonkeyPatch, target: str, act: Callable[[], object], when: str, of: str = "") -> None:
    """Do something before or after the first call of a function that has `of` in its first argument."""
    module, _, name = target.rpartition(".")
    function = getattr(__import__(module, fromlist=["_"]), name)
    calls: list[object] = []

    def replacement(*arguments: Any, **named: Any) -> Any:
        first = of in str(arguments[0]) and not calls
        if first:
            calls.append(arguments)
        if first and when == "before":
            act()
        result = function(*arguments, **named)
        if first and when == "after":
            act()
        return result

    monkeypatch.setattr(target, replacement)


def published(index: servestatic.Index, name: str) -> bytes:
    """Return what the two names of a file serve."""
    if name not in index:
        return b""
    found = [get(index, path) for path in (f"/static/{name}", index.url(name))]
    return b"".join(body for status, _, body in found if status == 200)


@SWAPPED
@pytest.mark.parametrize("kind", [servestatic.collect, servestatic.live])
def test_a_link_between_scan_and_reading(
    root: Path, name: str, swap: Callable[..., None], kind: Callable[..., servestatic.Index],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    once(monkeypatch, "servestatic.pipeline.read.read_file", lambda: swap(root, root.parent / "secret"), "before", name)
    index = kind(root)
    assert b"secret" not in published(index, name)
    assert published(index, "linked") == b"ownown"


@pytest.mark.parametrize("name", ["sub/a.txt", "deep/down/a.txt"])
def test_a_file_of_the_source_that_is_replaced_between_scan_and_reading(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As deployments and editors replace files: the new one is taken."""

    def replace() -> None:
        (root / "new").write_text("new")
        (root / "new").rename(root / name)

    once(monkeypatch, "servestatic.pipeline.read.read_file", replace, "before", name)
    assert published(servestatic.collect(root), name) == b"newnew"


@SWAPPED
def test_a_link_while_the_folders_are_listed(
    root: Path, name: str, swap: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the listing of a folder and the look at what it has, and before that is opened."""
    act = lambda: swap(root, root.parent / "secret")  # noqa: E731 - the same for three moments
    for target, when in (("find_flaw", "before"), ("inode_of", "after")):
        with monkeypatch.context() as patch:
            once(patch, f"servestatic.sources.directory.{target}", act, when)
            assert b"secret" not in published(servestatic.collect(root), name)
        shutil.rmtree(root / name.partition("/")[0], ignore_errors=True)
        Path(root / name.partition("/")[0]).unlink(missing_ok=True)
        write(root, {name: "own"})


def test_a_link_that_moves_between_the_question_and_the_look(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "linked").unlink()
    (root / "linked").symlink_to(root / "deep/down/a.txt")
    act = lambda: swap_middle(root, root.parent / "secret")  # noqa: E731 - as above
    once(monkeypatch, "servestatic.sources.directory.resolve", act, "after")
    assert b"secret" not in published(servestatic.collect(root), "linked")


@SWAPPED
def test_a_link_between_the_question_and_the_opening(
    root: Path, name: str, swap: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the request path, when a file that changed is read again."""
    monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)
    index = servestatic.collect(root)
    (root / name).write_text("new and longer")
    once(monkeypatch, "servestatic.disk.trust.resolve", lambda: swap(root, root.parent / "secret"), "after", name)
    status, fields, body = get(index, f"/static/{name}")
    assert (status, fields["Cache-Control"]) == (404, "no-store")
    assert b"secret" not in body


def test_folders_that_may_be_passed_and_not_listed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)
    index = servestatic.collect(root)
    (root / "deep/down/a.txt").write_text("new")
    (root / "deep").chmod(0o311)
    assert get(index, "/static/deep/down/a.txt")[2] == b"new"
    (root / "deep").chmod(0o755)


def test_descriptors_are_closed(root: Path) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = count()
    for place in ("sub/a.txt", "deep/nothing", "nowhere/at/all", "sub/a.txt/below"):
        with suppress(OSError):
            os.close(trust.open_within(str(root / place), os.O_RDONLY, (str(root),)))
    assert count() == before


@pytest.mark.parametrize("kind", ["fifo", "device", "directory", "long"])
def test_bounded(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    if kind == "long":
        path.write_text("x" * 101)
    else:
        make_irregular(path, kind)
    with pytest.raises(OSError, match=r"not a regular file|more than 100 bytes|directory"):
        trust.read_bounded(str(path), 100)


def test_bounded_and_regular(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x" * 100)
    assert trust.read_bounded(str(tmp_path / "file"), 100) == b"x" * 100
