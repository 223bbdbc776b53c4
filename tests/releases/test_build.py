"""Sealed builds: what is written, what is kept, what is served, and what is found damaged."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest

import servestatic
from servestatic import BuildError, Directory, Index
from servestatic.assets.coding import ContentCoding
from servestatic.disk.read import Reading, read_file
from servestatic.releases.build_files import Sealed
from servestatic.releases.document import CURRENT, INDEX_3, MANIFEST, path_of, read_ids
from servestatic.releases.load import check
from servestatic.serving.compression.coders import codings
from servestatic.store import Store
from tests.support.client import answers, get
from tests.support.files import CSS, FILES, write
from tests.support.forge import find_document, forged
from tests.support.indexes import write_build as seal

# Small, so that the best codings take milliseconds.
SITE = FILES | {
    "a.css": CSS[:8000],
    "big.js": "var big = 1;" * 1000,
    "page.html": "<link rel=stylesheet href=a.css>" + "<p>text</p>" * 50,
    "same.svg": FILES["b.svg"],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "static", SITE)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def collect(root: Path) -> Index:
    return servestatic.collect(root, store="none")


def tree(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_what_is_written(root: Path, out: Path) -> None:
    import gzip

    import brotli

    index = collect(root)
    index.write(str(out))
    files = tree(out)
    for name in SITE:
        assert files[name] == get(index, f"/static/{name}")[2]
        assert files[index.path(name)] == get(index, index.url(name))[2]
    css = index.path("a.css")
    assert brotli.decompress(files[f"{css}.br"]) == files[css]
    assert gzip.decompress(files[f"{css}.gz"]) == files[css]
    assert brotli.decompress(files["a.css.br"]) == files["a.css"] != files[css]
    assert len(files[f"{css}.br"]) < len(get(index, index.url("a.css"), accept_encoding="br")[2])
    assert not any(path.startswith("random") and path.endswith(("br", "gz", "zst")) for path in files)
    manifest = json.loads(files[MANIFEST])
    assert manifest["paths"] == {name: index.path(name) for name in SITE}
    assert manifest["version"] == "1.1"
    assert len(manifest["hash"]) == 12
    assert (out / "a.css").stat().st_mode & 0o777 == 0o644


def test_a_build_depends_on_nothing_but_sources(root: Path, out: Path, tmp_path: Path) -> None:
    seal(collect(root), out)
    again = write(tmp_path / "elsewhere", dict(reversed(SITE.items())))
    seal(servestatic.collect(again, store="none", prefix="/static"), tmp_path / "again")
    assert tree(out) == tree(tmp_path / "again")


def test_what_is_there_is_not_written_again(root: Path, out: Path) -> None:
    first = seal(collect(root), out)
    assert first.written == first.files == len(tree(out))

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        pytest.fail("every coding is there")

    assert seal(collect(root), out, encode=encode) == Sealed(first.files, 0, first.size)
    path = out / collect(root).path("a.css")
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    (out / "b.svg").unlink()
    assert seal(collect(root), out).written == 2
    assert check(out) == []


def test_a_build_is_served_as_its_sources_are(root: Path, out: Path) -> None:
    index = collect(root)
    seal(index, out)
    loaded = servestatic.collect(build=str(out), deltas=False)
    assert sorted(loaded) == sorted(index)
    served, in_process = answers(loaded, "identity"), answers(index, "identity")
    for path, (fields, digest) in in_process.items():
        assert served[path][1] == digest
        for name in ("ETag", "Cache-Control", "Content-Type", "Content-Length", "Vary"):
            assert served[path][0].get(name) == fields.get(name), (path, name)
    for coding in codings():
        fields, body = get(loaded, loaded.url("a.css"), accept_encoding=coding.name)[1:]
        assert fields["Content-Encoding"] == coding.name
        assert body == (out / f"{loaded.path('a.css')}{coding.suffix}").read_bytes()
    with pytest.raises(BuildError, match="loaded from a build"):
        loaded.write(str(out))


def test_a_build_behind_a_link(root: Path, out: Path, tmp_path: Path) -> None:
    seal(collect(root), out)
    (tmp_path / "current").symlink_to(out)
    loaded = servestatic.collect(build=str(tmp_path / "current"))
    for name in loaded:
        assert get(loaded, loaded.url(name))[0] == get(loaded, f"/static/{name}")[0] == 200


def test_mounts(root: Path, out: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    public = write(tmp_path / "public", {"robots.txt": "robots", "x/y.css": "@import '/static/a.css'"})
    seal(servestatic.collect(root, Directory(public, at="/"), store="none"), out)
    assert caplog.messages == []
    loaded = servestatic.collect(build=str(out), prefix="/assets/")
    assert "was built for URLs below /static/, not /assets/" in caplog.text
    assert get(loaded, "/robots.txt")[2] == b"robots"
    assert get(loaded, loaded.url("x/y.css"))[2].startswith(b"@import '/static/a.")
    assert get(loaded, loaded.url("a.css"))[0] == 200
    assert loaded.url("a.css").startswith("/assets/a.")


@pytest.mark.parametrize(
    ("keep", "first"),
    [
        ({}, 0),
        ({"keep_for": "0s"}, 2),
        ({"keep_for": 0.0, "keep_releases": 1}, 3),
        ({"keep_for": "2d", "keep_releases": 0}, 2),
        ({"keep_for": "36h", "keep_releases": 0}, 3),
    ],
)
def test_earlier_releases_are_kept(root: Path, out: Path, keep: dict[str, Any], first: int) -> None:
    """By their number and by their age: each is 23 hours older than the next."""
    urls = []
    for number in range(5):
        (root / "b.svg").write_text(f"<svg>{number}</svg>")
        index = collect(root)
        urls.append((index.url("a.css"), index.url("b.svg")))
        age_documents(out, 23 * 3600)
        seal(index, out, **keep)
        seal(index, out, **keep)  # nothing new: no release of its own
    loaded = servestatic.collect(build=str(out))
    for number, (css, svg) in enumerate(urls):
        status, fields, body = get(loaded, svg)
        if number >= first:
            assert (status, body) == (200, f"<svg>{number}</svg>".encode())
            assert "immutable" in fields["Cache-Control"]
            assert svg.rpartition("/")[2].encode() in get(loaded, css)[2]
        else:
            assert (status, fields["Cache-Control"]) == (404, "no-store")
            assert not (out / svg.removeprefix("/static/")).exists()
    assert get(loaded, "/static/b.svg")[2] == b"<svg>4</svg>"
    assert check(out) == []


def age_documents(out: Path, seconds: float) -> None:
    for release in read_ids(out):
        modified = (out / path_of(release)).stat().st_mtime - seconds
        os.utime(out / path_of(release), (modified, modified))


def test_what_a_bundler_named_is_kept(out: Path, tmp_path: Path) -> None:
    """A page that was loaded before the deploy imports it later; it goes with its release."""
    for number in range(2):
        root = write(tmp_path / f"static{number}", {f"assets/page-{number}2345678.js": f"{number};", "a.css": "a{}"})
        servestatic.collect(root, store="none", immutable=["assets/*"]).write(str(out))
    loaded = servestatic.collect(build=str(out))
    for number in range(2):
        status, fields, body = get(loaded, f"/static/assets/page-{number}2345678.js")
        assert (status, body, fields["Cache-Control"]) == (200, b"%d;" % number, "max-age=31536000, immutable")
    assert loaded.get("/static/assets/page-22345678.js") is None
    assert "assets/page-02345678.js" not in loaded
    servestatic.collect(root, store="none", immutable=["assets/*"]).write(str(out), keep_releases=0, keep_for=0)
    assert not (out / "assets/page-02345678.js").exists()
    assert check(out) == []


def test_a_release_whose_mount_is_now_the_prefix(root: Path, out: Path, tmp_path: Path) -> None:
    """What was below the prefix of then stays; what was mounted there lies elsewhere and is not taken for it."""
    public = write(tmp_path / "public", {"b.svg": "<svg>mounted</svg>"})
    before = servestatic.collect(root, Directory(public, at="/which/"), store="none")
    urls = [each.removeprefix("/static/") for each in map(before.url, ("a.css", "b.svg"))]
    seal(before, out)
    (root / "a.css").write_text("a{color:red}")
    (root / "b.svg").write_text("<svg>new</svg>")
    seal(servestatic.collect(root, store="none", prefix="/which/"), out)
    loaded = servestatic.collect(build=str(out), prefix="/which/")
    assert [get(loaded, f"/which/{each}")[0] for each in urls] == [200, 200]
    assert check(out) == []


@pytest.mark.parametrize("which", ["plain", "named", "coded"])
@pytest.mark.parametrize("how", ["other bytes", "truncated", "gone"])
def test_damaged_files_are_not_served(root: Path, out: Path, which: str, how: str) -> None:
    index = collect(root)
    seal(index, out)
    name = {"plain": "b.svg", "named": index.path("a.css"), "coded": index.path("big.js") + ".br"}[which]
    data = (out / name).read_bytes()
    if how == "gone":
        (out / name).unlink()
    else:
        (out / name).write_bytes(data[:-1] + (b"X" if how == "other bytes" else b""))
    loaded = servestatic.collect(build=str(out))
    if which == "coded":
        status, fields, body = get(loaded, loaded.url("big.js"), accept_encoding="br")
        assert (status, body) == (200, str(SITE["big.js"]).encode())
        assert "Content-Encoding" not in fields
    else:
        status, fields, _ = get(loaded, "/static/" + name)
        assert (status, fields["Cache-Control"]) == (404, "no-store")
    assert any(problem.startswith(f"{name}: ") for problem in check(out))


@pytest.mark.parametrize(
    ("path", "content", "sentence"),
    [
        (None, b"", "there is no sealed build in .*`servestatic build"),
        (INDEX_3, b"{}", "was written by an earlier version of servestatic. Write it again"),
        (CURRENT, b"", "there is no sealed build in"),
        (CURRENT, b"..", "current is damaged: not the id of a release"),
        (CURRENT, b"0123456789abcdef\n", "0123456789abcdef: No such file or directory. Write the build again"),
        (path_of("0123456789abcdef"), b"{}", "0123456789abcdef is damaged: it is not a file of releases"),
        (path_of("0123456789abcdef"), b"servestatic release 5\n", "has version 5 of the release format"),
    ],
)
def test_builds_that_are_none(out: Path, path: str | None, content: bytes, sentence: str) -> None:
    (out / path_of("x")).parent.mkdir(parents=True)
    (out / CURRENT).write_text("0123456789abcdef\n")
    if path in (None, INDEX_3):
        (out / CURRENT).unlink()
    if path:
        (out / path).write_bytes(content)
    for use in (lambda: servestatic.collect(build=str(out)), lambda: check(out)):
        with pytest.raises(BuildError, match=sentence):
            use()


def test_a_build_of_an_earlier_version_is_written_again(root: Path, out: Path) -> None:
    """Its files stay: pages of then may link to them."""
    write(out, {INDEX_3: "{}", "old.0123456789ab.css": "a"})
    seal(collect(root), out)
    assert check(out) == []
    assert (out / "old.0123456789ab.css").exists()
    assert not (out / INDEX_3).exists()


def test_a_document_in_the_place_of_another(root: Path, out: Path) -> None:
    seal(collect(root), out)
    document = find_document(out)
    document.rename(document.with_name("0123456789abcdef"))
    (out / CURRENT).write_text("0123456789abcdef\n")
    with pytest.raises(BuildError, match=f"is the document of release {document.name}"):
        servestatic.collect(build=str(out))


@pytest.mark.parametrize("path", [b"../secret", b"/etc/passwd", b"a/../../secret"])
def test_codings_that_lead_out(root: Path, out: Path, path: bytes) -> None:
    index = collect(root)
    seal(index, out)
    shutil.copy(out / "a.css.br", out.parent / "secret.br")
    with forged(find_document(out)) as document:
        rows = document.tables["codings"]
        document.tables["codings"] = {key: row[: len(codings()) * 40] + path for key, row in rows.items()}
    loaded = servestatic.collect(build=str(out))
    _, fields, body = get(loaded, loaded.url("a.css"), accept_encoding="br")
    assert "Content-Encoding" not in fields
    assert body == get(index, index.url("a.css"))[2]


@pytest.mark.parametrize("name", [b"../secret", b"/secret", b"a\0b", b"a//b", b"./a"])
def test_names_that_lead_out(root: Path, out: Path, name: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """They are not found, and one line is logged; going through all names raises."""
    (out.parent / "secret").write_bytes(b"secret")
    seal(collect(root), out)
    with forged(find_document(out)) as document:
        row = read_file(str(out.parent / "secret")).digest + bytes(6) + (6).to_bytes(8, "little") + b"\1"
        document.tables["0 plain"] = dict(sorted({**document.tables["0 plain"], name: row}.items()))
    loaded = servestatic.collect(build=str(out))
    caplog.clear()
    for _ in range(2):
        assert loaded.get("/static/" + name.decode()) is None
    assert len(caplog.messages) == 1
    with pytest.raises(BuildError, match="is damaged: the name"):
        check(out)


def test_codings_that_nobody_wrote_like_that(root: Path, out: Path) -> None:
    """The document is in order but for them: nothing that it says of codings is sent, and the next build mends it."""
    index = collect(root)
    seal(index, out)
    with forged(find_document(out)) as document:
        document.tables["codings"] = dict.fromkeys(document.tables["codings"], b"\xff" * 130)
    loaded = servestatic.collect(build=str(out), compress="build")
    status, fields, body = get(loaded, loaded.url("a.css"), accept_encoding="br")
    assert (status, body) == get(loaded, loaded.url("a.css"))[::2]
    assert fields["Cache-Control"] == "no-cache", "the next answer has a coding that was made here"
    assert get(loaded, loaded.url("a.css"))[2] == get(index, index.url("a.css"))[2]
    with pytest.raises(BuildError, match="damaged"):
        check(out)
    seal(index, out)
    assert check(out) == []


@pytest.mark.parametrize(
    "head",
    [
        {"id": "x"},
        {"id": 3},
        {"mounts": []},
        {"mounts": ["static"]},
        {"mounts": [3]},
        {"mounts": ["/\ud800/"]},
        {"coders": [1]},
        {"coders": [["br"]]},
        {"absent": 3},
    ],
    ids=str,
)
def test_heads_that_nobody_wrote(root: Path, out: Path, head: dict[str, object]) -> None:
    """With the right digest: it is damaged, says the start; and the next build writes it again."""
    index = collect(root)
    seal(index, out)
    with forged(find_document(out)) as document:
        document.head |= head
    with pytest.raises(BuildError, match="is damaged"):
        servestatic.collect(build=str(out))
    seal(index, out)
    assert check(out) == []


@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
@pytest.mark.parametrize("which", ["current", "document"])
def test_documents_that_are_not_files(root: Path, out: Path, kind: str, which: str) -> None:
    """The start does not wait for what a pipe brings, and reads no device without end."""
    seal(collect(root), out)
    path = out / CURRENT if which == "current" else find_document(out)
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    for use in (lambda: servestatic.collect(build=str(out)), lambda: check(out)):
        with pytest.raises(BuildError, match=r"there is no sealed build|not a regular file"):
            use()
    seal(collect(root), out)
    assert check(out) == []


def test_a_document_that_is_damaged_while_it_is_served(root: Path, out: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What it names is then not found: there is no answer with status 500, and no signal that ends the process."""
    write(root, {f"more/{number:03}.txt": "" for number in range(200)})  # more names than a block holds
    seal(collect(root), out)
    loaded = servestatic.collect(build=str(out))
    url = loaded.url("a.css")
    os.truncate(find_document(out), 300)
    assert get(loaded, url)[0] == 200, "what is known stays"
    for name in ("more/100.txt", "more/199.txt"):
        assert loaded.get(f"/static/{name}") is None
        with pytest.raises(servestatic.UnknownAsset):
            loaded.url(name)
    assert "is damaged" in caplog.text


