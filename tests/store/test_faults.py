"""What goes wrong with disks, clocks and other processes: never a wrong byte, a hang, or a failed start."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import brotli
import pytest

import servestatic
from servestatic import Index
from servestatic.assets.coding import ContentCoding, name_object
from servestatic.assets.fingerprint import fingerprint_leaf
from servestatic.disk.read import stamp_of
from servestatic.serving.compression.background import StoreEncoder
from servestatic.serving.compression.coders import codings
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write
from tests.support.indexes import store_encoder

WORDS = "".join(f"var v{number}={number * 7919};" for number in range(3000))
FILES = {
    "a.css": "a{background:url(b.svg)}" + "".join(f".c{number}{{color:#{number:06x}}}" for number in range(3000)),
    "b.svg": "<svg>" + "<path d='M0 0'/>" * 100 + "</svg>",
    "js/app.js": "import './dep.js';" + "f();" * 100,
    "js/dep.js": "export default 1;" * 50,
    "words.js": WORDS,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "static", FILES)


def collect(root: Path, place: Path) -> Index:
    return servestatic.collect(root, store=str(place), compress="build")


def settle(index: Index) -> None:
    assert isinstance(index.resources.encoder, StoreEncoder)
    index.resources.encoder.settle()


def check(index: Index, root: Path) -> set[str]:
    """Ask for everything in every coding, compare with what there is without a store, return the codings seen."""
    wanted = servestatic.collect(root, store="none")
    seen = set()
    for name in FILES:
        for url in (index.url(name), f"/static/{name}"):
            data = get(wanted, url)[2]
            for accept in ("identity", "br", "gzip", "zstd"):
                status, fields, body = get(index, url, accept_encoding=accept)
                coding = fields.get("Content-Encoding", "identity")
                assert status == 200
                assert fields["ETag"] == f'"{hashlib.sha256(body).hexdigest()[:32]}"'
                assert _DECODE[coding](body) == data
                seen.add(coding)
    return seen


_DECODE: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "br": brotli.decompress,
    "gzip": lambda data: zlib.decompress(data, 31),
    "zstd": lambda data: _decompress_zstd(data),
}


def _decompress_zstd(data: bytes) -> bytes:
    zstd = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    decoded: bytes = zstd.decompress(data)
    return decoded


# ------------------------------------------------------------------------------------------- other processes

SETTLE = """
import sys, servestatic
index = servestatic.collect(sys.argv[1], store=sys.argv[2], compress="build")
index.resources.encoder.settle()
print("settled", flush=True)
"""


@contextmanager
def start(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    command, pipe = [sys.executable, "-c", script, *map(str, arguments)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()  # also where it is stopped, or hangs


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def add_huge(root: Path) -> str:
    """Add a file whose best brotli takes seconds, and return the key of that."""
    data = "".join(f"var w{number}={number * 7919};" for number in range(60_000)).encode()
    (root / "huge.js").write_bytes(data)
    return name_object(hashlib.sha256(data).digest(), next(each for each in codings() if each.name == "br"))


def test_a_stopped_process_that_holds_a_lock(root: Path, tmp_path: Path) -> None:
    """Others go on with the rest, and a minute later with what it was at; when it goes on itself, nobody notices."""
    place = tmp_path / "store"
    key = add_huge(root)
    with start(SETTLE, root, place) as stopped:
        wait_for((place / "locks" / key).exists)
        stopped.send_signal(signal.SIGSTOP)
        now = Store(place)
        with now.lock(key) as held:
            assert not held
        index = collect(root, place)
        assert check(index, root) == {"identity", *(each.name for each in codings())}
        assert not now.has(key)
        later = Store(place, now=lambda: time.time() + 61)
        store_encoder(index, later).settle()
        made = now.get(key)
        assert made
        stopped.send_signal(signal.SIGCONT)
        output, errors = stopped.communicate(timeout=60)
        assert (output, errors, stopped.returncode) == ("settled\n", "", 0)
        assert now.get(key) == made, "what is there is not made anew"
    assert check(index, root) == {"identity", *(each.name for each in codings())}
    assert [*(place / "locks").iterdir()] == []


ASK = """
import sys, servestatic
from servestatic.serving.deliver import answer, find
from servestatic.http.message import Request
index = servestatic.collect(sys.argv[1], store=sys.argv[2])
answer(index.resources, find(index.resources, index.url("a.css"), ""), Request("GET", {"accept-encoding": "br"}))
print("asked", flush=True)
sys.stdin.readline()
"""


def test_the_end_of_a_process_whose_thread_is_in_the_middle_of_a_large_file(root: Path, tmp_path: Path) -> None:
    key = add_huge(root)
    with start(ASK, root, tmp_path / "store") as process:
        wait_for((tmp_path / "store/locks" / key).exists)
        output, errors = process.communicate("end\n", timeout=5)
        assert (output, errors, process.returncode) == ("asked\n", "", 0)
    assert not Store(tmp_path / "store").has(key)


def test_the_end_of_a_process_whose_thread_is_between_many_small_files(root: Path, tmp_path: Path) -> None:
    """Where it ends must not matter: in a library, in the store, between two steps of the interpreter."""
    write(root, {f"{number}.js": WORDS[number:] for number in range(500)})
    for number in range(8):
        with start(ASK, root, tmp_path / str(number)) as process:
            assert process.stdout
            assert process.stdout.readline() == "asked\n"
            time.sleep(number * 0.02)
            _, errors = process.communicate("end\n", timeout=5)
            assert (errors, process.returncode) == ("", 0)


# ----------------------------------------------------------------------------------------------------- disks


@contextmanager
def mounted(place: Path, size: str) -> Iterator[None]:
    """Mount a small disk, or skip the test."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(place)]
    with suppress(FileNotFoundError):
        if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            try:
                yield
            finally:
                subprocess.run(["umount", "--lazy", str(place)], check=True)
            return
    pytest.skip("mounting a disk needs root, and its rights in this container")


