"""Codings that requests wait for: made for answers that have use for them, once, within bounds, and dropped in time."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

import servestatic
from servestatic.assets import coding
from servestatic.assets.coding import MAX_CODED
from servestatic.disk import read as disk
from servestatic.disk import write as disk_write
from servestatic.http.representation import Resource
from servestatic.serving.compression.encoders import MAX_FAST, FastEncoder, Room
from servestatic.serving.compression.on_demand import ENCODED_INLINE
from servestatic.serving.compression.table import Codings
from servestatic.serving.deliver import answer, answer_at_once
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write
from tests.support.indexes import store_encoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from servestatic import Index
    from servestatic.http.message import Response
    from servestatic.http.representation import Representation

BR = {"accept-encoding": "br"}
LARGE = b"a line of a large table\n" * (ENCODED_INLINE // 20)


class CountingEncoder(FastEncoder):
    """Counts what it encodes, and waits before it does where a test wants that."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        self.encoded += 1
        self.begun.set()
        assert self.go.wait(10)
        return super().encode(digest, data)


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def index(tmp_path: Path, encoder: CountingEncoder) -> Index:
    index = servestatic.collect(write(tmp_path, {"large.csv": LARGE, "small.css": "a{}" * 1000}))
    index.resources.encoder = encoder
    return index


def ask(index: Index, url: str, fields: dict[str, str], method: str = "GET") -> Response:
    target = index.get(url)
    assert target
    response, file = answer(index.resources, target, (method, fields, ""), key=tuple(fields.items()))
    if file:
        file.close()
    return response


def ask_at_once(index: Index, url: str, fields: dict[str, str], method: str = "GET") -> Response | None:
    """Ask as an event loop does."""
    target = index.get(url)
    assert target
    answered = answer_at_once(index.resources, target, (method, fields, ""))
    if answered is None:
        return None
    response, file = answered
    if file:
        file.close()
    return response


def coding_of(response: Response) -> str:
    return dict(response.fields).get("Content-Encoding", "identity")


def freshness(response: Response) -> str:
    return dict(response.fields)["Cache-Control"]


# ------------------------------------------------------------------------------------ which answers have use for one

NOT_CODED: dict[str, tuple[str, dict[str, str], int]] = {
    "no Accept-Encoding": ("GET", {}, 200),
    "identity": ("GET", {"accept-encoding": "identity"}, 200),
    "identity preferred": ("GET", {"accept-encoding": "identity, br;q=0.5"}, 200),
    "unknown codings": ("GET", {"accept-encoding": "deflate, sdch"}, 200),
    "codings refused": ("GET", {"accept-encoding": "br;q=0, gzip;q=0"}, 200),
    "HEAD": ("HEAD", BR, 200),
    "range": ("GET", {**BR, "range": "bytes=0-9"}, 206),
    "no such range": ("GET", {**BR, "range": "bytes=99999999-"}, 416),
    "not modified": ("GET", {**BR, "if-none-match": "*"}, 304),
    "precondition failed": ("GET", {**BR, "if-match": '"x"'}, 412),
    "OPTIONS": ("OPTIONS", BR, 204),
    "POST": ("POST", BR, 405),
}


@pytest.mark.parametrize("name", ["small.css", "large.csv"])
@pytest.mark.parametrize("case", NOT_CODED)
def test_no_coding_is_made_for_an_answer_that_cannot_have_it(
    case: str, name: str, index: Index, encoder: CountingEncoder
) -> None:
    method, fields, status = NOT_CODED[case]
    for url in (index.url(name), f"/static/{name}"):
        for _ in range(3):
            response = ask(index, url, fields, method)
            assert (response.status, coding_of(response)) == (status, "identity")
            at_once = ask_at_once(index, url, fields, method)
            assert at_once, "no thread is needed"
            assert (at_once.status, coding_of(at_once)) == (status, "identity")
    assert encoder.encoded == 0
    response = ask(index, index.url(name), BR)
    assert (coding_of(response), encoder.encoded) == ("br", 1)


def test_an_answer_without_a_coding_is_remembered(index: Index) -> None:
    """The next request of a client that takes no coding costs a look-up, though codings were not tried."""
    url = index.url("small.css")
    ask(index, url, {})
    ask(index, url, {})
    target = index.get(url)
    assert isinstance(target, Resource)
    assert target.untried
    assert target.answers.get(()) is not None
    assert coding_of(ask(index, url, BR)) == "br"
    assert coding_of(ask(index, url, {})) == "identity"


