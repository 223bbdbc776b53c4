"""Starting: cold, warm and without a store the same names, bytes and tags; better codings follow in the background."""

import gc
import logging
import os
import re
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import pytest

import servestatic
from servestatic import Index
from servestatic.assets.references import SYNTAXES
from servestatic.disk.read import Reading, read_file, stamp_of
from servestatic.serving.compression.background import StoreEncoder
from servestatic.serving.compression.coders import codings
from servestatic.store import Store
from tests.support.client import answers, get
from tests.support.files import CSS, FILES, write
from tests.support.forge import Forged, forged
from tests.support.indexes import store_encoder


@pytest.fixture(autouse=True)
def without_deltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index without a store has none, and is compared with others."""
    monkeypatch.setenv("SERVESTATIC_DELTAS", "off")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "static", FILES)
    old = time.time() - 100
    for path in (tmp_path / "static").rglob("*"):
        os.utime(path, (old, old))
    return tmp_path / "static"


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def settle(index: Index) -> None:
    assert isinstance(index.resources.encoder, StoreEncoder)
    index.resources.encoder.settle()


def old_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files that the test just wrote be remembered."""
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**12))


def test_cold_warm_and_without_a_store(root: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old_enough(monkeypatch)
    without = servestatic.collect(root, store="none")
    cold = servestatic.collect(root, store=store)
    settle(cold)
    read: list[str] = []

    def read_and_note(path: str) -> Reading:
        read.append(path)
        return read_file(path)

    monkeypatch.setattr("servestatic.pipeline.read.read_file", read_and_note)
    warm = servestatic.collect(root, store=store)
    assert read == []
    assert answers(cold, "identity") == answers(warm, "identity") == answers(without, "identity")
    for accept in ("br", "gzip", "zstd", "br, zstd, gzip"):
        assert answers(cold, accept) == answers(warm, accept)


def test_best_codings_replace_fast_ones(root: Path, store: str, caplog: pytest.LogCaptureFixture) -> None:
    index = servestatic.collect(root, store=store, compress="build")
    url = index.url("a.css")
    fast = get(index, url, accept_encoding="br")
    with caplog.at_level(logging.INFO):
        settle(index)
    best = get(index, url, accept_encoding="br")
    assert len(best[2]) < len(fast[2])
    assert best[1]["ETag"] != fast[1]["ETag"]
    assert "compression finished in " in caplog.text
    zstd = get(index, url, accept_encoding="zstd")
    assert zstd[1]["Content-Encoding"] == "zstd"
    smallest = min(len(get(index, url, accept_encoding=each.name)[2]) for each in codings())
    assert len(get(index, url, accept_encoding="gzip, br, zstd")[2]) == smallest
    for name in ("random.txt", "random.bin"):
        fields = get(index, index.url(name), accept_encoding="br")[1]
        assert "Content-Encoding" not in fields
        assert "Vary" not in fields


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "servestatic"}


def until(condition: Callable[[], object]) -> None:
    """Wait; what never comes fails."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_thread_starts_with_the_first_request(root: Path, store: str) -> None:
    """Not before, since a server may fork after it collected; and it ends when nobody needs it any more."""
    gc.collect()
    before = threads()
    index = servestatic.collect(root, store=store)
    index.url("a.css")
    assert threads() <= before
    fast = get(index, index.url("a.css"), accept_encoding="br")[2]
    (thread,) = threads() - before
    while get(index, index.url("a.css"), accept_encoding="br")[2] == fast:
        time.sleep(0.01)
    get(index, index.url("js/app.js"), accept_encoding="br")
    assert threads() - before == {thread}
    del index
    until(lambda: gc.collect() >= 0 and not thread.is_alive())


def test_what_is_lost_while_running_becomes_its_best_again(root: Path, store: str) -> None:
    """First identity, then a fast coding, unless another thread makes it; soon the same best one as before."""
    index = servestatic.collect(root, store=store)
    urls = [index.url(name) for name in ("a.css", "big.js", "js/app.js")]
    fast = [get(index, url, accept_encoding="br")[2] for url in urls]
    until(lambda: all(get(index, url, accept_encoding="br")[2] != each for url, each in zip(urls, fast, strict=True)))
    until(lambda: all(store_encoder(index, Store(Path(store))).adopt(d) is not None for d in digests(index)))
    best = [get(index, url, accept_encoding="br") for url in urls]
    for number in range(2):
        Path(store).rename(f"{store}.{number}")
        for url in urls:
            index.resources.refresh(url)  # what is small is held in memory
            status, fields, body = get(index, url, accept_encoding="br")
            assert status == 200
            assert (brotli.decompress(body) if "Content-Encoding" in fields else body) == get(index, url)[2]
            until(partial(is_encoded, index, url))
        until(lambda: [get(index, url, accept_encoding="br") for url in urls] == best)


def is_encoded(index: Index, url: str) -> bool:
    return "Content-Encoding" in get(index, url, accept_encoding="br")[1]


def digests(index: Index) -> set[bytes]:
    return {content.digest for content in index.catalog.contents()}


def test_startup_makes_the_best_before_it_is_ready(root: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    index = servestatic.collect(root, store=store, compress="startup")
    monkeypatch.setattr(
        "servestatic.serving.compression.encode_all.encode_fast", lambda *_: pytest.fail("nothing is left to be made")
    )
    get(index, index.url("a.css"), accept_encoding="br")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "b.svg").write_text("<svg>new</svg>"),
        lambda root: (root / "js/dep.js").unlink(),
        lambda root: (root / "new.svg").write_text("<svg/>"),
        lambda root: os.utime(root / "a.css"),
        lambda root: same_size(root / "b.svg"),
        lambda root: (root / "js/app.js").write_text("import './missing.js'"),
    ],
    ids=["changed", "deleted", "new", "touched", "same size, mtime restored", "other references"],
)
def test_changes_between_starts(
    root: Path, store: str, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    old_enough(monkeypatch)
    servestatic.collect(root, store=store)
    change(root)
    warm, cold = servestatic.collect(root, store=store), servestatic.collect(root, store="none")
    assert sorted(warm) == sorted(cold)
    assert answers(warm, "identity") == answers(cold, "identity")


def same_size(path: Path) -> None:
    status = path.stat()
    path.write_bytes(bytes(reversed(path.read_bytes())))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_young_files_are_not_remembered(root: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """git's racy rule: they may change again within one tick of the clock."""
    monkeypatch.setattr("servestatic.disk.read._RACY", 1_000_000_000)
    time.sleep(1.1)
    (root / "young.txt").write_text("one")
    servestatic.collect(root, store=store)
    (path,) = documents(store).values()
    assert {Path(os.fsdecode(name)).name for name in Forged(path).tables["pairs"]} == {
        Path(name).name for name in FILES
    }