@pytest.mark.parametrize("size", ["8k", "24k", "32k", "48k", "64k"])
def test_a_full_disk(size: str, root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with mounted(tmp_path / "disk", size):
        index = collect(root, tmp_path / "disk/store")
        assert {"identity", "br"} <= check(index, root)
        settle(index)
        assert "the remaining files keep their fast codings" in caplog.text
        assert {"identity", "br"} <= check(index, root)
        warm = collect(root, tmp_path / "disk/store")
        assert {"identity", "br"} <= check(warm, root)
        assert not [*(tmp_path / "disk").rglob(".*")]


def test_a_disk_that_has_room_again(root: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "2m"):
        ballast = tmp_path / "disk/ballast"
        with suppress(OSError):
            ballast.write_bytes(bytes(4_000_000))
        index = collect(root, tmp_path / "disk/store")
        assert {"identity", "br"} <= check(index, root)
        ballast.unlink()
        index = collect(root, tmp_path / "disk/store")
        settle(index)
        assert all(map(Store(tmp_path / "disk/store").has, keys(index)))


def keys(index: Index) -> list[str]:
    return [name_object(content.digest, coding) for content in index.catalog.contents() for coding in codings()]


def test_a_disk_that_can_only_be_read(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "10m"):
        settle(collect(root, disk / "store"))
        (root / "new.css").write_text(FILES["a.css"] + "x{}")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        index = collect(root, disk / "store")
        settle(index)
        assert "Read-only file system" in caplog.text
        assert check(index, root) == {"identity", *(each.name for each in codings())}
        assert get(index, index.url("new.css"), accept_encoding="br")[1]["Content-Encoding"] == "br"
        assert isinstance(index.resources.encoder, StoreEncoder)
        index.resources.encoder.work()
        assert "Traceback" not in caplog.text


LIMITED = """
import resource, sys, servestatic
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
index = servestatic.collect(sys.argv[1], store=sys.argv[2], compress="build")
index.resources.encoder.settle()
from servestatic.serving.deliver import answer, find
from servestatic.http.message import Request
for name in index:
    target = find(index.resources, index.url(name), "")
    response, file = answer(index.resources, target, Request("GET", {"accept-encoding": "br"}))
    assert response.status == 200
    file and file.close()
"""


def test_files_that_may_not_become_large(root: Path, tmp_path: Path) -> None:
    """Like a full disk for some files (the limit of a process on the size of its files)."""
    with start(LIMITED, root, tmp_path / "store") as process:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert "cannot be written (the disk may be full)" in errors
    assert not [*(tmp_path / "store").rglob(".*")]
    index = collect(root, tmp_path / "store")
    settle(index)
    assert check(index, root) == {"identity", *(each.name for each in codings())}


@pytest.mark.parametrize("then", ["nothing", "a file", "a link", "somebody else's"])
def test_a_store_that_is_deleted_while_it_is_used(then: str, root: Path, tmp_path: Path) -> None:
    """And what takes its place."""
    place, other = tmp_path / "store", tmp_path / "other"
    index = collect(root, place)
    settle(index)
    every = {"identity", *(each.name for each in codings())}
    assert check(index, root) == every
    settled = [get(index, index.url(name), accept_encoding="br")[1]["ETag"] for name in FILES]
    shutil.rmtree(place)
    other.mkdir()
    if then == "a file":
        place.touch()
    elif then == "a link":
        place.symlink_to(other)
    elif then == "somebody else's":
        if os.getuid() != 0:
            pytest.skip("giving a directory away needs root")
        place.mkdir()
        os.chown(place, 12345, 12345)
    for name in FILES:
        index.resources.refresh(index.url(name))  # small bodies are held in memory
        index.resources.refresh(f"/static/{name}")
    for _ in range(3):  # what was lost is identity once
        seen = check(index, root)
    assert seen >= {"identity", "br", "gzip"}
    settle(index)
    assert check(index, root) >= {"identity", "br", "gzip"}
    assert [*other.iterdir()] == []
    if then == "nothing":
        assert check(index, root) == every
        assert [get(index, index.url(name), accept_encoding="br")[1]["ETag"] for name in FILES] == settled


# -------------------------------------------------------------------------------------------------- versions


def test_two_versions_share_a_store(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another library makes other bytes: each version sees its own alone, and neither removes the other's."""
    place = tmp_path / "store"

    def tags(index: Index) -> list[str]:
        return [get(index, index.url(name), accept_encoding="br")[1]["ETag"] for name in FILES]

    def other_codings() -> tuple[ContentCoding, ...]:
        return tuple(
            row._replace(coder="other", best=lambda data: brotli.compress(data, quality=1)) if row.name == "br" else row
            for row in codings()
        )

    ours = collect(root, place)
    settle(ours)
    before = tags(ours)
    with monkeypatch.context() as version:
        version.setattr("servestatic.serving.compression.encode_all.each_coding", other_codings)
        theirs = collect(root, place)
        settle(theirs)
        assert all(one != other for one, other in zip(before, tags(theirs), strict=True))
        objects = {path: stamp_of(path.stat()) for path in Store(place).objects()}
        settle(theirs)
        Store(place).prune()
    settle(ours)
    assert tags(ours) == tags(collect(root, place)) == before
    assert {path: stamp_of(path.stat()) for path in Store(place).objects()} == objects


# ------------------------------------------------------------------------------------------ clocks, and sources


@pytest.mark.parametrize("shift", [-(10**9), -3600, 3600, 10**9])
def test_a_clock_that_is_set(shift: int, root: Path, tmp_path: Path) -> None:
    """Back or forth by an hour or thirty years, while the index is in use."""
    place = tmp_path / "store"
    index = collect(root, place)
    settle(index)
    shifted = Store(place, now=lambda: time.time() + shift)
    with Store(place).lock(key := keys(index)[0]):
        pass
    shifted.note_use(keys(index))
    shifted.prune()
    shifted.prune_daily()
    encoder = store_encoder(index, shifted)
    encoder.settle()
    assert shifted.has(key)
    assert check(index, root) == {"identity", *(each.name for each in codings())}
    warm = collect(root, place)
    assert check(warm, root) == {"identity", *(each.name for each in codings())}


def test_sources_that_change_while_they_are_collected(root: Path, tmp_path: Path) -> None:
    """Whatever state is collected, a fingerprinted name has the bytes that it promises, or 404; now and later."""
    ended = threading.Event()

    def change() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            (root / "words.js").write_text(WORDS[: 20_000 + number % 7])
            (root / "b.svg").write_text(f"<svg>{number % 3}</svg>" * 200)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(30):
            index = collect(root, tmp_path / "store")
            for name in ("words.js", "b.svg"):
                if name not in index:  # it changed so quickly that it could not be read: it is left out, and said so
                    continue
                url = index.url(name)
                if url == f"/static/{name}":  # it is another since
                    continue
                for accept in ("identity", "br"):
                    status, fields, body = get(index, url, accept_encoding=accept)
                    assert status in (200, 404) or (status, fields["Retry-After"]) == (503, "1")
                    if status == 200:
                        data = _DECODE[fields.get("Content-Encoding", "identity")](body)
                        assert fingerprint_leaf(hashlib.sha256(data).digest()) in url
    finally:
        ended.set()
        thread.join()
    index = collect(root, tmp_path / "store")
    settle(index)
    assert check(index, root) == {"identity", *(each.name for each in codings())}
