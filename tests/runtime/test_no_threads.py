"""Threads that cannot be started, as where a container limits them: answers come without. Lines are logged once."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic import asgi
from servestatic.disk import chunks
from servestatic.pipeline.live import rescan as rescans
from servestatic.pipeline.live.rescan import Rescans
from servestatic.runtime import threads as parallel
from servestatic.runtime.news import MAX_SUBJECTS, News, is_new
from servestatic.serving.compression.background import StoreEncoder
from servestatic.serving.compression.coders import codings
from servestatic.serving.compression.on_demand import ENCODED_INLINE
from tests.support.client import get
from tests.support.drivers import DRIVERS
from tests.support.files import write
from tests.support.interfaces.asgi import asgi_application, call_asgi, scope_of
from tests.support.judge import Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LARGE = "a line of a large table\n" * (ENCODED_INLINE // 20)
BR = (("Accept-Encoding", "br"),)
LINE = "no thread can be started"


@pytest.fixture(autouse=True)
def nothing_said(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Thread starts are logged per process: no other test has logged that they fail, and none believes so later."""
    parallel.note_start(None)
    caplog.set_level(logging.INFO)
    yield
    parallel.note_start(None)


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let no thread start from now on; returns how to let them again.

    What earlier tests have left at work may start some, which is not noted: the line would be logged once more.
    """
    begin, earlier = threading.Thread.start, {*threading.enumerate()} - {threading.current_thread()}
    note = parallel.note_start

    def fail(thread: threading.Thread) -> None:
        is_of_asyncio = "_do_shutdown" in repr(thread)  # when a test's event loop ends
        if not is_of_asyncio and threading.current_thread() not in earlier:
            raise RuntimeError("can't start new thread")
        begin(thread)

    def note_own(error: RuntimeError | None) -> None:
        if threading.current_thread() not in earlier:
            note(error)

    monkeypatch.setattr(parallel, "note_start", note_own)
    monkeypatch.setattr(threading.Thread, "start", fail)
    return lambda: monkeypatch.setattr(threading.Thread, "start", begin)


def lines(caplog: pytest.LogCaptureFixture, text: str = LINE) -> int:
    return sum(text in record.getMessage() for record in caplog.records)


@pytest.mark.usefixtures("no_threads")
@pytest.mark.parametrize("adapter", [name for name in DRIVERS if name != "django, async"])  # has threads of Django's
def test_the_first_request(adapter: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A large text is encoded, which an event loop leaves to a thread; the best codings are made by another."""
    index = servestatic.collect(write(tmp_path / "static", {"a.csv": LARGE}), store=str(tmp_path / "store"))
    for _ in range(3):
        assert DRIVERS[adapter](index, Sent("GET", index.url("a.csv"), BR)).status == 200
    assert lines(caplog) <= 1


