"""Where a build's files go: what a file system cannot hold, links, modes, and what killed builds leave behind."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

import servestatic
from servestatic import BuildError, Directory, Index
from servestatic.assets.coding import ContentCoding
from servestatic.assets.file import File
from servestatic.disk.temporary import create, remove_abandoned
from servestatic.disk.write import write_file
from servestatic.releases.document import CURRENT, FOLDER
from servestatic.releases.load import check, open_documents
from servestatic.serving.compression.coders import codings
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write
from tests.support.indexes import write_build

STYLE = "a{color:red}" * 500
LONG_STYLE = "日" * 78 + "123.css"  # 241 bytes: 254 with a fingerprint, more with a coding, too
LONG = "日" * 81  # 243 bytes


def collect(*roots: Path) -> Index:
    return servestatic.collect(*roots, store="none", compress="build")


def seal(out: Path, *trees: Mapping[str, str], keep_releases: int = 2) -> Index:
    """Write a build of some sources, the first of which wins, and load it."""
    roots = [write(out.parent / f"source{number}", tree) for number, tree in enumerate(trees)]
    collect(*roots).write(str(out), keep_releases=keep_releases)
    return servestatic.collect(build=str(out))


def ask(index: Index, path: str) -> bytes | None:
    """Return what a path serves; None if that is nothing."""
    status, _, body = get(index, path) if index.get(path) is not None else (404, {}, b"")
    return body if status == 200 else None


def list_files(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


# ---------------------------------------------------------------------------------- what a file system cannot hold


# Sources → what is left out, by the log, and names of which public and plain URLs are served all the same.
CONFLICTS = {
    "a file, then a folder": (
        [{"foo": "1", "x.css": STYLE}, {"foo/bar.css": STYLE}],
        ["'foo/bar.css': 'foo' is a file", "'foo/bar.F.css': 'foo' is a file"],
        {"foo", "x.css"},
        {"foo", "x.css"},
    ),
    "a folder, then a file": (
        [{"foo/bar.css": STYLE}, {"foo": "1", "x.css": "b{background:url(foo)}"}],
        ["'foo': other files are in a folder with this name"],
        {"foo", "foo/bar.css", "x.css"},
        {"foo/bar.css", "x.css"},
    ),
    "a folder called as a coding": (
        [{"a.css": STYLE, "a.css.gz/b.txt": "b"}],
        ["'a.css.gz': other files are in a folder with this name"],
        {"a.css", "a.css.gz/b.txt"},
        {"a.css", "a.css.gz/b.txt"},
    ),
    "a name too long for a coding": (
        [{LONG_STYLE: STYLE, "x.css": f"@import '{LONG_STYLE}'"}],
        [f"'{LONG_STYLE[:-4]}.F.css{each}': the file system takes" for each in (".br", ".gz")],
        {LONG_STYLE, "x.css"},
        {LONG_STYLE, "x.css"},
    ),
    "a name too long for a fingerprint": (
        [{LONG: "1", "x.css": f"a{{background:url({LONG})}}"}],
        [],
        {LONG, "x.css"},
        {LONG, "x.css"},
    ),
}


@pytest.mark.parametrize("row", CONFLICTS)
def test_what_has_no_place_is_left_out_and_named(row: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trees, told, public, plain = CONFLICTS[row]
    sources = {name: text.encode() for tree in trees for name, text in tree.items()}
    out = tmp_path / "out"
    for _ in range(2):  # and again, over the build that is there
        caplog.clear()
        loaded = seal(out, *trees)
        named = "\n".join(caplog.messages)
        for each in told:
            before, _, after = each.partition(".F.")
            assert before in named, named
            assert after in named, named
        assert ("left out of the build" in named) == bool(told)
        assert check(out) == []
    index = collect(*(tmp_path / f"source{number}" for number in range(len(trees))))
    assert {name for name in loaded if loaded.url(name) == index.url(name)} == public
    for name in index:
        path = unquote(index.url(name))
        assert ask(loaded, path) == (ask(index, path) if name in public else None), name
        assert ask(loaded, f"/static/{name}") == (sources[name] if name in plain else None), name


def test_the_codings_that_fit_are_written(tmp_path: Path) -> None:
    seal(tmp_path / "out", {"a.css": STYLE, "a.css.gz/b.png": "b", LONG_STYLE: STYLE + "b{}"})
    written = {name.rpartition("/")[2] for name in list_files(tmp_path / "out")}
    assert {"a.css.br", f"{LONG_STYLE}.br", f"{LONG_STYLE}.gz"} <= written
    rows = dict(open_documents(tmp_path / "out")[0].codings.items())
    assert [sum(each.length > 0 for each in row.values()) for row in rows.values()] == [len(codings())] * len(rows)


def test_what_is_left_out_is_not_tried_again(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a.css": STYLE, "a.css.gz/b.txt": "b" * 500, LONG_STYLE: STYLE + "b{}"})
    store, out = Store(tmp_path / "store"), str(tmp_path / "out")
    first = write_build(collect(root), out, store=store)

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        pytest.fail("what fits is there")

    assert write_build(collect(root), out, store=store, encode=encode) == first._replace(written=0)
    assert write_build(collect(root), out, encode=encode) == first._replace(written=0)


def test_a_coding_that_an_earlier_build_had_no_place_for(tmp_path: Path) -> None:
    """It counts neither as made nor as not worthwhile."""
    out = tmp_path / "out"
    tree = {"a.css": STYLE, **{f"{name}/b.txt": "b" for name in ("a.css.gz", "a.css.br", "a.css.zst")}}
    index = servestatic.collect(write(tmp_path / "source", tree), store="none", fingerprints=False, compress="build")
    index.write(str(out))
    assert not {"a.css.gz", "a.css.br"} & list_files(out)
    seal(out, {"other.css": STYLE})
    assert {"other.css.gz", "other.css.br"} <= list_files(out)


def test_a_folder_where_a_file_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    seal(tmp_path / "out", {"foo": "1"})
    (tmp_path / "source0/foo").unlink()
    loaded = seal(tmp_path / "out", {"foo/bar.css": STYLE})
    assert get(loaded, "/static/foo/bar.css")[0] == get(loaded, loaded.url("foo/bar.css"))[0] == 200
    assert check(tmp_path / "out") == []
    assert "left out" not in caplog.text


def test_a_file_where_a_folder_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is in the folder may be of an earlier release, or not of a build at all: it stays."""
    seal(tmp_path / "out", {"foo/bar.css": STYLE, "a.css": STYLE + "b{}"})
    (tmp_path / "source0/foo/bar.css").unlink()
    (tmp_path / "source0/foo").rmdir()
    (tmp_path / "out/empty").mkdir()
    loaded = seal(tmp_path / "out", {"foo": "1", "empty": "2"})
    assert "'foo': a folder is in its place; remove it, and build again" in caplog.text
    assert get(loaded, loaded.url("foo"))[2] == b"1"
    assert get(loaded, "/static/foo")[0] == 404
    assert get(loaded, "/static/empty")[2] == b"2"
    assert check(tmp_path / "out") == []


