"""Releases of several processes: put into a place, found there, and removed again."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic import BuildError, Index
from servestatic.releases import announce as announcing
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.document import ALIVE, PENDING, PRUNING, RELEASES, path_of
from servestatic.releases.history import History
from servestatic.releases.known import has_release
from servestatic.releases.place import DirectoryPlace, Listed
from servestatic.releases.put import put
from servestatic.releases.retain import DAY, Pruned, Retention, foresee_prune, prune
from servestatic.releases.selection import Limits
from servestatic.store import Store
from tests.support.files import write
from tests.support.forge import forged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servestatic.http.message import Fields

FILES = {
    "a.css": "a{background:url(b.svg)}" + "a{}" * 300,
    "b.svg": "<svg/>" * 50,
    "p.html": "<link rel=stylesheet href=a.css>",
    "lib.Abc123.js": "1",
}
SETTINGS: dict[str, Any] = {"store": "none", "immutable": "lib.*.js"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "static", FILES)


@pytest.fixture
def place(tmp_path: Path) -> DirectoryPlace:
    return DirectoryPlace(tmp_path / "place")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def collect(root: Path, **files: str) -> Index:
    write(root, {name.replace("_", "."): text for name, text in files.items()})
    return servestatic.collect(root, **SETTINGS)


def paths(place: DirectoryPlace) -> set[str]:
    return {listed.path for listed in place.list()}


def age(place: DirectoryPlace, seconds: float, *only: str) -> None:
    """Date files back: those that are named, otherwise all but what processes are announcing at this moment."""
    for path in only or [path for path in paths(place) if not path.startswith((PENDING, PRUNING))]:
        os.utime(Path(place.name) / path, (time.time() - seconds,) * 2)


# ----------------------------------------------------------------------------------------------------- places


def test_the_five_verbs(place: DirectoryPlace) -> None:
    assert [*place.list()] == []
    assert place.read("a/b", 10) is None
    place.delete("a/b")
    assert place.create("a/b", (b"1", b"2"))
    assert not place.create("a/b", (b"3",))
    assert place.read("a/b", 2) == b"12"
    assert place.read("a/b", 1) is None, "longer than what was asked for"
    place.replace("a/b", b"4")
    place.replace("c", b"")
    assert {(listed.path, listed.size) for listed in place.list()} == {("a/b", 1), ("c", 0)}
    assert [listed.path for listed in place.list("a")] == ["a/b"]
    assert abs(next(place.list()).modified - time.time()) < 60
    place.delete("a/b")
    assert paths(place) == {"c"}


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "a//b", "", ".", "a\0b"])
def test_paths_that_lead_out(place: DirectoryPlace, path: str) -> None:
    for use in (
        lambda: place.read(path, 9),
        lambda: place.create(path, (b"",)),
        lambda: place.replace(path, b""),
        lambda: place.delete(path),
    ):
        with pytest.raises(BuildError, match="is not the path of a file in"):
            use()


def test_traps_in_a_place(place: DirectoryPlace, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    os.mkdir(place.name)
    os.mkfifo(f"{place.name}/fifo")
    os.symlink(tmp_path, f"{place.name}/folder")
    assert paths(place) == set()
    assert place.read("fifo", 10) is None
    with pytest.raises(OSError, match="directory"):
        place.read("folder", 10)


# ------------------------------------------------------------------------------------------------------- put


def test_what_is_put(root: Path, place: DirectoryPlace) -> None:
    """What URLs named by their content serve, and the document; nothing else, and nothing twice."""
    index = collect(root)
    done = put(place, index.catalog)
    named = {index.path(name) for name in ("a.css", "b.svg", "lib.Abc123.js")}
    assert paths(place) == {*named, path_of(index.release)}
    assert done is not None
    assert (done.written, done.left_out) == (3, 0)
    assert has_release(place, index.release)
    assert put(place, index.catalog) is None
    later = collect(root, b_svg="<svg>2</svg>")
    done = put(place, later.catalog)
    assert done is not None
    assert done.written == 2, "the stylesheet that shows it has another name, too"
    assert paths(place) >= named


def test_what_is_too_large_is_left_out(root: Path, place: DirectoryPlace, store: Store) -> None:
    index = collect(root, big_txt="x" * 2000)
    done = put(place, index.catalog, Limits(file=1500, release=1400))
    assert done is not None
    assert done.left_out == 1
    assert index.path("big.txt") not in paths(place)
    history = History(place, store, "/static/")
    kept = history.find("/static/", index.path("big.txt"))
    assert kept is None or history.fetch(kept) is None


def test_a_file_that_changes_meanwhile_is_left_out(root: Path, place: DirectoryPlace) -> None:
    index = collect(root)
    write(root, {"b.svg": "<svg>2</svg>"})
    done = put(place, index.catalog)
    assert done is not None
    assert done.left_out == 1
    assert index.path("b.svg") not in paths(place)


def test_bytes_that_a_newer_release_could_not_make_are_those_of_an_older_one(
    root: Path, place: DirectoryPlace, store: Store
) -> None:
    """A stylesheet is rewritten when it is put; if it has changed by then, the release does not claim its name."""
    first = collect(root)
    put(place, first.catalog)
    age(place, 60)
    second = collect(root, more_svg="<svg/>")
    assert second.path("a.css") == first.path("a.css")
    write(root, {"a.css": "changed"})
    done = put(place, second.catalog)
    assert done is not None
    assert done.written == 1
    history = History(place, store, "/static/")
    kept = history.find("/static/", first.path("a.css"))
    assert kept is not None
    assert kept.release == first.release
    assert history.fetch(kept) is not None


def test_a_damaged_file_is_written_again(root: Path, place: DirectoryPlace) -> None:
    index = collect(root)
    place.create(index.path("b.svg"), (b"half",))
    put(place, index.catalog)
    assert place.read(index.path("b.svg"), 10**6) == str(FILES["b.svg"]).encode()


def test_a_put_that_ended_early_is_finished_later(root: Path, place: DirectoryPlace) -> None:
    index = collect(root)
    assert put(place, index.catalog, within=0.0) is None
    assert not has_release(place, index.release)
    assert put(place, index.catalog) is not None
    assert has_release(place, index.release)
    assert not [*place.list(PENDING)]


# ---------------------------------------------------------------------------------------------------- history


def test_names_of_other_releases(root: Path, place: DirectoryPlace, store: Store) -> None:
    first = collect(root)
    put(place, first.catalog)
    second = collect(root, b_svg="<svg>2</svg>")
    put(place, second.catalog)
    history = History(place, store, "/other/")  # each release has its own prefix
    for index, text in ((first, FILES["b.svg"]), (second, "<svg>2</svg>")):
        kept = history.find("/other/", index.path("b.svg"))
        assert kept is not None
        assert kept.release == index.release
        served = history.fetch(kept)
        assert served is not None
        assert served.length == len(text)
    assert history.find("/other/", "lib.Abc123.js") is not None
    for name in ("b.svg", "p.html", "b.0123456789ab.svg", ""):
        assert history.find("/other/", name) is None
    assert history.find("/static/", first.path("b.svg")) is None


def test_a_release_that_comes_later_is_found(root: Path, place: DirectoryPlace, store: Store) -> None:
    index = collect(root)
    history = History(place, store, "/static/")
    name = index.path("b.svg")
    assert history.find("/static/", name) is None
    assert history.is_absent("/static/", name)
    put(place, index.catalog)
    time.sleep(place.pause + 0.05)
    assert history.find("/static/", name) is not None


def test_a_release_that_is_announced_is_waited_for(root: Path, place: DirectoryPlace, store: Store) -> None:
    index = collect(root)
    history = History(place, store, "/static/")
    place.replace(f"{PENDING}/{index.release}", b"")
    thread = threading.Timer(0.5, lambda: put(place, index.catalog))
    thread.start()
    assert history.find("/static/", index.path("b.svg")) is not None
    thread.join()


def test_only_what_has_the_right_digest_is_served(root: Path, place: DirectoryPlace, store: Store) -> None:
    index = collect(root)
    put(place, index.catalog)
    path = Path(place.name) / index.path("b.svg")
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    history = History(place, store, "/static/")
    kept = history.find("/static/", index.path("b.svg"))
    assert kept is not None
    assert history.fetch(kept) is None


@pytest.mark.parametrize("name", [b"../secret.0123456789ab", b"/etc/passwd.0123456789ab"])
def test_forged_names(root: Path, place: DirectoryPlace, store: Store, name: bytes, tmp_path: Path) -> None:
    index = collect(root)
    put(place, index.catalog)
    (tmp_path / "secret.0123456789ab").write_text("secret")
    with forged(Path(place.name) / path_of(index.release)) as document:
        row = document.tables["0 plain"][b"b.svg"]
        document.tables["0 public"] = {name: row}
    assert History(place, store, "/static/").find("/static/", name.decode()) is None


@pytest.mark.parametrize("what", ["nothing", "another release", "half", "a name that is no id"])
def test_documents_that_are_damaged(root: Path, place: DirectoryPlace, store: Store, what: str) -> None:
    """They are not there; those of other releases are."""
    index = collect(root)
    put(place, index.catalog)
    content = place.read(path_of(index.release), 10**6) or b""
    other = {"a name that is no id": "x", "another release": "0" * 16}.get(what, "f" * 16)
    place.replace(path_of(other), {"nothing": b"", "half": content[:-100]}.get(what, content))
    history = History(place, store, "/static/")
    kept = history.find("/static/", index.path("b.svg"))
    assert kept is not None
    assert kept.release == index.release


class Broken(DirectoryPlace):
    """A place that cannot be reached; `asked` counts the attempts."""

    asked = 0

    def list(self, under: str = "") -> Iterator[Listed]:
        self.asked += 1
        raise OSError(5, "Input/output error")


def test_a_place_that_cannot_be_reached(root: Path, place: DirectoryPlace, store: Store) -> None:
    """After three failures it is left alone for a while."""
    broken = Broken(place.name)
    history = History(broken, store, "/static/")
    for number in range(6):
        assert history.find("/static/", f"{number}.0123456789ab.css") is None
        time.sleep(0.21)
    assert broken.asked == 3


def test_a_hundred_thousand_documents(place: DirectoryPlace, store: Store) -> None:
    """The newest are looked into; time and memory are bounded."""

    class Full(DirectoryPlace):
        def list(self, under: str = "") -> Iterator[Listed]:
            return (Listed(path_of(f"{number:016x}"), 100, float(number)) for number in range(100_000))

        def read(self, path: str, limit: int) -> bytes:
            return b"damaged"

    full = Full(place.name)
    history = History(full, store, "/static/")
    assert history.find("/static/", "a.0123456789ab.css") is None
    assert len(history._known._damaged) == 20


# ----------------------------------------------------------------------------------------------------- prune


def put_three(root: Path, place: DirectoryPlace) -> list[Index]:
    found = []
    for number in range(3):
        index = collect(root, b_svg=f"<svg>{number}</svg>")
        put(place, index.catalog)
        found.append(index)
    age(place, 10 * DAY)
    for number, index in enumerate(found):
        age(place, (9 - number) * DAY, path_of(index.release))
    return found


def remove_old(place: DirectoryPlace, retention: Retention) -> list[str]:
    """Prune, and return which releases were removed."""
    done = prune(place, retention)
    assert done
    return done.releases


def test_old_releases_are_removed(root: Path, place: DirectoryPlace) -> None:
    first, second, third = put_three(root, place)
    before = paths(place)
    retention = Retention(newest=1, age=DAY)
    foreseen = foresee_prune(place, retention)
    assert paths(place) == before
    done = prune(place, retention)
    assert done == foreseen
    assert {*done.releases} == {first.release, second.release}
    assert paths(place) == {*(third.path(name) for name in ("a.css", "b.svg", "lib.Abc123.js")), path_of(third.release)}
    assert prune(place, retention) == Pruned([], 0, 0)


@pytest.mark.parametrize("why", ["one of the newest", "young", "alive"])
def test_what_stays(root: Path, place: DirectoryPlace, why: str) -> None:
    first, *_ = put_three(root, place)
    if why == "young":
        age(place, 60, path_of(first.release))
    if why == "alive":
        place.replace(f"{ALIVE}/{first.release}", b"")
    newest = 3 if why == "one of the newest" else 1
    assert first.release not in remove_old(place, Retention(newest, DAY))
    assert first.path("b.svg") in paths(place)


def test_young_files_stay_for_a_day(root: Path, place: DirectoryPlace) -> None:
    """A release may have been put that is not listed yet."""
    first, *_ = put_three(root, place)
    age(place, DAY / 2, first.path("b.svg"))
    assert first.release in remove_old(place, Retention(1, DAY))
    assert first.path("b.svg") in paths(place)


def test_an_announcement_is_of_one_process(place: DirectoryPlace) -> None:
    """Two machines put the same release: where one has finished, the other has not."""
    with announce(place, PENDING, "0" * 16):
        with announce(place, PENDING, "0" * 16):
            pass
        assert list_announced(place, PENDING) == {"0" * 16}
    assert list_announced(place, PENDING) == set()


def test_nothing_is_removed_while_a_release_is_put(root: Path, place: DirectoryPlace) -> None:
    put_three(root, place)
    with announce(place, PENDING, "0" * 16):
        before = paths(place)
        assert prune(place, Retention(1, DAY)) is None
        assert paths(place) == before


def test_a_put_waits_while_releases_are_removed(root: Path, place: DirectoryPlace) -> None:
    index = collect(root)
    with announce(place, PRUNING, "now"):
        assert put(place, index.catalog, within=0.3) is None
        assert index.path("b.svg") not in paths(place)
    assert put(place, index.catalog) is not None


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(announcing._RENEWED, PRUNING, 0.1)
    monkeypatch.setattr(announcing, "_SILENT", 1.0)


@pytest.mark.usefixtures("impatient")
def test_a_put_waits_for_a_prune_that_lives(root: Path, place: DirectoryPlace) -> None:
    with announce(place, PRUNING, "now") as is_known:
        assert put(place, collect(root).catalog, within=3.0) is None
        assert is_known()
    assert not [*place.list(PRUNING)]


@pytest.mark.usefixtures("impatient")
def test_a_put_does_not_wait_for_a_prune_that_has_died(root: Path, place: DirectoryPlace) -> None:
    place.replace(f"{PRUNING}/now.{'0' * 16}", b"")
    assert put(place, collect(root).catalog, within=3.0) is not None
    assert not [*place.list(PRUNING)]


@pytest.mark.usefixtures("impatient")
def test_a_prune_that_was_held_up_removes_nothing(root: Path, tmp_path: Path) -> None:
    """Others have taken it for dead: a release may be written meanwhile."""
    place = HeldUp(tmp_path / "place")
    put_three(root, place)
    before = paths(place)
    place.holds_up = True
    with pytest.raises(TimeoutError, match="the next prune goes on"):
        prune(place, Retention(1, DAY))
    assert paths(place) == before
    place.holds_up = False
    assert remove_old(place, Retention(1, DAY))


class HeldUp(DirectoryPlace):
    """A directory that cannot be written for a while, in which it is listed."""

    holds_up = False

    def list(self, under: str = "") -> Iterator[Listed]:
        if self.holds_up and under == RELEASES:
            time.sleep(1.0)  # the clock goes on, announcements are not renewed
            self.holds_up = False
            time.sleep(0.3)  # it is announced again
        yield from super().list(under)

    def replace(self, path: str, data: bytes, fields: Fields = ()) -> None:
        if self.holds_up and [*super().list(PRUNING)]:
            raise PermissionError(path)
        super().replace(path, data, fields)


def test_nothing_is_removed_if_a_kept_release_is_damaged(root: Path, place: DirectoryPlace) -> None:
    *_, third = put_three(root, place)
    place.replace(path_of(third.release), b"servestatic release 4\n")
    before = paths(place)
    with pytest.raises(BuildError, match="is damaged"):
        prune(place, Retention(1, DAY))
    assert paths(place) == before


def test_put_and_prune_at_once(root: Path, place: DirectoryPlace, tmp_path: Path) -> None:
    """Whatever their order: no finished release lacks a file."""
    indexes = [
        servestatic.collect(write(tmp_path / str(number), {**FILES, "b.svg": f"{number % 3}"}), **SETTINGS)
        for number in range(6)
    ]
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(5):
                index = indexes[number]
                put(place, index.catalog)
                age(place, 30 * DAY)
                prune(place, Retention(1, DAY))
        except (OSError, BuildError) as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(indexes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    there = paths(place)
    for index in indexes:
        if path_of(index.release) in there:
            assert {index.path(name) for name in ("a.css", "b.svg", "lib.Abc123.js")} <= there
    assert not [error for error in errors if not isinstance(error, (FileNotFoundError, BuildError))]


def test_unknown_names_do_not_hold_up_their_thread(place: DirectoryPlace, store: Store) -> None:
    """Only while a release is being put is there anything to wait for: so a flood of them costs a list now and then."""
    lists: list[str] = []

    class Counted(DirectoryPlace):
        pause = 60.0

        def list(self, under: str = "") -> Iterator[Listed]:
            lists.append(under)
            return super().list(under)

    history = History(Counted(place.name), store, "/static/")
    for number in range(500):
        assert history.find("/static/", f"{number}.0123456789ab.css") is None
    assert len(lists) == 2, "of documents, and of what is being put"


def test_a_name_that_was_not_sought_is_not_noted_as_absent(root: Path, place: DirectoryPlace, store: Store) -> None:
    """A bounded number of requests wait for a slow place. Others are answered at once, and find the name later."""
    asked, answer = threading.Semaphore(0), threading.Event()

    class Slow(DirectoryPlace):
        pause = 60.0

        def list(self, under: str = "") -> Iterator[Listed]:
            asked.release()
            assert answer.wait(20)
            return super().list(under)

    index = collect(root)
    put(place, index.catalog)
    history, name = History(Slow(place.name), store, "/static/"), index.path("b.svg")
    waiting = [threading.Thread(target=history.find, args=("/static/", name), daemon=True) for _ in range(8)]
    for thread in waiting:
        thread.start()
    assert asked.acquire(timeout=20)
    until = time.monotonic() + 20
    while history._waiting.acquire(blocking=False):
        history._waiting.release()
        assert time.monotonic() < until
        time.sleep(0.01)
    assert history.find("/static/", name) is None
    assert not history.is_absent("/static/", name)
    answer.set()
    for thread in waiting:
        thread.join()
    assert history.find("/static/", name) is not None