def test_a_coding_that_is_not_as_long_as_the_document_says(root: Path, out: Path) -> None:
    index = collect(root)
    seal(index, out)
    with forged(find_document(out)) as document:
        for key, row in document.tables["codings"].items():
            short = b"".join(row[start : start + 32] + (5).to_bytes(8, "little") for start in range(0, 120, 40))
            document.tables["codings"][key] = short + row[120:]
    loaded = servestatic.collect(build=str(out))
    _, fields, body = get(loaded, loaded.url("big.js"), accept_encoding="br")
    assert "Content-Encoding" not in fields
    assert body == get(index, index.url("big.js"))[2]


def test_what_has_no_fingerprinted_name(tmp_path: Path, out: Path) -> None:
    """A page, and what a bundler has named, beside a rewritten file: in the build, and kept by the next one."""
    write(
        tmp_path / "static",
        {"index.html": "<p>", "a.css": "b{background:url(b.png)}", "b.png": "b", "lib.0123456789abcdef.js": "1"},
    )
    index = servestatic.collect(tmp_path / "static", compress="build", immutable="**/lib.*.js")
    seal(index, out)
    assert check(out) == []
    loaded = servestatic.collect(build=str(out))
    assert [loaded.url(name) for name in index] == [index.url(name) for name in index]
    write(tmp_path / "static", {"b.png": "c"})
    again = servestatic.collect(tmp_path / "static", compress="build", immutable="**/lib.*.js")
    seal(again, out)
    assert check(out) == []
    later = servestatic.collect(build=str(out))
    for name in index:
        assert get(later, index.url(name))[0] == 200
        assert get(later, again.url(name))[2] == get(again, again.url(name))[2]