def test_a_file_where_the_documents_go(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Directories leave hidden files out; other sources may have them."""
    names = (f"{FOLDER}/a.css", FOLDER, CURRENT, "a.css")
    index = servestatic.collect([File(name, b"a", None, "there") for name in names], store="none")
    index.write(str(tmp_path))
    for name in names[:3]:
        assert f"'{name}': the build has a file of its own with this name" in caplog.text
    assert check(tmp_path) == []
    assert [*servestatic.collect(build=str(tmp_path))] == [FOLDER, "a.css"], "one has a fingerprinted name beside it"


def test_a_folder_where_a_document_goes(tmp_path: Path) -> None:
    (tmp_path / "out" / CURRENT / "x").mkdir(parents=True)
    with pytest.raises(BuildError, match=rf"{CURRENT} is a folder, but the build has a file of that name. Remove it"):
        seal(tmp_path / "out", {"a.css": "a"})


def test_two_names_with_one_path(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file below the prefix is where those of another mount go."""
    root = write(tmp_path / "root", {".at/x.txt": "first", "a.css": "a"})
    other = write(tmp_path / "other", {"x.txt": "second"})
    sources = Directory(root, ignore=()), Directory(other, at="/")
    servestatic.collect(*sources, store="none").write(str(tmp_path / "out"))
    assert "'.at/x.txt': another file has this name in the build" in caplog.text
    assert check(tmp_path / "out") == []
    loaded = servestatic.collect(build=str(tmp_path / "out"))
    assert get(loaded, "/static/.at/x.txt")[2] == b"first"
    assert loaded.get("/x.txt") is None


# ------------------------------------------------------------------------------- a file called like our fingerprint


@pytest.mark.parametrize("name", ["b.svg", "a.css", "one.css"])
def test_a_file_with_the_fingerprinted_name_of_another(name: str, tmp_path: Path) -> None:
    tree = {"a.css": "a{background:url(b.svg)}", "b.svg": "<svg/>", "one.css": '@import "two.css";'}
    root = write(tmp_path / "source0", tree | {"two.css": '@import "one.css";'})
    out = tmp_path / "out"
    before = collect(root)
    before.write(str(out))
    taken = before.path(name)
    write(root, {taken: "/* other bytes */"})
    index = collect(root)
    index.write(str(out))
    assert check(out) == []
    for each in (index, servestatic.live(root, store="none"), servestatic.collect(build=str(out))):
        assert each.path(name) == index.path(name) != taken
        assert get(each, each.url(name))[2] == get(before, before.url(name))[2]
        assert get(each, f"/static/{taken}")[2] == get(each, each.url(taken))[2] == b"/* other bytes */"
    assert index.path("b.svg").encode() in get(index, index.url("a.css"))[2]
    assert (out / taken).read_text() == "/* other bytes */"
    for _ in range(3):  # what is kept of the first release goes, and the file stays
        write(root, {"a.css": (root / "a.css").read_text() + " "})
        collect(root).write(str(out), keep_releases=0)
    assert (out / taken).read_text() == "/* other bytes */"


# --------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize("to", ["elsewhere", "out/real"])
def test_a_folder_that_is_a_link_is_refused(to: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / to).mkdir(parents=True)
    (tmp_path / to / "app.css").write_text("mine")
    (out / "x").mkdir(parents=True)
    (out / "x/css").symlink_to(tmp_path / to)
    with pytest.raises(BuildError, match=r"x/css is a link.* Remove it"):
        seal(out, {"x/css/app.css": STYLE})
    assert os.listdir(tmp_path / to) == ["app.css"]
    assert (tmp_path / to / "app.css").read_text() == "mine"


def test_nothing_is_removed_through_a_link(tmp_path: Path) -> None:
    """The files of an earlier release, in a folder that was moved away."""
    loaded = seal(tmp_path / "out", {"css/app.css": STYLE, "a.css": "a"})
    (tmp_path / "out/css").rename(tmp_path / "elsewhere")
    (tmp_path / "out/css").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "source0/css/app.css").unlink()
    seal(tmp_path / "out", {"a.css": "b"}, keep_releases=0)
    assert (tmp_path / "elsewhere" / loaded.path("css/app.css").removeprefix("css/")).exists()


