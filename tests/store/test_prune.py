"""Pruning: bounded, what a live process used within a week stays, and nobody notices."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from servestatic.assets.keys import make_key
from servestatic.disk.read import read_body, stamp_of
from servestatic.store import Store
from servestatic.store.prune import FORGOTTEN, KEPT, Pruned
from servestatic.store.uses import DAY

NOW = time.time()
KEY = hashlib.sha256(b"an object").hexdigest()
OTHER = hashlib.sha256(b"another").hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return at(tmp_path / "store", NOW)


def at(place: Path, now: float) -> Store:
    """A store at another time."""
    return Store(place, now=lambda: now)


def age(path: Path, seconds: float) -> None:
    os.utime(path, (NOW - seconds, NOW - seconds))


def object_file(store: Store, key: str) -> Path:
    return store.place / "objects" / key[:2] / key


def put(store: Store, key: str, seconds: float) -> None:
    assert store.put(key, b"data" * 5000)
    age(object_file(store, key), seconds)


def use(store: Store, keys: list[str], seconds: float) -> None:
    before = {*(store.place / "uses").iterdir()}
    store.note_use(keys)
    (path,) = {*(store.place / "uses").iterdir()} - before
    age(path, seconds)


@pytest.mark.parametrize("full", [False, True], ids=["room", "full"])
@pytest.mark.parametrize(
    ("made", "used", "stays"),
    [
        (0, None, "always"),
        (KEPT - 1, None, "always"),
        (KEPT + 1, None, "while there is room"),
        (FORGOTTEN - 1, None, "while there is room"),
        (FORGOTTEN + 1, None, "never"),
        (FORGOTTEN + 1, 0, "always"),
        (FORGOTTEN + 1, KEPT - 1, "always"),
        (FORGOTTEN + 1, KEPT + 1, "while there is room"),
        (FORGOTTEN + 1, FORGOTTEN + 1, "never"),
        (-KEPT + 1, None, "always"),  # the clock went back
        (-FORGOTTEN - 1, None, "never"),
        (-FORGOTTEN - 1, 0, "always"),
    ],
)
def test_which_objects_stay(
    store: Store, made: float, used: float | None, stays: str, full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if full:
        monkeypatch.setattr("servestatic.store.prune.LIMIT", 1)
    put(store, KEY, made)
    if used is not None:
        use(store, [KEY, OTHER], used)
    removed = store.prune()
    expected = stays == "always" or (stays == "while there is room" and not full)
    assert store.has(KEY) == expected
    assert (removed.objects, removed.size >= 20_000) == (not expected, not expected)


def test_what_was_of_use_last_stays_longest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [hashlib.sha256(bytes([number])).hexdigest() for number in range(6)]
    for number, key in enumerate(keys):
        put(store, key, KEPT + 1 + number)
    use(store, [keys[5]], KEPT)
    size = object_file(store, KEY if store.has(KEY) else keys[0]).stat().st_blocks * 512
    monkeypatch.setattr("servestatic.store.prune.LIMIT", 3 * size)
    assert store.prune() == Pruned(objects=3, notes=0, others=0, size=3 * size)
    assert [store.has(key) for key in keys] == [True, True, False, False, False, True]


def test_notes_stay_while_somebody_starts_with_them(store: Store) -> None:
    for name in (KEY, OTHER):
        store.save_note(name, b"{}")
        age(store.place / "notes" / name, FORGOTTEN + 1)
    assert store.find_note(KEY)
    assert store.prune().notes == 1
    assert [path.name for path in (store.place / "notes").iterdir()] == [KEY]


def test_a_use_is_noted_once_a_day(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for keys in ([KEY, OTHER], [OTHER, KEY], [KEY, OTHER, KEY]):
        store.note_use(keys)
    (path,) = (store.place / "uses").iterdir()
    os.utime(path, (time.time() - DAY + 60,) * 2)
    before = stamp_of(path.stat())
    store.note_use([KEY, OTHER])
    assert stamp_of(path.stat()) == before
    os.utime(path, (time.time() - DAY - 60,) * 2)
    store.note_use([KEY, OTHER])
    assert path.stat().st_mtime > time.time() - DAY / 2
    store.note_use([KEY])
    assert len([*(store.place / "uses").iterdir()]) == 2


def test_using_an_object_does_not_touch_it(store: Store) -> None:
    """Its stamp tells running processes that it is still the same."""
    put(store, KEY, FORGOTTEN + 1)
    before = object_file(store, KEY).stat()
    stored = store.get(KEY)
    store.note_use([KEY])
    store.prune()
    after = object_file(store, KEY).stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
    assert stored
    assert read_body(stored.body) == b"data" * 5000


def test_what_is_left_behind(store: Store) -> None:
    """Temporary files and locks of dead processes, uses that tell nothing any more: not those of live ones."""
    put(store, KEY, 0)
    use(store, [KEY], 0)
    use(store, [OTHER], FORGOTTEN + 1)
    left = ["objects/aa/.tmp", "notes/.tmp", "uses/.tmp", f"locks/{OTHER}"]
    (store.place / "objects/aa").mkdir()
    for number, name in enumerate((*left, *(f"{name}.young" for name in left))):
        (store.place / name).touch()
        age(store.place / name, DAY + 60 if number < len(left) else DAY - 60)
    assert store.prune().others == len(left) + 1
    assert not any((store.place / name).exists() for name in left)
    assert all((store.place / f"{name}.young").exists() for name in left)
    assert len([*(store.place / "uses").glob("[!.]*")]) == 1


def test_damaged_uses_count_for_nothing(store: Store) -> None:
    put(store, KEY, FORGOTTEN + 1)
    use(store, [KEY], 0)
    (path,) = (store.place / "uses").iterdir()
    path.write_bytes(path.read_bytes() + b"X")
    (store.place / "uses/folder").mkdir()
    os.mkfifo(store.place / "uses/fifo")
    assert store.prune().objects == 1


def test_files_of_nobody_stay(store: Store) -> None:
    (store.place / "objects/aa").mkdir()
    for name in ("objects/aa/README", "objects/README", "README"):
        (store.place / name).touch()
        age(store.place / name, FORGOTTEN + 1)
    assert store.prune() == (0, 0, 0, 0)
    assert (store.place / "objects/aa/README").exists()


def test_everything(store: Store) -> None:
    put(store, KEY, 0)
    use(store, [KEY], 0)
    store.save_note(OTHER, b"{}")
    with store.lock("held"):
        removed = store.prune(everything=True)
        assert (store.place / "locks/held").exists()
    assert (removed.objects, removed.notes, removed.others) == (1, 1, 1)
    assert store.get(KEY) is None
    assert store.put(KEY, b"again")


def test_an_object_that_is_being_made_stays(store: Store) -> None:
    put(store, KEY, FORGOTTEN + 1)
    store = Store(store.place)  # by the clock of the lock's owner
    with Store(store.place).lock(KEY) as held:
        assert held
        assert store.prune().objects == 0
    assert store.prune().objects == 1


def test_once_a_day(tmp_path: Path) -> None:
    now = time.time()
    put(store := Store(tmp_path / "store"), KEY, 0)
    os.utime(object_file(store, KEY), (0, 0))
    assert store.prune_daily() == store.prune()._replace(objects=1, size=20480)
    assert at(store.place, now + DAY - 60).prune_daily() is None
    assert at(store.place, now + DAY + 60).prune_daily() is not None
    os.utime(store.place / "notes" / make_key("daily", "prune"), (now + 10 * DAY,) * 2)  # the clock went back since
    assert store.prune_daily() is not None


WORKER = """
import hashlib, os, random, sys
from pathlib import Path
from servestatic.disk.read import read_body
from servestatic.store import Store

