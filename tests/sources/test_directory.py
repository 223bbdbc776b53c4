"""What a directory yields, and what it leaves out: links, special files, names that no URL can have."""

import os
import socket
from pathlib import Path

import pytest

from servestatic import Directory, File
from servestatic.assets.file import Skipped


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(source: Directory) -> list[str]:
    return sorted(each.name for each in source if isinstance(each, File))


def left_out(source: Directory, root: Path) -> dict[str, str]:
    return {os.path.relpath(each.place, root): each.reason for each in source if isinstance(each, Skipped)}


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
    assert names(Directory(root, follow_symlinks=True)) == ["link/s.txt", "link/sub/t.txt"]


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