def test_out_may_be_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "release")
    seal(tmp_path / "out", {"css/app.css": STYLE})
    assert check(tmp_path / "release") == []


def test_a_file_that_is_a_link_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.css").symlink_to(tmp_path / "mine")
    seal(tmp_path / "out", {"a.css": STYLE})
    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / "out/a.css").is_symlink()


# --------------------------------------------------------------------------------------------------- modes


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027, 0o077])
def test_files_and_folders_follow_the_umask(umask: int, tmp_path: Path) -> None:
    write(tmp_path / "source0", {"css/app.css": STYLE, "deep/er/b.txt": "b"})
    index = collect(tmp_path / "source0")
    before = os.umask(umask)
    try:
        index.write(str(tmp_path / "new/out"))
    finally:
        os.umask(before)
    found = {stat.S_IFMT(path.stat().st_mode): set[int]() for path in (tmp_path / "new").rglob("*")}
    for path in (tmp_path / "new").rglob("*"):
        found[stat.S_IFMT(path.stat().st_mode)].add(stat.S_IMODE(path.stat().st_mode))
    assert found == {stat.S_IFREG: {0o666 & ~umask}, stat.S_IFDIR: {0o777 & ~umask}}


# ------------------------------------------------------------------------------------------ killed builds


KILLED = """
import os, signal, sys
import servestatic
from servestatic.disk.write import write_file
from servestatic.releases import build_files as files

def write(path, *parts, **options):
    if path.endswith("deep/b.css"):
        options["permit"] = lambda temporary: os.kill(os.getpid(), signal.SIGKILL)
    return write_file(path, *parts, **options)

files.write_file = write
servestatic.collect(sys.argv[1], store="none").write(sys.argv[2])
"""


def temporary(out: Path) -> list[str]:
    return [path.name for path in out.rglob(".*") if path.is_file()]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_build_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    root, out = write(tmp_path / "source0", {"a.css": STYLE, "deep/b.css": STYLE + "b{}"}), tmp_path / "out"
    assert subprocess.run([sys.executable, "-c", KILLED, root, out], check=False).returncode == -9
    assert temporary(out) != []
    collect(root).write(str(out))
    assert temporary(out) == []
    assert check(out) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_temporary_files_in_use_stay(tmp_path: Path) -> None:
    path, descriptor = create(str(tmp_path), 0o600)
    remove_abandoned(str(tmp_path))
    assert os.path.exists(path)
    os.close(descriptor)
    remove_abandoned(str(tmp_path))
    assert not os.path.exists(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_a_file_is_held_until_it_has_its_place(tmp_path: Path) -> None:
    """Another build that cleans up at any moment takes nothing away."""
    write_file(str(tmp_path / "a"), b"data", permit=lambda path: remove_abandoned(str(tmp_path)))
    assert (tmp_path / "a").read_bytes() == b"data"


def test_only_our_temporary_files_are_removed(tmp_path: Path) -> None:
    name = ".servestatic-0123456789abcdef"
    kept = {".servestatic-x", f"{name}.txt", ".0123456789abcdef", "a" + name}
    write(tmp_path, dict.fromkeys(kept, "mine"))
    (tmp_path / name).symlink_to(tmp_path / ".servestatic-x")
    (tmp_path / ".servestatic-fedcba9876543210").mkdir()
    remove_abandoned(str(tmp_path))
    assert set(os.listdir(tmp_path)) == {*kept, name, ".servestatic-fedcba9876543210"}
