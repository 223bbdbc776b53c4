"""live: whatever happens to the sources, the next request is answered as if everything had just been collected."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import servestatic
from servestatic import Directory, File, Index
from servestatic.errors import UnknownAsset
from servestatic.http.message import Memory, Request, Slice
from servestatic.http.representation import Missing
from servestatic.pipeline.live import rescan as rescans
from servestatic.pipeline.live import state as rows
from servestatic.pipeline.live.state import LiveFiles
from servestatic.pipeline.read import read
from servestatic.serving.deliver import answer
from tests.http.conformance import ROWS, Row
from tests.support.interfaces.function import call_function
from tests.support.judge import Exchange, request
from tests.support.tree import Site, collect_site, make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servestatic.disk.trust import Within


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def fetch(index: Index, path: str) -> tuple[int, bytes, dict[str, str]]:
    """What a GET without fields is answered."""
    target = index.get(path)
    if target is None:
        return 0, b"", {}
    response, file = answer(index.resources, target, Request("GET", {}))
    data = response.body.data if isinstance(response.body, Memory) else b""
    if isinstance(response.body, Slice) and file:
        with file:
            file.seek(response.body.start)
            data = file.read()
    return response.status, data, dict(response.fields)


def page(index: Index, name: str) -> tuple[str, bytes]:
    """The URL that a page gets for a file, and what is there."""
    url = index.url(name)
    return url, fetch(index, url)[1]


# -------------------------------------------------------------------------------------- one change at a time

A, B = "a.css", "sub/b.png"


def test_changes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    write(second / A, "a { background: url(sub/b.png) }")
    write(second / B, "1")
    index = servestatic.live(first, second)
    seen = [page(index, A)]

    def change(text: str = "") -> None:
        again = page(index, A)
        assert again == page(servestatic.collect(first, second), A), text
        assert again not in seen, text
        seen.append(again)

    write(second / B, "2")
    change("what it refers to has changed, and its length has not")
    write(first / B, "3")
    change("a file of an earlier source hides what it refers to")
    (first / B).unlink()
    assert page(index, A) == seen[1]
    (second / B).unlink()
    change("what it refers to is gone")
    write(second / B, "4")
    change("what was missing has appeared")
    write(second / A, "a { background: url(sub/b.png) } b { }")
    change("it has changed itself")
    shutil.rmtree(second)
    assert fetch(index, "/static/a.css")[0] == 0
    with pytest.raises(UnknownAsset):
        index.url(A)


def test_what_was_named_before_is_missing(tmp_path: Path) -> None:
    write(tmp_path / A, "1")
    index = servestatic.live(tmp_path)
    url = index.url(A)
    write(tmp_path / A, "2")
    assert isinstance(index.get(url), Missing)
    assert fetch(index, url)[0] == 404
    assert fetch(index, url)[2]["Cache-Control"] == "no-store"


@pytest.mark.parametrize("folder", ["", "new/", "sub/", "sub/new/deep/"])
def test_new_files(tmp_path: Path, folder: str) -> None:
    write(tmp_path / "sub/x.css", "x")
    index = servestatic.live(tmp_path)
    path = f"{folder}new.css"
    for _ in range(3):
        assert index.get(f"/static/{path}") is None
    write(tmp_path / path, "new")
    assert fetch(index, f"/static/{path}")[:2] == (200, b"new")
    (tmp_path / path).unlink()
    assert index.get(f"/static/{path}") is None
    write(tmp_path / path, "again")
    assert fetch(index, f"/static/{path}")[:2] == (200, b"again")


def test_many_changes_within_a_moment(tmp_path: Path) -> None:
    index = servestatic.live(tmp_path)
    for number in range(200):
        write(tmp_path / A, f"{number:03}")
        assert page(index, A)[1] == b"%03d" % number


def test_sources_that_come_and_go(tmp_path: Path) -> None:
    index = servestatic.live(tmp_path / "later")
    assert index.get("/static/a.css") is None
    write(tmp_path / "later" / A, "1")
    assert page(index, A)[1] == b"1"
    os.rename(tmp_path / "later", tmp_path / "away")
    assert index.get("/static/a.css") is None


def test_links(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    write(other / "target.css", "1")
    write(tmp_path / "secret.css", "secret")
    root.mkdir()
    (root / A).symlink_to(other / "target.css")
    index = servestatic.live(root, other)
    assert page(index, A)[1] == b"1"
    write(other / "target.css", "2")
    assert page(index, A)[1] == b"2"
    (other / "target.css").unlink()
    assert index.get("/static/a.css") is None
    write(other / "target.css", "3")
    assert page(index, A)[1] == b"3"
    (root / A).unlink()
    (root / A).symlink_to(tmp_path / "secret.css")
    assert index.get("/static/a.css") is None
    (root / "c.css").symlink_to(tmp_path / "secret.css")
    assert index.get("/static/c.css") is None


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    write(tmp_path / A, "1")
    index = servestatic.live(tmp_path)
    (tmp_path / A).chmod(0)
    assert index.get("/static/a.css") is None


def test_a_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / A, "1")
    write(tmp_path / "b.css", "@import 'a.css'")
    index = servestatic.live(tmp_path)

    def fail(file: File, within: Callable[[str], Within]) -> object:
        if file.name == A:
            raise PermissionError(13, "Permission denied")
        return read(file, within)

    monkeypatch.setattr("servestatic.pipeline.live.state.read", fail)
    assert index.get("/static/a.css") is None
    assert page(index, "b.css")[1] == b"@import 'a.css'"
    assert "Permission denied" in caplog.text


def test_mounts_and_index_files(tmp_path: Path) -> None:
    index = servestatic.live(Directory(tmp_path / "root", at="/"), tmp_path / "static", index_file="index.html")
    write(tmp_path / "root/robots.txt", "robots")
    write(tmp_path / "root/docs/index.html", "<link rel=stylesheet href=/static/a.css>")
    write(tmp_path / "static" / A, "1")
    assert fetch(index, "/robots.txt")[:2] == (200, b"robots")
    assert fetch(index, "/docs")[0] == 308
    before = fetch(index, "/docs/")[1]
    assert index.path(A).encode() in before
    write(tmp_path / "static" / A, "2")
    assert index.path(A).encode() in fetch(index, "/docs/")[1] != before


def test_other_sources_are_listed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescans, "_PAUSE", 0)
    files = {"a.css": b"1"}

    class Source:
        def __iter__(self) -> Iterator[File]:
            return (File(name, content, None, "memory") for name, content in files.items())

    index = servestatic.live(Source())
    assert page(index, A)[1] == b"1"
    files |= {"a.css": b"2", "b.css": b"3"}
    assert wait_until(lambda: fetch(index, "/static/a.css")[1] == b"2")
    assert page(index, "b.css")[1] == b"3"


def test_paths_that_nothing_can_be_at_have_nothing_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most requests while developing are for pages."""
    asked: list[None] = []
    monkeypatch.setattr(rescans.Rescans, "ask", lambda _: asked.append(None))
    write(tmp_path / A, "1")
    index = servestatic.live(tmp_path)
    for path in ("/", "/page/", "/stati", "/z"):
        assert index.get(path) is None
    assert asked == []
    index.get("/static/nothing.css")
    assert asked == [None]


