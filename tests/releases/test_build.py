"""Sealed builds: what is written, what is kept, what is served, and what is found damaged."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import pytest

import servestatic
from servestatic import BuildError, Directory, Index
from servestatic.assets.coding import ContentCoding
from servestatic.disk.read import Reading, read_file
from servestatic.releases.build_files import Sealed
from servestatic.releases.document import INDEX, MANIFEST, dump, read_index
from servestatic.releases.document import seal as sign
from servestatic.releases.load import check
from servestatic.releases.rows import pack_rows, unpack_rows
from servestatic.serving.compression.coders import codings
from servestatic.store import Store
from tests.support.client import answers, get
from tests.support.files import FILES, write
from tests.support.indexes import write_build as seal

# Small, so that the best codings take milliseconds.
SITE = FILES | {
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
    loaded = servestatic.collect(build=str(out))
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


def test_earlier_releases_are_kept(root: Path, out: Path) -> None:
    urls = []
    for number in range(5):
        (root / "b.svg").write_text(f"<svg>{number}</svg>")
        index = collect(root)
        urls.append((index.url("a.css"), index.url("b.svg")))
        seal(index, out)
        seal(index, out)  # nothing new: no release of its own
    loaded = servestatic.collect(build=str(out))
    for number, (css, svg) in enumerate(urls):
        status, fields, body = get(loaded, svg)
        if number >= 2:
            assert (status, body) == (200, f"<svg>{number}</svg>".encode())
            assert "immutable" in fields["Cache-Control"]
            assert svg.rpartition("/")[2].encode() in get(loaded, css)[2]
        else:
            assert (status, fields["Cache-Control"]) == (404, "no-store")
            assert not (out / svg.removeprefix("/static/")).exists()
    assert get(loaded, "/static/b.svg")[2] == b"<svg>4</svg>"
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
    "content",
    [None, b"", b"{", b"[]", b'{"format": 1}', b'{"digest":"00","format":1}'],
    ids=["none", "empty", "half", "list", "no digest", "wrong digest"],
)
def test_an_index_that_is_none(out: Path, content: bytes | None) -> None:
    out.mkdir()
    if content is not None:
        (out / INDEX).write_bytes(content)
    for use in (lambda: servestatic.collect(build=str(out)), lambda: check(out)):
        sentence = "there is no sealed build in" if content is None else "is not the index of a sealed build"
        with pytest.raises(BuildError, match=rf"{sentence}.*rite it: `?servestatic build"):
            use()


@contextmanager
def forged(out: Path) -> Iterator[dict[str, Any]]:
    """Change what the index of a build says, and sign it as it should be."""
    document = read_index(out)
    assert document is not None
    del document["digest"]
    yield document
    (out / INDEX).write_bytes(sign(dump(document)[1:]))


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../secret"])
def test_an_index_that_leads_out(root: Path, out: Path, path: str) -> None:
    index = collect(root)
    seal(index, out)
    shutil.copy(out / "a.css.br", out.parent / "secret.br")
    with forged(out) as document:
        document["codings"]["paths"] = [path for _ in document["codings"]["paths"]]
    loaded = servestatic.collect(build=str(out))
    _, fields, body = get(loaded, loaded.url("a.css"), accept_encoding="br")
    assert "Content-Encoding" not in fields
    assert body == get(index, index.url("a.css"))[2]


def test_codings_that_nobody_wrote_like_that(root: Path, out: Path) -> None:
    """The index is in order but for them: nothing of what it says of codings is sent, and the next build mends it."""
    index = collect(root)
    seal(index, out)
    with forged(out) as document:
        for column in document["codings"]["columns"].values():
            column[2] = "!" * len(column[2])
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
    "damage",
    [
        lambda document: document["mounts"].update({"/static/": [1]}),
        lambda document: document.update(mounts=[1]),
        lambda document: document.update(releases=[[1]]),
        lambda document: document["mounts"]["/static/"]["names"].__setitem__(0, "a\0b"),
        lambda document: document["mounts"]["/static/"]["names"].__setitem__(0, "\ud800"),
        lambda document: document["codings"]["paths"].__setitem__(0, "\ud800"),
        lambda document: document["mounts"]["/static/"].update(
            pack_rows(
                {
                    name: row[:-3] + b"\7\0" + row[-1:]
                    for name, row in unpack_rows(document["mounts"]["/static/"]).items()
                }
            )
        ),
    ],
)
def test_an_index_that_nobody_wrote(root: Path, out: Path, damage: Callable[[dict[str, Any]], object]) -> None:
    """Signed as it should be: it is damaged, says the start; and the next build writes it anew."""
    index = collect(root)
    seal(index, out)
    with forged(out) as document:
        damage(document)
    with pytest.raises(BuildError, match="is damaged"):
        servestatic.collect(build=str(out))
    seal(index, out)
    assert check(out) == []


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_an_index_that_is_not_a_file(root: Path, out: Path, kind: str) -> None:
    """The start does not wait for what a pipe brings, and reads no device without end."""
    out.mkdir()
    if kind == "fifo":
        os.mkfifo(out / INDEX)
    else:
        (out / INDEX).symlink_to("/dev/zero")
    with pytest.raises(BuildError, match="is not the index"):
        servestatic.collect(build=str(out))
    with pytest.raises(BuildError, match="is not the index"):
        check(out)
    seal(collect(root), out)
    assert check(out) == []


def test_an_index_without_end(out: Path) -> None:
    out.mkdir()
    (out / INDEX).write_bytes(sign(b'"format":3,"a":' + b"[" * 200_000))
    with pytest.raises(BuildError, match="is not the index"):
        servestatic.collect(build=str(out))


def test_a_coding_that_is_not_as_long_as_the_index_says(root: Path, out: Path) -> None:
    from servestatic.releases.coding_table import CodingsTable, pack_codings

    index = collect(root)
    seal(index, out)
    with forged(out) as document:
        short = {
            digest: {name: each._replace(length=min(each.length, 5)) for name, each in row.items()}
            for digest, row in CodingsTable(document["codings"]).items()
        }
        document["codings"] = pack_codings(short, {"br": ".br", "zstd": ".zst", "gzip": ".gz"})
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
    (told,) = [each for each in caplog.messages if "left out of the build (2)" in each]
    for name in (INDEX, MANIFEST):
        assert f"'{name}': the build has a file of its own with this name" in told
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
    assert sorted(read) == [INDEX, MANIFEST]


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


@pytest.mark.parametrize("document", [None, [], {}, {"names": ["a.css"]}, {"names": ["a.css"], "rows": "AAAA"}])
def test_a_memory_of_the_wrong_shape(root: Path, out: Path, store: Store, document: object) -> None:
    first = seal(collect(root), out, store=store)
    (key,) = (path.name for path in (store.place / "collections").iterdir())
    store.save(key, document)
    assert seal(collect(root), out, store=store) == Sealed(first.files, 0, first.size)


@pytest.mark.parametrize(("racy", "remembered"), [(10**12, False), (-(10**12), True)])
def test_young_files_that_others_wrote(
    root: Path, out: Path, store: Store, monkeypatch: pytest.MonkeyPatch, racy: int, remembered: bool
) -> None:
    seal(collect(root), out)
    monkeypatch.setattr("servestatic.disk.read._RACY", racy)
    seal(collect(root), out, store=store)
    assert any((store.place / "collections").iterdir()) == remembered


def test_codings_that_somebody_made_are_taken(root: Path, out: Path, tmp_path: Path) -> None:
    index = servestatic.collect(root, store=str(tmp_path / "shared"), compress="startup")

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        pytest.fail("every coding is in the store")

    index.write(str(out), encode=encode)
    assert check(out) == []
    seal(collect(root), tmp_path / "alone")
    assert tree(out) == tree(tmp_path / "alone")