# ------------------------------------------------------------------------------------------------- one at a time


def test_one_thread_encodes_and_the_others_answer_with_identity(index: Index, encoder: CountingEncoder) -> None:
    url = index.url("large.csv")
    encoder.go.clear()
    first: list[Response] = []
    thread = threading.Thread(target=lambda: first.append(ask(index, url, BR)))
    thread.start()
    assert encoder.begun.wait(10)
    others = [ask(index, url, BR) for _ in range(5)]
    at_once = ask_at_once(index, url, BR)
    assert at_once is not None, "not a thread for each request that waits"
    encoder.go.set()
    thread.join()
    assert [coding_of(each) for each in (*others, at_once, *first)] == ["identity"] * 6 + ["br"]
    assert all(("Vary", "Accept-Encoding") in each.fields for each in others)
    assert {freshness(each) for each in (*others, at_once)} == {"no-cache"}, "no cache keeps what a coding replaces"
    assert {freshness(each) for each in (*first, ask(index, url, {}))} == {"max-age=31536000, immutable"}
    assert coding_of(ask(index, url, BR)) == "br"
    assert encoder.encoded == 1


def test_an_error_of_an_encoder_gives_the_right_back(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(digest: bytes, data: bytes) -> tuple[Representation, ...]:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(index.resources.encoder, "encode", fail)
        with pytest.raises(MemoryError):
            ask(index, index.url("large.csv"), BR)
    assert coding_of(ask(index, index.url("large.csv"), BR)) == "br"


def test_what_is_encoded_at_a_time_is_bounded() -> None:
    rows = Codings(lambda: None)
    half = MAX_CODED // 2
    with rows.make(b"1", half) as first, rows.make(b"2", half) as second, rows.make(b"3", 1) as third:
        assert (first, second, third) == (True, True, False)
        with rows.make(b"1", half) as again:
            assert not again
        assert rows.is_made(b"1")
    with rows.make(b"4", MAX_CODED) as alone:
        assert alone
    assert not rows.is_made(b"1")


# ------------------------------------------------------------------------------------------------- how large


def test_what_is_not_held_whole_is_not_encoded() -> None:
    assert MAX_CODED == disk.WHOLE


def test_a_file_above_the_bound_has_no_codings(
    tmp_path: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the start: nothing is left to be tried, and Vary is not needed."""
    monkeypatch.setattr(coding, "MAX_CODED", len(LARGE))
    index = servestatic.collect(write(tmp_path, {"most.csv": LARGE, "more.csv": LARGE + b"\n"}))
    index.resources.encoder = encoder
    for url in (index.url("more.csv"), "/static/more.csv"):
        target = index.get(url)
        assert isinstance(target, Resource)
        assert (target.untried, target.negotiated) == (None, False)
        response = ask(index, url, BR)
        assert (coding_of(response), dict(response.fields).get("Vary")) == ("identity", None)
    assert encoder.encoded == 0
    assert coding_of(ask(index, index.url("most.csv"), BR)) == "br"
    assert [content.length for content in index.catalog.contents()] == [len(LARGE)]


def test_a_build_has_no_codings_above_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "MAX_CODED", len(LARGE))
    index = servestatic.collect(write(tmp_path / "static", {"most.csv": LARGE, "more.csv": LARGE + b"\n"}))
    index.write(str(tmp_path / "out"))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"most.csv", "more.csv", "most.csv.br"} <= names
    assert not [name for name in names if name.startswith("more") and name.endswith((".br", ".gz", ".zst"))]
    sealed = servestatic.collect(build=str(tmp_path / "out"))
    assert dict(ask(sealed, sealed.url("more.csv"), BR).fields).get("Vary") is None
    assert coding_of(ask(sealed, sealed.url("most.csv"), BR)) == "br"


# ------------------------------------------------------------------------------------------- what is held, and how long


def fast(index: Index, _: Path) -> None:
    index.resources.encoder = FastEncoder()


def storing(index: Index, place: Path) -> None:
    index.resources.encoder = store_encoder(index, Store(place))


ENCODERS: dict[str, Callable[[Index, Path], None]] = {"without a store": fast, "with a store": storing}


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for the codings of two states of a file, or a few more."""
    monkeypatch.setattr(Room.__init__, "__defaults__", (20_000,))
    monkeypatch.setattr(FastEncoder.__init__, "__defaults__", (None, 20_000))


def state(number: int) -> str:
    """Text whose fast codings have about 6,000 bytes each."""
    return "".join(f".c{number}-{each}{{width:{each * each * 7919 % 100_003}px}}" for each in range(1500))


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("kind", ENCODERS)
@pytest.mark.parametrize("live", [False, True], ids=["collected", "live"])
def test_a_file_that_is_replaced_again_and_again_takes_the_room_of_one_state(
    *, live: bool, kind: str, tmp_path: Path
) -> None:
    root = write(tmp_path / "static", {"a.css": state(0), "b.css": "b{}" * 1000})
    index = servestatic.collect(root, live=live, store="none")
    ENCODERS[kind](index, tmp_path / "store")
    for number in range(1, 12):
        write(root, {"new": state(number)})
        os.replace(root / "new", root / "a.css")
        index.resources.cache.checked.clear()  # a second later
        response, fields, _ = get(index, "/static/a.css", accept_encoding="br")
        assert (response, fields.get("Content-Encoding")) == (200, "br"), number
        assert index.resources.encoder.has_room()
    assert get(index, "/static/b.css", accept_encoding="br")[1].get("Content-Encoding") == "br"


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("kind", ENCODERS)
def test_live_files_with_a_new_name_each_time_take_the_room_of_those_that_exist(kind: str, tmp_path: Path) -> None:
    """As a bundler that watches its sources writes them."""
    root = write(tmp_path / "static", {"other.css": "b{}"})
    index = servestatic.live(root, store="none")
    ENCODERS[kind](index, tmp_path / "store")
    for number in range(12):
        write(root, {f"a{number}.css": state(number)})
        (root / f"a{number - 1}.css").unlink(missing_ok=True)
        fields = get(index, f"/static/a{number}.css", accept_encoding="br")[1]
        assert fields.get("Content-Encoding") == "br", number


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("kind", ENCODERS)
def test_what_exists_is_not_dropped_for_want_of_room(kind: str, tmp_path: Path) -> None:
    """Where the files themselves have no room, some are sent as they are; nothing is encoded twice."""
    root = write(tmp_path / "static", {f"a{number}.css": state(number) for number in range(6)})
    index = servestatic.collect(root, store="none")
    ENCODERS[kind](index, tmp_path / "store")
    for _ in range(2):
        seen = [
            get(index, f"/static/a{number}.css", accept_encoding="br")[1].get("Content-Encoding") for number in range(6)
        ]
        assert seen == ["br", "br", None, None, None, None]


def test_the_room_of_processes() -> None:
    assert MAX_FAST == 32 * 1024 * 1024


def test_a_build_of_what_is_too_large_to_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is copied in parts, however large it is, and checked on the way."""
    for module in ("servestatic.disk.read", "servestatic.releases.write", "servestatic.releases.contents"):
        monkeypatch.setattr(f"{module}.WHOLE", 100_000)
    monkeypatch.setattr(coding, "MAX_CODED", 100_000)
    monkeypatch.setattr("servestatic.releases.build_files.PART", 10_000)
    root, out = write(tmp_path / "static", {"more.csv": LARGE}), tmp_path / "out"
    index = servestatic.collect(root)
    longest: list[int] = []
    write_part = disk_write._write

    def note(descriptor: int, data: bytes) -> None:
        longest.append(len(data))
        write_part(descriptor, data)

    monkeypatch.setattr(disk_write, "_write", note)
    index.write(str(out))
    assert max(longest) <= 10_000
    assert (out / "more.csv").read_bytes() == (out / index.path("more.csv")).read_bytes() == LARGE
    before = disk.stamp_of((out / "more.csv").stat())
    (root / "more.csv").write_bytes(LARGE[::-1])
    with pytest.raises(servestatic.BuildError, match="changed while the build was written"):
        index.write(str(tmp_path / "other"))
    assert [*(tmp_path / "other").iterdir()] == []
    index.write(str(out))
    assert disk.stamp_of((out / "more.csv").stat()) == before, "an intact file is not written again"