def test_what_is_watched_is_listed_before_anybody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescans, "_PAUSE", 0)
    write(tmp_path / A, "1")
    index = servestatic.live(tmp_path)
    assert index.get("/static/a.css")
    assert wait_until(lambda: any(thread.name == "servestatic watch" for thread in threading.enumerate()))
    number = iter(range(1000))

    def appears() -> bool:
        write(tmp_path / f"{next(number)}.css", "2")  # again and again: nobody says when the watch has begun
        return len(index) > 1

    assert wait_until(appears)


def test_without_watchfiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescans, "_PAUSE", 0)
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    index = servestatic.live(tmp_path)
    write(tmp_path / A, "1")
    assert len(index) == 0
    assert wait_until(lambda: index.get("/nothing") is None and index.get("/static/") is None and len(index) == 1)


def wait_until(condition: Callable[[], bool]) -> bool:
    for _ in range(500):
        if condition():
            return True
        time.sleep(0.01)
    return False


# --------------------------------------------------------------------------------- any changes, in any order

NAMES = ["a.css", "b.css", "sub/c.js", "sub/d.png", "page.html"]
TEXTS = ["1", "2", "@import 'b.css'; a { background: url(sub/d.png) }", "import './c.js'", "import '../a.css'"]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "write", "remove", "empty", "ask"]),
        st.integers(0, 1),
        st.sampled_from(NAMES),
        st.sampled_from(TEXTS),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
def test_any_changes(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, str, str]]) -> None:
    roots = [tmp_path_factory.mktemp("root") for _ in range(2)]
    index = servestatic.live(*roots)
    for what, number, name, text in changes:
        path = roots[number] / name
        if what == "write":
            write(path, text)
        elif what == "remove":
            path.unlink(missing_ok=True)
        elif what == "empty":
            shutil.rmtree(roots[number])
            roots[number].mkdir()
        assert_equal(index, servestatic.collect(*roots), NAMES if what == "ask" else [name])
    assert_equal(index, servestatic.collect(*roots), NAMES)
    assert sorted(index) == sorted(servestatic.collect(*roots))


def assert_equal(live: Index, collected: Index, names: list[str]) -> None:
    for name in names:
        plain = f"/static/{name}"
        assert fetch(live, plain)[:2] == fetch(collected, plain)[:2]
        if name in [*collected]:
            assert page(live, name) == page(collected, name)
        else:
            with pytest.raises(UnknownAsset):
                live.url(name)


# ------------------------------------------------------------------------------------- what it does not cost


def test_only_what_is_asked_for_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        write(tmp_path / f"{number}.css", f"@import '{number + 1}.css'" if number < 10 else "x")
    done: list[str] = []

    def note(file: File, within: Callable[[str], Within]) -> object:
        done.append(file.name)
        return read(file, within)

    monkeypatch.setattr("servestatic.pipeline.live.state.read", note)
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**12))  # nothing is young
    index = servestatic.live(tmp_path)
    assert done == []
    index.url("8.css")
    assert sorted(done) == ["10.css", "8.css", "9.css"]
    for _ in range(5):
        fetch(index, index.url("8.css"))
    assert len(done) == 3
    write(tmp_path / "10.css", "changed")
    fetch(index, index.url("8.css"))
    assert sorted(done[3:]) == ["10.css"]