store = Store(Path(sys.argv[1]))
random.seed(os.getpid())
read = missed = 0
for number in range(400):
    key = hashlib.sha256(str(random.randrange(60)).encode()).hexdigest()
    stored = store.get(key)
    if stored is None:
        missed += 1
        with store.lock(key) as held:
            stored = store.put(key, key.encode() * 1000)
        assert stored is not None
        if sys.argv[2] == "old":
            assert store.has(key), "what was made just now stays"
    data = read_body(stored.body)
    assert data is None or data == key.encode() * 1000
    read += data is not None
    if number % 10 == 0:
        store.note_use([key])
        store.save_note("note", b"%d" % number)
        assert (path := store.find_note("note")) is None or open(path, "rb").read().isdigit()
print(read, missed)
"""

PRUNER = """
import sys
from pathlib import Path
from servestatic.store import Store

store, removed = Store(Path(sys.argv[1])), 0
while sys.stdin.read(1):
    removed += store.prune(everything=sys.argv[2] == "everything").objects
print(removed)
"""


@pytest.mark.parametrize("what", ["old", "everything"])
def test_pruning_while_others_read_and_write(what: str, tmp_path: Path) -> None:
    """Four processes read and write sixty objects, two remove them: never a wrong byte, nor an error."""
    store = Store(tmp_path / "store")
    for number in range(60):
        key = hashlib.sha256(str(number).encode()).hexdigest()
        store.put(key, key.encode() * 1000)
        os.utime(object_file(store, key), (0, 0))
    start = [sys.executable, "-c"]
    workers = [subprocess.Popen([*start, WORKER, store.place, what], stdout=subprocess.PIPE) for _ in range(4)]
    pruners = [
        subprocess.Popen([*start, PRUNER, store.place, what], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    while any(worker.poll() is None for worker in workers):
        for pruner in pruners:
            assert pruner.stdin
            pruner.stdin.write(b".")
            pruner.stdin.flush()
        time.sleep(0.01)
    said = [process.communicate(timeout=60)[0] for process in (*workers, *pruners)]
    assert [process.returncode for process in (*workers, *pruners)] == [0] * 6
    read = [int(output.split()[0]) for output in said[:4]]
    missed = sum(int(output.split()[1]) for output in said[:4])
    removed = sum(map(int, said[4:]))
    assert min(read) > 300
    if what == "old":
        assert removed <= 60  # each of the old ones once, nothing that was made since
    else:
        assert missed >= 60
        assert removed >= 60
    assert not [*store.place.rglob(".*")]
