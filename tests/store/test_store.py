"""The store: whole objects or none, this user's alone, never a failed start."""

import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servestatic.disk.read import read_body, read_slice
from servestatic.disk.write import write_file
from servestatic.errors import StoreError
from servestatic.http.message import Blob, Slice, Stamp
from servestatic.store import Store, open_store, usual_place


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def read(store: Store, key: str) -> bytes | None:
    stored = store.get(key)
    return read_body(stored.body) if stored else None


def object_file(store: Store, key: str) -> Path:
    return store.place / "objects" / key[:2] / key


def test_objects(store: Store) -> None:
    assert store.get("aa") is None
    written = store.put("aa", b"data")
    assert written == store.get("aa") == Store(store.place).get("aa")
    assert read(store, "aa") == b"data"
    store.put("bb", b"")
    assert read(store, "bb") == b""


def test_what_exists_is_not_replaced(store: Store) -> None:
    """An answer that has found it may be about to read it."""
    written = store.put("aa", b"data")
    assert written is not None
    assert store.put("aa", b"data") == Store(store.place).put("aa", b"data") == written
    assert read_body(written.body) == b"data"


def test_two_threads_write_one_object(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later one waits for the other's."""
    second: list[Blob | None] = []
    other = threading.Thread(target=lambda: second.append(store.put("aa", b"data")))

    def write_meanwhile(*arguments: Any, **options: Any) -> Stamp | None:
        if not other.ident:
            other.start()
            other.join(0.1)
            assert other.is_alive()
        return write_file(*arguments, **options)

    monkeypatch.setattr("servestatic.store.store.write_file", write_meanwhile)
    written = store.put("aa", b"data")
    other.join()
    assert written is not None
    assert second == [written]


def test_two_processes_write_one_object(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later one finds, once it has all bytes, that there is no need."""
    first: list[object] = []

    def write_meanwhile(*arguments: Any, **options: Any) -> Stamp | None:
        if not first:
            first.append(None)
            first.append(Store(store.place).put("aa", b"data"))
        return write_file(*arguments, **options)

    monkeypatch.setattr("servestatic.store.store.write_file", write_meanwhile)
    written = store.put("aa", b"data")
    assert written == first[1]
    assert [path.name for path in object_file(store, "aa").parent.iterdir()] == ["aa"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:10],
        lambda content: b"",
        lambda content: content[:-1] + b"X",
        lambda content: content + b"X",
        lambda content: b"X" + content[1:],
        lambda content: content[:24] + bytes(32) + content[56:],
        lambda content: content.replace(b"object 2 aa", b"object 2 ab"),
        lambda content: b"servestatic object 1\n" + content[24:],
    ],
    ids=["truncated", "only the header", "empty", "last byte", "longer", "header", "digest", "key", "first format"],
)
def test_damaged_objects_are_thrown_away(store: Store, damage: Callable[[bytes], bytes]) -> None:
    store.put("aa", b"some data")
    path = object_file(store, "aa")
    path.write_bytes(damage(path.read_bytes()))
    assert Store(store.place).get("aa") is None
    assert not path.exists()
    store.put("aa", b"again")
    assert read(store, "aa") == b"again"


def test_an_object_that_changes_after_it_was_verified(store: Store) -> None:
    store.put("aa", b"some data")
    path = object_file(store, "aa")
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert store.get("aa") is None


@pytest.mark.parametrize("how", [shutil.copyfile, os.replace, os.link])
def test_an_object_in_the_place_of_another(store: Store, how: Callable[[Path, Path], object]) -> None:
    """It is whole, but what it was made from is not what the other key says."""
    store.put("aa", b"one")
    store.put("ab", b"two")
    if how is os.link:
        object_file(store, "aa").unlink()
    how(object_file(store, "ab"), object_file(store, "aa"))
    assert Store(store.place).get("aa") is None
    assert store.get("aa") is None
    store.put("aa", b"one")
    assert read(Store(store.place), "aa") == b"one"


def test_an_object_that_is_a_link(store: Store, tmp_path: Path) -> None:
    store.put("aa", b"secret")
    path = object_file(store, "aa")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert Store(store.place).get("aa") is None


def test_an_object_that_somebody_else_made(store: Store) -> None:
    """A directory that took the store's place may be another user's, and so is what it says."""
    store.put("aa", b"data")
    os.chown(object_file(store, "aa"), 12345, 12345)
    assert Store(store.place).get("aa") is None
    assert not Store(store.place).has("aa")
    store.save_note("key", b"{}")
    os.chown(store.place / "notes/key", 12345, 12345)
    assert store.find_note("key") is None


def test_an_object_that_is_replaced_while_it_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was removed and made again: the second file took the first one's place, and must not count as damaged."""
    store.put("aa", b"data")
    calls: list[Slice] = []

    def read_late(body: Slice) -> bytes | None:
        calls.append(body)
        if len(calls) == 1:
            os.unlink(body.path)
            Store(store.place).put("aa", b"data")
        return read_slice(body)

    monkeypatch.setattr("servestatic.store.store.read_slice", read_late)
    assert Store(store.place).get("aa") is not None
    assert len(calls) == 2


def test_what_is_verified_is_remembered_within_bounds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.store.store._MAX_VERIFIED", 2)
    for key in ("aa", "bb", "cc"):
        store.put(key, key.encode())
    monkeypatch.setattr("servestatic.store.store.read_slice", lambda _: pytest.fail("it was verified"))
    assert store.get("cc") is not None
    monkeypatch.setattr("servestatic.store.store.read_slice", read_slice)
    assert [read(store, key) for key in ("aa", "bb", "cc")] == [b"aa", b"bb", b"cc"]


def test_the_key_of_a_body(store: Store) -> None:
    stored = store.put("aabb", b"data")
    assert stored is not None
    assert isinstance(stored.body, Slice)
    assert store.key_of(stored.body) == "aabb"
    assert store.key_of(stored.body._replace(path="/elsewhere/objects/aa/aabb")) is None


@pytest.mark.parametrize("when", ["held", "not held"])
def test_a_store_that_is_deleted_is_made_again(store: Store, when: str) -> None:
    with store.lock("cc"):
        shutil.rmtree(store.place)
        if when == "not held":
            with store.lock("aa") as held:
                assert held
        assert store.get("aa") is None
        assert store.put("aa", b"data") is not None
        store.save_note("key", b"1")
        store.note_use(["aa"])
    assert read(store, "aa") == b"data"
    assert store.find_note("key")
    assert [*(store.place / "locks").iterdir()] == []
    assert stat.S_IMODE(store.place.stat().st_mode) == 0o700


@pytest.mark.parametrize("trap", ["link", "foreign", "shared", "file"])
def test_a_store_that_is_replaced_by_something_else(store: Store, trap: str, tmp_path: Path) -> None:
    """Then nothing is written there, and nothing read."""
    store.put("aa", b"data")
    shutil.rmtree(store.place)
    other = tmp_path / "other"
    other.mkdir()
    if trap == "link":
        store.place.symlink_to(other)
    elif trap == "file":
        store.place.touch()
    else:
        store.place.mkdir()
        os.chown(store.place, *((12345, 12345) if trap == "foreign" else (0, 0)))
        store.place.chmod(0o777 if trap == "shared" else 0o755)
    assert store.put("aa", b"data") is None
    store.save_note("key", b"{}")
    store.note_use(["aa"])
    with pytest.raises(StoreError), store.lock("aa"):
        pytest.fail("there is nowhere to hold a lock")
    assert store.get("aa") is None
    assert store.prune_daily() is None
    assert [*other.iterdir()] == []
    assert not store.place.is_dir() or [*store.place.iterdir()] == []


def test_notes(store: Store) -> None:
    """The caller checks the bytes of a note: see tests/releases/test_notes.py."""
    assert store.find_note("key") is None
    path = store.save_note("key", b"note")
    assert path == store.find_note("key") == str(store.place / "notes/key")
    assert Path(path).read_bytes() == b"note"


def test_only_one_makes_an_object(store: Store) -> None:
    with store.lock("aa") as held, store.lock("aa") as second, store.lock("bb") as other:
        assert (held, second, other) == (True, False, True)
    with store.lock("aa") as held:
        assert held
        old = time.time() - 100
        os.utime(store.place / "locks/aa", (old, old))
        with store.lock("aa") as taken_over:
            assert taken_over
    with store.lock("aa") as held:
        os.utime(store.place / "locks/aa", (time.time() + 1000,) * 2)  # the clock went back since
        with store.lock("aa") as taken_over:
            assert taken_over


def test_a_lock_that_was_taken_over_is_not_its_first_owners(store: Store) -> None:
    later = Store(store.place, now=lambda: time.time() + 61)
    with store.lock("aa"):
        with store.lock("aa") as held:
            assert not held
        taking_over = later.lock("aa")
        assert taking_over.__enter__()
    assert (store.place / "locks/aa").exists(), "released by the owner that was late"
    taking_over.__exit__(None, None, None)
    assert not (store.place / "locks/aa").exists()


def test_places_that_cannot_be_trusted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    real = tmp_path / "real"
    real.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "file").touch()
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "foreign").mkdir(mode=0o700)
    os.chown(tmp_path / "foreign", 12345, 12345)
    for name, reason in {
        "link": "is not a directory",
        "file": "File exists",
        "shared": "others may write it",
        "foreign": "belongs to another user",
        "file/below": "Not a directory",
    }.items():
        with pytest.raises(StoreError, match=reason):
            Store(tmp_path / name)
        assert open_store(str(tmp_path / name)) is None
    assert caplog.text.count("no store: ") == 5
    assert open_store("none") is None


def test_a_disk_that_takes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("servestatic.disk.write._write", full)
    assert store.put("aa", b"data") is None
    store.save_note("key", b"{}")
    assert store.find_note("key") is None


def test_the_usual_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert usual_place() == tmp_path / "cache/servestatic"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert usual_place() == tmp_path / ".cache/servestatic"
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert usual_place().name == f"servestatic-{os.getuid()}"


WRITER = """
import sys, pathlib
from servestatic.store import Store
store = Store(pathlib.Path(sys.argv[1]))
store.put("aa", bytes(300_000))
print("ready", flush=True)
for number in range(10**6):
    store.put("aa", bytes([number % 256]) * 300_000)
"""


def test_killed_writers_and_readers_at_once(store: Store) -> None:
    """A reader sees whole objects alone, whatever moment a writer is killed at."""
    for attempt in range(10):
        command = [sys.executable, "-c", WRITER, str(store.place)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            timer = threading.Timer(0.02 + attempt * 0.007, process.kill)
            timer.start()
            while process.poll() is None:
                data = read(Store(store.place), "aa")
                assert data is None or (len(data) == 300_000 and len(set(data)) == 1)
        assert read(Store(store.place), "aa") is not None