def counted(function: Callable[..., object], calls: list[object]) -> Callable[..., object]:
    def call(*args: object) -> object:
        calls.append(args)
        return function(*args)

    return call


def test_a_hit_costs_a_few_looks_at_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(100):
        write(tmp_path / f"second/{number}/x.css", "a { background: url(../b.png) }")
    write(tmp_path / "second/b.png", "b")
    write(tmp_path / "first/y.css", "y")
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**12))
    index = servestatic.live(tmp_path / "first", tmp_path / "second")
    url = index.url("5/x.css")
    looks: list[object] = []
    for name in ("stat", "lstat", "scandir"):
        monkeypatch.setattr(os, name, counted(getattr(os, name), looks))
    assert index.get(url)
    assert len(looks) <= 4  # two files: each itself, and its name in the earlier source
    looks.clear()
    assert index.get("/static/5/nothing.css") is None
    assert 100 <= len(looks) <= 3 * 110  # the folders' stamps, and no listing


def test_large_closures_are_compared_once_in_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        write(tmp_path / f"{number}.js", f"import './{(number + 1) % 300}.js'")
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**12))
    index = servestatic.live(tmp_path)
    assert index.url("0.js") == servestatic.collect(tmp_path).url("0.js")
    write(tmp_path / "0.js", "import './1.js'; 'changed'")
    assert wait_until(lambda: index.url("200.js") == servestatic.collect(tmp_path).url("200.js"))


@pytest.mark.parametrize("ask", ["preload", "importmap"])
def test_work_grows_no_faster_than_a_chain_of_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    """In looks at the disk and at what is in memory: a chain twice as long costs twice as much."""
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**12))
    monkeypatch.setattr("servestatic.pipeline.live.comparisons._PAUSE", 1000)  # however slow the machine is

    def work(length: int) -> int:
        folder = tmp_path / f"{length}"
        for number in range(length):
            write(folder / f"{number}.js", f"import './{number + 1}.js'" if number + 1 < length else "1")
        index = servestatic.live(folder)
        done = [0]
        with monkeypatch.context() as patched:
            for place, name in ((rows, "find_stamp"), (LiveFiles, "_link"), (LiveFiles, "_bring_up_to_date")):
                patched.setattr(place, name, count_into(done, getattr(place, name)))
            getattr(index, ask)("0.js")
        return done[0]

    assert work(400) <= 2 * work(200) + 100


def count_into(done: list[int], function: Callable[..., object]) -> Callable[..., object]:
    def call(*args: object) -> object:
        done[0] += 1
        return function(*args)

    return call


def test_a_changed_file_of_a_large_closure_is_seen_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is asked for itself, even if all that the page reaches was compared a moment ago."""
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**12))
    monkeypatch.setattr("servestatic.pipeline.live.comparisons._PAUSE", 1000)
    for number in range(100):
        write(tmp_path / f"{number}.js", f"import './{number + 1}.js'")
    index = servestatic.live(tmp_path)
    assert len(index.preload("0.js")) == 99
    for number in (98, 50):
        write(tmp_path / f"{number}.js", "'changed'")
        assert page(index, f"{number}.js") == page(servestatic.collect(tmp_path), f"{number}.js")
    assert [each.url for each in index.preload("40.js")] == [index.url(f"{number}.js") for number in range(41, 51)]


def test_no_thread_for_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescans, "_PAUSE", 0)
    write(tmp_path / A, "1")
    index = servestatic.live(tmp_path)
    before = threading.active_count()
    for _ in range(3):
        index.url(A)
    assert threading.active_count() == before


# ---------------------------------------------------------------------------------------- as in production


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"), settled=True)


@pytest.fixture(scope="module")
def index(site: Site) -> Index:
    return collect_site(site.folder, settled=True, live=True)


def test_names_are_those_of_production(site: Site, index: Index) -> None:
    assert sorted(index) == sorted(site.index)
    assert [index.url(name) for name in site.index] == [site.index.url(name) for name in site.index]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id.replace("§", ""))
def test_answers_are_those_of_production_but_no_cache(site: Site, index: Index, row: Row) -> None:
    sent = request(site, row)
    expected, found = call_function(site.index, sent), call_function(index, sent)
    assert found.status == expected.status
    assert found.body == expected.body
    assert without_freshness(found) == without_freshness(expected)
    freshness = dict(found.fields).get("cache-control")
    assert freshness in (None, "no-cache", "no-store")
    assert (freshness is None) == ("cache-control" not in dict(expected.fields))


def without_freshness(exchange: Exchange) -> list[tuple[str, str]]:
    """Return what a live index answers, too: it has no other releases, and so no deltas."""
    fields = {name: value.removesuffix(", Available-Dictionary") for name, value in exchange.fields}
    return [pair for pair in fields.items() if pair[0] not in ("cache-control", "use-as-dictionary")]
