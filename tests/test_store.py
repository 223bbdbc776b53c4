"""The store: whole objects or none, this user's alone, never a failed start."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from servestatic.disk import read_slice
from servestatic.store import Store, StoreError, open_store, usual_place


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def read(store: Store, key: str) -> bytes | None:
    stored = store.get(key)
    return read_slice(stored.body) if stored else None


def object_file(store: Store, key: str) -> Path:
    return store.place / "objects" / key[:2] / key


def test_objects(store: Store) -> None:
    assert store.get("aa") is None
    written = store.put("aa", b"data")
    assert written == store.get("aa") == Store(store.place).get("aa")
    assert read(store, "aa") == b"data"
    store.put("bb", b"")
    assert read(store, "bb") == b""
    store.put("aa", b"other")
    assert read(Store(store.place), "aa") == b"other"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:10],
        lambda content: b"",
        lambda content: content[:-1] + b"X",
        lambda content: content + b"X",
        lambda content: b"X" + content[1:],
        lambda content: content[:21] + bytes(32) + content[53:],
    ],
    ids=["truncated", "only the header", "empty", "last byte", "longer", "header", "digest"],
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


def test_swapped_objects_carry_their_own_digest_but_another_name(store: Store) -> None:
    """An object's name is no digest of its data, so entity tags come from the data's digest, which is verified."""
    store.put("aa", b"one")
    store.put("ab", b"two")
    object_file(store, "aa").write_bytes(object_file(store, "ab").read_bytes())
    stored = Store(store.place).get("aa")
    assert stored is None or read_slice(stored.body) == b"two"


def test_an_object_that_is_a_link(store: Store, tmp_path: Path) -> None:
    store.put("aa", b"secret")
    path = object_file(store, "aa")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert Store(store.place).get("aa") is None


def test_documents(store: Store) -> None:
    assert store.load("key") is None
    document = {"files": {"ü\udcff": [1, "x", None]}}
    store.save("key", document)
    assert store.load("key") == document
    path = store.place / "collections/key"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 5)[:-1])
    assert store.load("key") is None


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
        "link": "is no directory",
        "file": "File exists",
        "shared": "others may write it",
        "foreign": "belongs to somebody else",
        "file/below": "Not a directory",
    }.items():
        with pytest.raises(StoreError, match=reason):
            Store(tmp_path / name)
        assert open_store(str(tmp_path / name)) is None
    assert caplog.text.count("no store: ") == 5
    assert open_store("none") is None


def test_a_disk_that_takes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> tuple[int, str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    assert store.put("aa", b"data") is None
    store.save("key", {})
    assert store.load("key") is None


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
