"""What a directory yields, and what it leaves out: links, special files, names that no URL can have."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

import servestatic
from servestatic import Directory, File, Index
from servestatic.assets.file import Skipped
from tests.support.client import get
from tests.support.files import write as write_bytes


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(source: Directory) -> list[str]:
    return sorted(each.name for each in source if isinstance(each, File))


def left_out(source: Directory, root: Path) -> dict[str, str]:
    return {os.path.relpath(each.location, root): each.reason for each in source if isinstance(each, Skipped)}


def test_files(tmp_path: Path) -> None:
    write(tmp_path, "a.css", "sub/deep/b.js", "sub/LICENSE", "a.css.d/c.txt")
    (file,) = [each for each in Directory(tmp_path) if isinstance(each, File) and each.name == "a.css"]
    status = (tmp_path / "a.css").stat()
    assert file.content == str(tmp_path / "a.css")
    assert file.stamp == (status.st_dev, status.st_ino, 5, status.st_mtime_ns, status.st_ctime_ns)
    assert names(Directory(tmp_path)) == ["a.css", "a.css.d/c.txt", "sub/LICENSE", "sub/deep/b.js"]


def test_under_and_at(tmp_path: Path) -> None:
    write(tmp_path, "robots.txt")
    assert names(Directory(tmp_path, under="vendor/x/")) == ["vendor/x/robots.txt"]
    (file,) = Directory(tmp_path, at="/")
    assert isinstance(file, File)
    assert (file.name, file.mount) == ("robots.txt", "/")


def test_ignored(tmp_path: Path) -> None:
    write(
        tmp_path, ".env", ".git/config", "a.css~", "CVS/Root", "sub/.hidden", ".well-known/x", "keep.txt", "sub/n.map"
    )
    assert names(Directory(tmp_path)) == [".well-known/x", "keep.txt", "sub/n.map"]
    assert names(Directory(tmp_path, ignore=("*.map", ".*", "CVS"))) == ["a.css~", "keep.txt"]
    assert names(Directory(tmp_path, ignore=("*/n.*", ".*", "*~", "CVS"))) == ["keep.txt"]
    assert names(Directory(tmp_path, ignore=("sub/*", ".*", "*~", "CVS", "!sub/n.map"))) == ["keep.txt", "sub/n.map"]
    assert ".env" in names(Directory(tmp_path, ignore=()))


def test_links(tmp_path: Path) -> None:
    root, other, secret = tmp_path / "root", tmp_path / "other", tmp_path / "secret"
    write(root, "real/a.txt")
    write(other, "b.txt", "sub/c.txt")
    write(secret, "s.txt")
    links = {
        "inside.txt": root / "real/a.txt",
        "folder": root / "real",
        "other.txt": other / "b.txt",
        "otherfolder": other / "sub",
        "secret.txt": secret / "s.txt",
        "secretfolder": secret,
        "dangling": root / "nowhere",
        "loop": root / "loop",
        "real/up": root,
        "rootfs": Path("/"),
        "compressed.css.gz": secret / "s.txt",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    source = Directory(root, trusted=(str(other),))
    assert names(source) == ["folder/a.txt", "inside.txt", "other.txt", "otherfolder/c.txt", "real/a.txt"]
    reasons = left_out(source, root)
    assert {"secret.txt", "secretfolder", "dangling", "loop", "real/up", "rootfs", "compressed.css.gz"} <= set(reasons)
    assert "leads out of every source" in reasons["secret.txt"]
    assert "No such file" in reasons["dangling"]
    assert "leads back" in reasons["real/up"]


def test_links_out_of_the_source_on_request(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret"
    write(secret, "s.txt", "sub/t.txt")
    root.mkdir()
    (root / "link").symlink_to(secret)
    assert names(Directory(root, follow_symlinks="all")) == ["link/s.txt", "link/sub/t.txt"]


def test_links_that_multiply_end(tmp_path: Path) -> None:
    folders = [tmp_path / f"d{number}" for number in range(4)]
    for folder in folders:
        folder.mkdir()
    for folder in folders:
        for other in folders:
            (folder / other.name).symlink_to(other)
    assert names(Directory(tmp_path)) == []


def test_the_source_itself_is_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", "a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real/b.txt").symlink_to(tmp_path / "link/a.txt")
    assert names(Directory(tmp_path / "link")) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("kind", [servestatic.collect, servestatic.live])
def test_a_link_above_the_source_that_moves(tmp_path: Path, kind: Callable[..., Index]) -> None:
    """A deployment puts a new release into its place; this process goes on with its own until it is restarted."""
    for release in ("1", "2"):
        write_bytes(tmp_path / f"releases/{release}/static", {"same.bin": b"s" * 200_000})
        write_bytes(tmp_path / f"releases/{release}/static", {"a.bin": release.encode() * 200_000, "b.txt": b"b"})
    (tmp_path / "current").symlink_to("releases/1")
    index = kind(tmp_path / "current/static")
    urls = [index.url(name) for name in sorted(index)]
    paths = [*urls, *(f"/static/{name}" for name in sorted(index))]
    before = [get(index, path) for path in paths]
    (tmp_path / "new").symlink_to("releases/2")
    (tmp_path / "new").rename(tmp_path / "current")
    assert [status for status, _, _ in before] == [200] * 6
    assert [get(index, path) for path in paths] == before
    assert [index.url(name) for name in sorted(index)] == urls
    assert get(kind(tmp_path / "current/static"), "/static/a.bin")[2] == b"2" * 200_000


def test_an_own_source_below_a_link_that_moves(tmp_path: Path) -> None:
    write_bytes(tmp_path, {"1/a.bin": b"1" * 200_000, "2/a.bin": b"2" * 200_000})
    (tmp_path / "current").symlink_to("1")
    index = servestatic.collect([File("a.bin", str(tmp_path / "current/a.bin"), None, "a test")])
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to("2")
    assert get(index, index.url("a.bin"))[2] == get(index, "/static/a.bin")[2] == b"1" * 200_000


def test_links_out_of_every_source_by_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "root/a.txt", "elsewhere/s.txt")
    (tmp_path / "root/link.txt").symlink_to(tmp_path / "elsewhere/s.txt")
    assert [*servestatic.collect(tmp_path / "root")] == ["a.txt"]
    assert f"root/link.txt: the link leads out of every source, to {tmp_path}/elsewhere/s.txt" in caplog.text
    assert "(SERVESTATIC_FOLLOW_SYMLINKS=all follows it)" in caplog.text
    monkeypatch.setenv("SERVESTATIC_FOLLOW_SYMLINKS", "all")
    assert get(servestatic.collect(tmp_path / "root"), "/static/link.txt")[2] == b"elsewhere/s.txt"


def test_special_files_and_names(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "line\nbreak.txt", "ünï c.txt", "100%.txt", "a#b?.txt")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(tmp_path)  # a socket's address is short
        listener.bind("socket")
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text("")
        reasons = left_out(Directory(tmp_path), tmp_path)
    assert reasons["pipe"] == reasons["socket"] == "it is neither a file nor a directory"
    assert len(reasons) == 4
    assert names(Directory(tmp_path)) == ["100%.txt", "a#b?.txt", "a.txt", "ünï c.txt"]


def test_names_are_composed(tmp_path: Path) -> None:
    write(tmp_path, "u\u0308.txt", "d\u0065\u0301/x.txt")
    assert names(Directory(tmp_path)) == ["d\u00e9/x.txt", "\u00fc.txt"]


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_source_that_is_no_directory(tmp_path: Path, kind: str) -> None:
    write(tmp_path, "file")
    (skipped,) = Directory(tmp_path / kind)
    assert isinstance(skipped, Skipped)
    assert skipped.whole
    assert skipped.reason in ("No such file or directory", "Not a directory")