def test_a_thread_that_starts_later(
    no_threads: Callable[[], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = write(tmp_path / "static", {"a.css": "a{}" * 999, "b.css": "b{}" * 999})
    index = servestatic.collect(root, store=str(tmp_path / "store"))
    encoder = index.resources.encoder
    assert isinstance(encoder, StoreEncoder)
    assert get(index, index.url("a.css"), accept_encoding="br")[1]["Content-Encoding"] == "br"
    assert lines(caplog) == 1
    no_threads()
    before = {*threading.enumerate()}
    assert get(index, index.url("b.css"), accept_encoding="br")[1]["Content-Encoding"] == "br"
    started = {*threading.enumerate()} - before
    assert {thread.name.partition("_")[0] for thread in started} <= {"servestatic", "servestatic releases"}
    assert started
    assert lines(caplog) == 1


@pytest.mark.usefixtures("no_threads")
def test_a_file_that_is_not_in_the_page_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "NO_WAIT", 0)
    data = bytes(range(256)) * 2000
    index = servestatic.collect(write(tmp_path, {"a.bin": data}))
    application = asgi.ServeStatic(asgi_application, index)
    assert asyncio.run(call_asgi(application, scope_of(Sent("GET", index.url("a.bin"), ())))).body == data


def test_errors_of_the_work_itself_are_its_own() -> None:
    """The work is not done twice, as if no thread had been there."""
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise RuntimeError("of the work")

    with pytest.raises(RuntimeError, match="of the work"):
        asyncio.run(chunks.run_in_thread(fail))
    assert calls == [1]


@pytest.mark.usefixtures("no_threads")
def test_shared_work_is_done_by_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    assert parallel.run_in_threads(lambda item: item * 2, range(5)) == [0, 2, 4, 6, 8]
    with pytest.raises(ValueError, match="three"):
        parallel.run_in_threads(lambda _: int("three"), range(5))
    assert lines(caplog) == 1


def test_shared_work_is_done_by_the_threads_that_start(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = threading.Thread.start
    started: list[threading.Thread] = []

    def start_one(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)
    assert parallel.run_in_threads(lambda item: item * 2, range(5), 4) == [0, 2, 4, 6, 8]
    assert len(started) == 1


def test_a_rescan_that_cannot_start_lets_the_next_one(
    no_threads: Callable[[], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rescans, "_PAUSE", 0.0)
    done = threading.Event()
    scans = Rescans(done.set, ())
    for _ in range(3):
        scans.ask()
    assert lines(caplog) == 1
    no_threads()
    scans.ask()
    assert done.wait(10)


def test_a_live_index_without_threads(
    no_threads: Callable[[], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = servestatic.live(write(tmp_path, {"a.css": "a{}"}), store="none")
    index.resources._on_lookup.__self__._done -= 10  # type: ignore[attr-defined] # a rescan is due
    for _ in range(3):
        assert get(index, "/static/a.css")[0] == 200
    assert lines(caplog) == 1
    no_threads()


# --------------------------------------------------------------------------------------- what is logged, and how often


def test_news_are_changes() -> None:
    news = News()
    said = [news.is_new("disk", state) for state in ("full", "full", "broken", None, None, "full", "full", None)]
    assert said == [True, False, True, False, False, True, False, False]
    assert news.is_new("another disk", "full")


def test_news_are_for_one_of_many_threads() -> None:
    news = News()
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: news.is_new("disk", "full"), range(122))) == 1


def test_news_are_bounded() -> None:
    news = News()
    for number in range(3 * MAX_SUBJECTS):
        assert news.is_new(number, "full")
    assert len(news._known) <= MAX_SUBJECTS


class Failing:
    """Work that fails in one way, then in another, then not, then again."""

    def __init__(self) -> None:
        self.errors = iter(["one"] * 5 + ["two"] * 5 + [""] * 2 + ["two"] * 5)

    def __call__(self, *_: Any) -> None:
        if error := next(self.errors):
            raise ValueError(error)


def test_a_rescan_that_fails_again_and_again(caplog: pytest.LogCaptureFixture) -> None:
    scans = Rescans(Failing(), ())
    for _ in range(17):
        assert scans._lock.acquire(blocking=False)
        scans._work()
    assert lines(caplog, "the sources could not be checked") == 3


def test_sources_that_cannot_be_watched_again_and_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def watch(*_: object, **__: object) -> Any:
        raise OSError("no more watches")

    scans = Rescans(lambda: None, [str(tmp_path)])
    for _ in range(5):
        scans._follow(watch, [str(tmp_path)])
    assert lines(caplog, "cannot be watched (no more watches)") == 1


def test_a_thread_that_makes_codings_and_fails_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index = servestatic.collect(write(tmp_path / "static", {"a.css": "a{}"}), store=str(tmp_path / "store"))
    encoder = index.resources.encoder
    assert isinstance(encoder, StoreEncoder)
    monkeypatch.setattr(encoder._settler, "settle", Failing())
    for _ in range(17):
        encoder.work()
    assert lines(caplog, "the compression thread failed") == 3


def test_a_store_that_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index = servestatic.collect(write(tmp_path / "static", {"a.css": "a{}" * 999}), store=str(tmp_path / "store"))
    encoder = index.resources.encoder
    assert isinstance(encoder, StoreEncoder)
    with monkeypatch.context() as full:
        full.setattr(encoder._store, "put", lambda *_: None)
        for _ in range(5):
            encoder.work()
        assert lines(caplog, f"{encoder._store.place} cannot be written (the disk may be full)") == 1
    encoder.work()
    here = [record.getMessage() for record in caplog.records if record.thread == threading.get_ident()]
    assert (
        sum(
            line.startswith("servestatic: compression finished") and line.endswith(f", {len(codings())} codings made")
            for line in here
        )
        == 1
    )


def test_a_fingerprinted_file_that_changes_again_and_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its URL is gone: that is one line until it is back, however often the file changes meanwhile."""
    root = write(tmp_path, {"a.bin": "first"})
    index = servestatic.collect(root, store="none")
    url = index.url("a.bin")

    def look() -> int:
        index.resources.cache.checked.clear()  # a second later
        index.resources.made.clear()  # and no longer in memory
        return get(index, url)[0]

    for number in range(5):
        write(root, {"a.bin": f"other {number:5}"})
        assert look() == 404
    assert lines(caplog, "has changed since the start") == 1
    write(root, {"a.bin": "first"})
    assert look() == 200
    write(root, {"a.bin": "other"})
    assert look() == 404
    assert lines(caplog, "has changed since the start") == 2


@pytest.mark.parametrize(
    ("name", "settings", "logged"),
    [
        ("a.css", {}, 1),
        ("page.html", {}, 0),
        ("a.css", {"fingerprints": False}, 0),
        ("a.css", {"immutable": ["*.css"]}, 0),
        ("a.css", {"live": True}, 0),
    ],
)
def test_plain_files_that_change(
    name: str, settings: dict[str, Any], logged: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first that makes pages lose a fingerprinted URL is logged, whatever changes later."""
    is_new("a changed file", None)  # no other test has logged one
    root = write(tmp_path, {name: "first", f"other-{name}": "first"})
    index = servestatic.collect(root, store="none", **settings)
    for number in range(3):
        for path in (name, f"other-{name}"):
            write(root, {path: f"changed {number:5}"})
            index.resources.cache.checked.clear()  # a second later
            assert get(index, f"/static/{path}")[2] == f"changed {number:5}".encode()
    assert lines(caplog, "has changed since the start: pages link to its plain URL, /static/a.css, from now") == logged
    assert lines(caplog, "has changed since the start") == logged


def test_a_damaged_coding_of_a_build(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    servestatic.collect(write(tmp_path / "static", {"a.css": "a{}" * 999})).write(str(tmp_path / "out"))
    for path in (tmp_path / "out").glob("*.br"):
        path.write_bytes(b"damaged")
    index = servestatic.collect(build=str(tmp_path / "out"))
    for _ in range(5):
        get(index, "/static/a.css", accept_encoding="br")
        index.resources.lose_codings("/static/a.css")
    assert lines(caplog, "does not match the build's document") == 1