def test_files_that_are_called_as_codings_are(tmp_path: Path, out: Path) -> None:
    """a.css.gz is a file of the tree, which no coding of a.css may replace."""
    write(tmp_path / "static", {"a.css": "a{}" * 500, "a.css.gz": "mine", "b.css": "b{}" * 500, "b.css.br": "too"})
    index = servestatic.collect(tmp_path / "static", compress="build", fingerprints=False)
    seal(index, out)
    assert check(out) == []
    assert (out / "a.css.gz").read_text() == "mine"
    loaded = servestatic.collect(build=str(out), fingerprints=False)
    for name in ("a.css", "a.css.gz", "b.css", "b.css.br"):
        assert get(loaded, f"/static/{name}")[2] == get(index, f"/static/{name}")[2]
    fields, body = get(loaded, "/static/a.css", accept_encoding="br")[1:]
    assert fields["Content-Encoding"] == "br"
    assert brotli.decompress(body) == b"a{}" * 500


def test_a_build_of_a_build(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As where STATIC_ROOT is a source, too: what a build says of itself is nothing that it serves."""
    seal(collect(root), tmp_path / "first")
    seal(collect(tmp_path / "first"), tmp_path / "second")
    assert check(tmp_path / "second") == []
    (told,) = [each for each in caplog.messages if "left out of the build (1)" in each]
    assert f"'{MANIFEST}': the build has a file of its own with this name" in told
    assert "a.css" in servestatic.collect(build=str(tmp_path / "second"))


def test_places_that_cannot_be_written(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match="File exists"):
        seal(collect(root), tmp_path / "file")


def test_readers_never_see_half_a_build(root: Path, out: Path) -> None:
    """While a build is written over another, every state of the index leads to whole files."""
    seal(collect(root), out)
    stop = threading.Event()
    seen: list[str] = []

    def read() -> None:
        while not stop.is_set():
            loaded = servestatic.collect(build=str(out))
            status, _, body = get(loaded, loaded.url("a.css"))
            if status != 200 or loaded.path("b.svg").encode() not in body:
                seen.append(f"{status} {body[:80]!r}")

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(10):
        (root / "b.svg").write_text(f"<svg>{number}</svg>")
        seal(collect(root), out)
    stop.set()
    reader.join()
    assert seen == []


def test_progress(root: Path, out: Path) -> None:
    told: list[tuple[int, int]] = []
    seal(collect(root), out, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == len(told)
    assert os.listdir(out)


# ------------------------------------------------------------------------------------- with a store that remembers


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_what_nobody_touched_is_not_read(root: Path, out: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = seal(collect(root), out, store=store)
    index = collect(root)
    read: list[str] = []

    def note(path: str) -> Reading:
        read.append(os.path.relpath(path, out))
        return read_file(path)

    monkeypatch.setattr("servestatic.releases.build_files.read_file", note)
    monkeypatch.setattr("servestatic.releases.contents.read_slice", pytest.fail)
    assert seal(index, out, store=store) == Sealed(first.files, 0, first.size)
    assert sorted(read) == sorted([CURRENT, MANIFEST, os.path.relpath(find_document(out), out)])


def _change_a_byte(path: Path) -> None:
    """As `cp --preserve` over it would: size and mtime stay."""
    status = path.stat()
    path.write_bytes(b"X" + path.read_bytes()[1:])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes()[::-1])
    os.replace(other, path)


def _link_elsewhere(path: Path) -> None:
    other = path.with_name("other")
    path.rename(other)
    other.write_bytes(b"other")
    path.symlink_to(other)


@pytest.mark.parametrize("touch", [_change_a_byte, _replace, _link_elsewhere, Path.unlink])
@pytest.mark.parametrize("which", ["plain", "named", "coded"])
def test_what_was_touched_is_written_again(
    root: Path, out: Path, store: Store, touch: Callable[[Path], None], which: str
) -> None:
    seal(collect(root), out, store=store)
    before = tree(out)
    named = collect(root).path("big.js")
    touch(out / {"plain": "big.js", "named": named, "coded": f"{named}.br"}[which])
    assert seal(collect(root), out, store=store).written == 1
    (out / "other").unlink(missing_ok=True)
    assert tree(out) == before


@pytest.mark.parametrize("value", [b"", b"x", bytes(72), bytes(100)])
def test_a_memory_of_the_wrong_shape(root: Path, out: Path, store: Store, value: bytes) -> None:
    first = seal(collect(root), out, store=store)
    (path,) = (store.place / "notes").iterdir()
    with forged(path) as note:
        note.tables["pairs"] = dict.fromkeys(note.tables["pairs"], value)
    assert seal(collect(root), out, store=store) == Sealed(first.files, 0, first.size)


@pytest.mark.parametrize(("racy", "remembered"), [(10**12, False), (-(10**12), True)])
def test_young_files_that_others_wrote(
    root: Path, out: Path, store: Store, monkeypatch: pytest.MonkeyPatch, racy: int, remembered: bool
) -> None:
    seal(collect(root), out)
    monkeypatch.setattr("servestatic.disk.read._RACY", racy)
    seal(collect(root), out, store=store)
    assert any((store.place / "notes").iterdir()) == remembered


def test_codings_that_somebody_made_are_taken(root: Path, out: Path, tmp_path: Path) -> None:
    index = servestatic.collect(root, store=str(tmp_path / "shared"), compress="startup")

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        pytest.fail("every coding is in the store")

    index.write(str(out), encode=encode)
    assert check(out) == []
    seal(collect(root), tmp_path / "alone")
    assert tree(out) == tree(tmp_path / "alone")