def documents(store: str) -> dict[str, Path]:
    """The notes of a store: the "snapshot" of a whole collection, and what is known of single "files"."""
    found = (path for path in (Path(store) / "notes").iterdir() if path.name[0] != ".")  # what is being written
    return {"snapshot" if "listing" in Forged(path).head else "files": path for path in found}


@pytest.mark.parametrize(
    "known",
    [
        b"",
        b"x" * 200,
        b"STAMP",
        b"STAMP" + bytes(33) + b"{",
        b"STAMP" + bytes(33) + b"3",
        b"STAMP" + bytes(33) + b"[" * 100_000,
        b"STAMP" + bytes(33) + b"[[1,2]]",
        b"STAMP" + bytes(33) + b'[["x",2,3,4]]',
        b"STAMP" + bytes(33) + b'[[9,2,"b.svg","url"]]',
        b"STAMP" + bytes(33) + b'[[0,1000000000,"b.svg","url"]]',
    ],
)
def test_notes_of_the_wrong_shape(root: Path, store: str, known: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache on disk is somebody else's word: what has not the right shape is not known."""
    old_enough(monkeypatch)
    cold = servestatic.collect(root, store=store)
    found = documents(store)
    found["snapshot"].unlink()
    stamp = struct.pack("<QQQqq", *stamp_of((root / "a.css").stat()))
    with forged(found["files"]) as note:
        note.tables["pairs"][os.fsencode(root / "a.css")] = known.replace(b"STAMP", stamp)
    assert summary(servestatic.collect(root, store=store)) == summary(cold)


@pytest.mark.parametrize(
    "head",
    [
        {"key": "another"},
        {"listing": None},
        {"id": "x"},
        {"mounts": None},
        {"mounts": []},
        {"mounts": [None]},
        {"mounts": ["static"]},
        {"mounts": ["/other/"]},
        {"reports": [[]]},
        {"reports": [[30, "x", 1, 3]]},
        {"reports": [[30, "x", "x", []]]},
    ],
    ids=str,
)
def test_a_snapshot_of_the_wrong_shape(
    root: Path, store: str, head: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has a right listing but is not what a snapshot is, is none."""
    old_enough(monkeypatch)
    before = answers(servestatic.collect(root, store=store), "identity")
    with forged(documents(store)["snapshot"]) as snapshot:
        snapshot.head |= head
    assert answers(servestatic.collect(root, store=store), "identity") == before


def test_a_damaged_snapshot(root: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read whole at the start, so that everything is collected again if a single byte of it has changed."""
    old_enough(monkeypatch)
    before = answers(servestatic.collect(root, store=store), "identity")
    path = documents(store)["snapshot"]
    content = path.read_bytes()
    for position in (0, 30, 80, len(content) // 2, -1):
        changed = bytearray(content)
        changed[position] ^= 0xFF
        path.write_bytes(changed)
        assert answers(servestatic.collect(root, store=store), "identity") == before
        assert path.read_bytes() == content, "collected again"


def test_a_snapshot_spares_everything_but_the_look_at_the_files(
    root: Path, store: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And what was told of the files is told again."""
    old_enough(monkeypatch)
    (root / "broken.css").write_text("a{background:url(nothing.png)}")
    cold = servestatic.collect(root, store=store)
    told = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    caplog.clear()
    monkeypatch.setattr("servestatic.pipeline.collector.merge", lambda *_: pytest.fail("there is a snapshot"))
    warm = servestatic.collect(root, store=store)
    assert [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING] == told
    assert "nothing.png" in told[0]
    assert answers(warm, "identity") == answers(cold, "identity")
    assert summary(warm) == summary(cold)


@pytest.mark.parametrize("settings", [{"fingerprints": False}, {"prefix": "/assets/"}, {"strict": True}], ids=str)
def test_other_settings_have_a_snapshot_of_their_own(
    root: Path, store: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    old_enough(monkeypatch)
    servestatic.collect(root, store=store)
    warm, cold = (servestatic.collect(root, store=each, **settings) for each in (store, "none"))
    assert summary(warm) == summary(cold)


def summary(index: Index) -> list[object]:
    return [(each.mount, each.public, each.row, each.served.digest, each.needs) for each in index.catalog.entries()]


def test_other_code_takes_no_snapshot(root: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules of the package are listed, too."""
    old_enough(monkeypatch)
    servestatic.collect(root, store=store)
    monkeypatch.setattr("servestatic.pipeline.snapshot._PACKAGE", servestatic.Directory(root / "js"))
    monkeypatch.setattr("servestatic.pipeline.collector.merge", lambda *_: pytest.fail("collected"))
    with pytest.raises(pytest.fail.Exception, match="collected"):
        servestatic.collect(root, store=store)


def test_another_version_of_a_scanner_reads_again(root: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old_enough(monkeypatch)
    before = servestatic.collect(root, store=store)
    documents(store)["snapshot"].unlink()
    monkeypatch.setitem(SYNTAXES, ".css", SYNTAXES[".css"]._replace(find=lambda data: [], version=2))
    after = servestatic.collect(root, store=store)
    assert before.path("a.css") != after.path("a.css")
    assert get(after, after.url("a.css"))[2] == CSS.encode()


def test_a_store_that_is_deleted_while_it_is_used(root: Path, store: str) -> None:
    index = servestatic.collect(root, store=store, compress="startup")
    before = get(index, index.url("big.js"), accept_encoding="br")
    for _ in range(1000):  # the thread may be writing into it
        shutil.rmtree(store, ignore_errors=True)
    status, fields, body = get(index, index.url("big.js"), accept_encoding="br")
    assert status == 200
    if fields.get("Content-Encoding") == "br":
        body = brotli.decompress(body)
    assert body == str(FILES["big.js"]).encode()
    assert before[0] == 200


SCRIPT = """
import sys, servestatic
index = servestatic.collect(sys.argv[1], store=sys.argv[2])
print("ready", flush=True)
index.resources.encoder.settle()
print("settled", flush=True)
"""


def test_killed_at_any_moment_of_a_cold_start(root: Path, store: str) -> None:
    """kill -9 fifty times, two processes each time; each next start is right, and the last is complete."""
    wanted = answers(servestatic.collect(root, store="none"), "identity")
    command = [sys.executable, "-c", SCRIPT, str(root), store]
    for attempt in range(25):
        with ExitStack() as stack:
            started = [stack.enter_context(subprocess.Popen(command, stdout=subprocess.DEVNULL)) for _ in range(2)]
            for process in started:
                time.sleep(0.03 + 0.011 * attempt)
                process.kill()
        if attempt % 5 == 4:
            assert answers(servestatic.collect(root, store=store, compress="build"), "identity") == wanted
    locks = Path(store) / "locks"
    for lock in locks.iterdir():  # their owners are dead: a minute later they count for nothing
        os.utime(lock, (0, 0))
    index = servestatic.collect(root, store=store, compress="startup")
    assert answers(index, "identity") == wanted
    assert get(index, index.url("a.css"), accept_encoding="br")[1]["Content-Encoding"] == "br"


def test_eight_processes_at_once_make_each_coding_about_once(root: Path, store: str) -> None:
    told = "import logging; logging.basicConfig(level=logging.INFO)\n" + SCRIPT
    command = [sys.executable, "-c", told, str(root), store]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, text=True, stdout=pipe, stderr=pipe) for _ in range(8)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [output for output, _ in outputs] == ["ready\nsettled\n"] * 8
    assert [process.returncode for process in processes] == [0] * 8
    made = [
        int(count) for _, log in outputs for count in re.findall(r"compression finished in .* (\d+) codings made", log)
    ]
    expected = len(codings()) * len(digests(servestatic.collect(root, store="none")))
    assert len(made) == 8
    assert sum(made) == expected, "each exactly once: whoever gets the right to make one looks first"


def test_a_process_ends_while_its_thread_works(root: Path, store: str) -> None:
    script = """
import sys, servestatic
from servestatic.serving.deliver import answer, find
from servestatic.http.message import Request
index = servestatic.collect(sys.argv[1], store=sys.argv[2])
answer(index.resources, find(index.resources, index.url("big.js"), ""), Request("GET", {"accept-encoding": "br"}))
print("asked", flush=True)
"""
    (root / "huge.js").write_text("".join(f"var w{number}={number * 7919};" for number in range(400_000)))
    command = [sys.executable, "-c", script, str(root), store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        process.wait(timeout=5)
    assert process.returncode == 0
