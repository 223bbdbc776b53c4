"""Files that change under a running index, through every adapter: bytes, names and framing always agree.

A plain URL follows its file within `PAUSE`; a fingerprinted URL serves the bytes of its name or is 404 `no-store`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import os
import shutil
import sys
import threading
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import Mock
from wsgiref.util import FileWrapper

import brotli
import pytest

from servestatic import asgi, collect, wsgi
from servestatic.disk import read as disk
from servestatic.disk import system
from servestatic.serving import answer_cache as answers
from servestatic.serving import deliver
from tests.support.drivers import DRIVERS
from tests.support.interfaces.asgi import asgi_application, scope_of
from tests.support.interfaces.function import call_function
from tests.support.interfaces.wsgi import CountingWrapper, environ_of, wsgi_application
from tests.support.judge import Exchange, Sent
from tests.support.tree import noise, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servestatic.disk.trust import Within
    from servestatic.serving.index import Index

NAMES = {
    "small": "small.bin",
    "middle": "middle.bin",
    "large": "large.bin",
    "small text": "small.css",
    "large text": "large.css",
}
STYLE = ".rule-%d { color: #123; margin: 0 auto }"
ORIGINAL = {
    "small.bin": noise(1000),
    "middle.bin": noise(100_000),
    "large.bin": noise(300_000),
    "small.css": prose(5_000, STYLE),
    "large.css": prose(300_000, STYLE),
}
ALL = {"pure function": call_function, **DRIVERS}


class Clock:
    """The monotonic clock of those who look at files again: stands still until it is set forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (answers, deliver):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The file of the test's `kind`, or the two that no coding shrinks."""
    kind = getattr(request.node, "callspec", SimpleNamespace(params={})).params.get("kind")
    for name in [NAMES[kind]] if kind else ["small.bin", "large.bin"]:
        (tmp_path / name).write_bytes(ORIGINAL[name])
        os.utime(tmp_path / name, (1_700_000_000, 1_700_000_000))
    return tmp_path


@pytest.fixture(scope="module", autouse=True)
def without_indexes_of_other_tests() -> None:
    """Files that indexes of earlier tests of this process have open are closed now, not during a test."""
    gc.collect()
    for thread in threading.enumerate():
        if thread.name.startswith("servestatic"):
            thread.join(2)


@pytest.fixture(autouse=True)
def no_descriptor_is_left() -> Iterator[None]:
    """Every test here ends with the descriptors that it began with, but for those that are kept."""
    disk.close_kept()
    before = files_open()
    yield
    disk.close_kept()
    assert files_open() == before


def files_open() -> list[str]:
    """The regular files that this process has open: event loops keep sockets and pipes of their own."""
    places = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            place = os.readlink(entry)
        except OSError:
            continue
        if place.startswith("/") and not place.startswith(("/dev/", "/proc/")):
            places.append(place)
    return sorted(places)


# ----------------------------------------------------------------------------------------------------- changes


def rewrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def replace(path: Path, data: bytes, date: int) -> None:
    other = path.with_name("other.tmp")
    other.write_bytes(data)
    os.utime(other, (date, date))
    other.replace(path)


def same_size(path: Path) -> bytes:
    return bytes(reversed(path.read_bytes()))


class Change(NamedTuple):
    """What happens to a file, and what its plain URL must serve afterwards; None: it is gone."""

    happen: Callable[[Path], object]
    then: Callable[[bytes], bytes | None]


def _none(_: bytes) -> None:
    return None


def _keep_date(path: Path) -> None:
    date = path.stat().st_mtime_ns
    rewrite(path, same_size(path))
    os.utime(path, ns=(date, date))


def _become(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def become(path: Path) -> None:
        path.unlink()
        make(path)

    return become


PART = ("Range", "bytes=10-19")
CHANGES = {
    "changed": Change(lambda path: rewrite(path, path.read_bytes() + b"\nnew"), lambda data: data + b"\nnew"),
    "changed, same size and date": Change(_keep_date, lambda data: bytes(reversed(data))),
    "truncated": Change(lambda path: os.truncate(path, path.stat().st_size // 2), lambda data: data[: len(data) // 2]),
    "truncated to nothing": Change(lambda path: os.truncate(path, 0), lambda _: b""),
    "grown": Change(lambda path: rewrite(path, path.read_bytes() * 2), lambda data: data * 2),
    "replaced": Change(lambda path: replace(path, b"new", 1_800_000_000), lambda _: b"new"),
    "rolled back, same size": Change(
        lambda path: replace(path, same_size(path), 1_600_000_000), lambda data: bytes(reversed(data))
    ),
    "touched": Change(lambda path: os.utime(path, (1_600_000_000, 1_600_000_000)), lambda data: data),
    "replaced by its copy": Change(lambda path: replace(path, path.read_bytes(), 1_600_000_000), lambda data: data),
    "deleted": Change(lambda path: path.unlink(), _none),
    "a directory": Change(_become(Path.mkdir), _none),
    "a pipe": Change(_become(os.mkfifo), _none),
    "a dangling link": Change(_become(lambda path: path.symlink_to("nowhere")), _none),
    "the folder deleted": Change(lambda path: shutil.rmtree(path.parent), _none),
}


def get(adapter: str, index: Index, path: str, *fields: tuple[str, str], method: str = "GET") -> Exchange:
    answer = ALL[adapter](index, Sent(method, path, fields))
    said = dict(answer.fields)
    if method == "GET" and answer.status not in (204, 304):
        assert said["content-length"] == str(len(answer.body))
    if answer.status == 404:
        assert said["cache-control"] == "no-store"
    return answer


# All cells of the pure function; of the adapters, which only send, a third of them, evenly.
CELLS = [
    (change, kind, warm, adapter)
    for (row, change), (column, kind), warm, (board, adapter) in product(
        enumerate(CHANGES), enumerate(NAMES), (True, False), enumerate(ALL)
    )
    if adapter == "pure function" or (row + column + warm + board) % 3 == 0
]


def write_cell(value: str | bool) -> str:
    if isinstance(value, str):
        return value
    return "asked before" if value else "not asked before"


@pytest.mark.parametrize(("change", "kind", "warm", "adapter"), CELLS, ids=write_cell)
def test_plain_url_follows(adapter: str, warm: bool, kind: str, change: str, folder: Path, clock: Clock) -> None:
    name = NAMES[kind]
    (folder / "sub").mkdir()
    (folder / name).rename(folder / "sub" / name)
    index, path = collect(folder), f"/static/sub/{name}"
    br = ("Accept-Encoding", "br")
    before = [dict(get(adapter, index, path, *accept).fields) for accept in ((), (br,)) if warm]
    if warm:  # so that the answer is remembered, and the file kept open
        assert {get(adapter, index, path, PART).body for _ in range(3)} == {ORIGINAL[name][10:20]}
    CHANGES[change].happen(folder / "sub" / name)
    clock.now += deliver.PAUSE
    expected = CHANGES[change].then(ORIGINAL[name])
    for accept in ((), (br,)):
        answer = get(adapter, index, path, *accept)
        fields = dict(answer.fields)
        if expected is None:
            assert answer.status == 404
            assert get(adapter, index, path, *accept, ("Range", "bytes=0-0")).status == 404
            assert get(adapter, index, path, PART).status == 404
            continue
        assert answer.status == 200
        coded = fields.get("content-encoding") == "br"
        assert (brotli.decompress(answer.body) if coded else answer.body) == expected
        known = [each["etag"] for each in before]
        assert (fields["etag"] in known) == (warm and expected == ORIGINAL[name])
        assert get(adapter, index, path, *accept, ("If-None-Match", fields["etag"])).status == 304
        for tag in known if expected != ORIGINAL[name] else ():
            assert get(adapter, index, path, *accept, ("If-None-Match", tag)).status == 200
            assert get(adapter, index, path, *accept, ("If-Range", tag), ("Range", "bytes=0-0")).status == 200
        if expected:
            part = get(adapter, index, path, *accept, ("Range", "bytes=0-0"))
            assert (part.status, part.body) == (206, expected[:1])
            assert get(adapter, index, path, PART).body in (expected[10:20], b"Range not satisfiable.\n")
        head = get(adapter, index, path, *accept, method="HEAD")
        assert head == answer._replace(body=b"")


@pytest.mark.parametrize(("change", "kind", "warm", "adapter"), CELLS, ids=write_cell)
def test_fingerprinted_url_keeps_its_bytes(
    adapter: str, warm: bool, kind: str, change: str, folder: Path, clock: Clock
) -> None:
    """The bytes of the name, where they are to be had, for ever; otherwise 404, until they are there again."""
    name = NAMES[kind]
    index = collect(folder)
    url, original = index.url(name), ORIGINAL[name]
    br = ("Accept-Encoding", "br")
    tags = [dict(get(adapter, index, url, *accept).fields)["etag"] for accept in ((), (br,)) if warm]
    for _ in range(3 if warm else 0):
        get(adapter, index, url, PART)
    CHANGES[change].happen(folder / name)
    clock.now += deliver.PAUSE
    gone = CHANGES[change].then(original) != original
    for accept in ((), (br,), (PART,)):
        answer = get(adapter, index, url, *accept)
        if answer.status == 404:
            assert gone
            continue
        fields = dict(answer.fields)
        assert answer.status == (206 if accept and accept[0][0] == "Range" else 200)
        whole = brotli.decompress(answer.body) if fields.get("content-encoding") == "br" else answer.body
        assert whole == (original[10:20] if answer.status == 206 else original)
        assert fields["cache-control"] == "max-age=31536000, immutable"
        assert not warm or fields["etag"] in tags
    held = warm and kind.startswith("small")
    assert get(adapter, index, url).status == (404 if gone and not held else 200)
    if gone and folder.is_dir():
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            (folder / name).rmdir()
        replace(folder / name, original, 1_750_000_000)
        clock.now += deliver.PAUSE
        assert get(adapter, index, url).body == original


@pytest.mark.parametrize("adapter", ALL)
@pytest.mark.parametrize("kind", NAMES)
def test_brought_back(adapter: str, kind: str, folder: Path, clock: Clock) -> None:
    name = NAMES[kind]
    index, path = collect(folder), f"/static/{name}"
    tag = dict(get(adapter, index, path).fields)["etag"]
    (folder / name).rename(folder / "away")
    clock.now += deliver.PAUSE
    assert get(adapter, index, path).status == 404
    (folder / "away").rename(folder / name)
    clock.now += deliver.PAUSE
    answer = get(adapter, index, path)
    assert (answer.status, dict(answer.fields)["etag"], answer.body) == (200, tag, ORIGINAL[name])
    rewrite(folder / name, b"other")
    clock.now += deliver.PAUSE
    assert get(adapter, index, path).body == b"other"
    rewrite(folder / name, ORIGINAL[name])
    clock.now += deliver.PAUSE
    answer = get(adapter, index, path)
    assert (answer.status, dict(answer.fields)["etag"], answer.body) == (200, tag, ORIGINAL[name])


@pytest.mark.parametrize("adapter", ALL)
@pytest.mark.parametrize("kind", NAMES)
def test_within_the_pause(adapter: str, kind: str, folder: Path, clock: Clock) -> None:
    """Before the next look, old and new are right; what disagrees with its own fields never is."""
    name = NAMES[kind]
    index, path = collect(folder), f"/static/{name}"
    states = {dict(get(adapter, index, path).fields)["etag"]: ORIGINAL[name]}
    for number in range(5):
        data = prose(5_000 + number, STYLE) * (100 if kind.startswith("large") else 1)
        rewrite(folder / name, data)
        clock.now += 0.1
        answer = get(adapter, index, path)
        fields = dict(answer.fields)
        if answer.status == 503:
            assert fields["retry-after"] == "1"
            continue
        assert answer.status == 200
        assert answer.body == states.setdefault(fields["etag"], answer.body)
        assert answer.body in (data, *states.values())
    clock.now += deliver.PAUSE
    assert get(adapter, index, path).body == data


@pytest.mark.skipif(sys.platform == "win32", reason="what is open cannot be removed there, so nothing is kept open")
def test_files_that_are_read_again_and_again_stay_open(tmp_path: Path) -> None:
    """As many as there may be; none that was removed or replaced, once somebody asks for it."""
    names = [f"{number:03}.bin" for number in range(disk.MAX_OPEN + 10)]
    for name in names:
        (tmp_path / name).write_bytes(name.encode() * 20_000)
    index = collect(tmp_path)
    for name in names:
        assert get("wsgi", index, index.url(name), PART).body == (name.encode() * 20_000)[10:20]
    before = [each for each in files_open() if not each.startswith(str(tmp_path))]
    assert files_open() == sorted([*before, *(str(tmp_path / name) for name in names[-disk.MAX_OPEN :])])
    (tmp_path / names[-1]).unlink()
    assert get("wsgi", index, index.url(names[-1]), PART).status == 404
    assert get("wsgi", index, index.url(names[-2]), PART).status == 206
    assert files_open() == sorted([*before, str(tmp_path / names[-2])])


def test_kept_files_are_read_by_threads_while_they_are_closed(tmp_path: Path) -> None:
    """Nobody reads from a descriptor that another thread closed, and that may be another file's by now."""
    names = [f"{number:03}.bin" for number in range(disk.MAX_OPEN + 10)]
    for name in names:
        (tmp_path / name).write_bytes(name.encode() * 20_000)
    index = collect(tmp_path)
    wrong: list[str] = []

    def read(start: int) -> None:
        for number in range(2_000):
            name = names[(start * 7 + number) % len(names)]
            if get("wsgi", index, index.url(name), PART).body != (name.encode() * 20_000)[10:20]:
                wrong.append(name)
            if number % 50 == start:
                disk.close_kept()

    threads = [threading.Thread(target=read, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_pause_is_a_second() -> None:
    assert deliver.PAUSE <= 1.0


def test_a_file_is_looked_at_once_in_a_pause(folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many requests come, and however often the file changes: one reading per file and second."""
    index = collect(folder)
    read: list[str] = []
    read_settled = disk.read_settled

    def count(path: str, within: Within) -> object:
        read.append(path)
        return read_settled(path, within)

    monkeypatch.setattr(deliver, "read_settled", count)
    for name in ("small.bin", "large.bin"):
        read.clear()
        for second in range(3):
            clock.now += deliver.PAUSE
            for number in range(20):
                rewrite(folder / name, f"{second} {number}".encode() * 20_000)
                get("pure function", index, f"/static/{name}")
        assert len(read) <= 3 * 2, "one look by the clock, and one reading of a file found to be another"


# --------------------------------------------------------------------------------- cut, or left, in the middle


def test_cut_while_it_is_sent_asgi(folder: Path) -> None:
    """Nothing can be said any more: the response does not end, so that the server closes the connection."""
    index = collect(folder)
    messages: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        messages.append(message)
        if message["type"] == "http.response.body":
            os.truncate(folder / "large.bin", 10)

    application = asgi.ServeStatic(asgi_application, index)
    with pytest.raises(OSError, match="changed while it was sent"):
        asyncio.run(application(scope_of(Sent("GET", "/static/large.bin", ())), _stay, send))
    assert messages[-1]["more_body"] is True


def test_cut_while_it_is_sent_wsgi(folder: Path) -> None:
    index = collect(folder)
    body = _start(wsgi.ServeStatic(wsgi_application, index), {})
    sent = iter(body)
    assert next(sent)
    os.truncate(folder / "large.bin", 10)
    with pytest.raises(OSError, match="changed while it was sent"):
        next(sent)
    body.close()


async def _stay() -> asgi.Message:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


def _start(application: Any, more: Mapping[str, Any], *fields: tuple[str, str]) -> Any:
    environ = {**environ_of(Sent("GET", "/static/large.bin", fields)), **more}
    return application(environ, lambda *_: None)  # never written to


WRAPPERS: dict[str, Mapping[str, Any]] = {
    "none": {},
    "wsgiref": {"wsgi.file_wrapper": FileWrapper},
    "gunicorn": {"wsgi.file_wrapper": CountingWrapper, "SERVER_SOFTWARE": "gunicorn/27"},
}


@pytest.mark.parametrize("times", [0, 1, 2])
@pytest.mark.parametrize("asked", [(), (("Range", "bytes=1-280000"),)], ids=["whole", "range"])
@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("adapter", ["wsgi", "django"])
def test_client_leaves_wsgi(adapter: str, wrapper: str, asked: Any, times: int, folder: Path) -> None:
    """A server that loses its client calls `close` (PEP 3333), however far it came."""
    index = collect(folder)
    index.catalog.sealed = True  # so that the wrapper is used
    before = files_open()
    if adapter == "django":
        from tests.support import django_site

        body = _start(django_site.wsgi_handler(index), WRAPPERS[wrapper], *asked)
    else:
        body = _start(wsgi.ServeStatic(wsgi_application, index), WRAPPERS[wrapper], *asked)
    assert files_open() != before
    sent = iter(body)
    for _ in range(times):
        assert next(sent)
    body.close()
    assert files_open() == before


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Django forgets the request's empty body when cancelled
@pytest.mark.parametrize("asked", [(), (("Range", "bytes=1-280000"),)], ids=["whole", "range"])
@pytest.mark.parametrize("how", ["disconnect", "error", "cancelled"])
@pytest.mark.parametrize("adapter", ["asgi", "django"])
def test_client_leaves_asgi(adapter: str, how: str, asked: Any, folder: Path) -> None:
    """A server tells by `http.disconnect`, by an OSError from `send`, or cancels; no other exception comes out."""
    (folder / "large.bin").write_bytes(noise(2_000_000))
    index = collect(folder)
    application: asgi.Application = asgi.ServeStatic(asgi_application, index)
    heard = True
    if adapter == "django":
        import django

        from tests.support import django_site

        application = django_site.asgi_handler(index)
        heard = how != "disconnect" or django.VERSION >= (5,)  # Django 4.2 listens for nothing while it sends
    before = files_open()
    client = Client(how)
    asyncio.run(client.leave(application, scope_of(Sent("GET", "/static/large.bin", asked))))
    assert (client.bodies < 3) == heard, "sent to nobody"
    gc.collect()
    assert files_open() == before


class Client:
    """A client that leaves when the first bytes of a body are there; the server tells in one of three ways."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.bodies = 0
        self.asked = False

    async def leave(self, application: asgi.Application, scope: asgi.Scope) -> None:
        self.left = asyncio.Event()
        task = asyncio.ensure_future(application(scope, self.receive, self.send))
        if self.how == "cancelled":
            await self.left.wait()
            task.cancel()
        expected: dict[str, tuple[type[BaseException], ...]]
        expected = {"cancelled": (asyncio.CancelledError,), "error": (OSError,), "disconnect": ()}
        with contextlib.suppress(*expected[self.how]):
            await asyncio.wait_for(task, 10)
        assert task.done()

    async def receive(self) -> asgi.Message:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if self.how == "disconnect":
            await self.left.wait()
            return {"type": "http.disconnect"}
        return await _stay()

    async def send(self, message: asgi.Message) -> None:
        await asyncio.sleep(0)
        if message["type"] != "http.response.body":
            return
        if self.how == "error":
            raise OSError("the client is gone")
        self.bodies += 1
        self.left.set()
        if self.how == "cancelled":
            await _stay()
        for _ in range(5):  # as a server waits for its client to take what it has
            await asyncio.sleep(0)


# ------------------------------------------------------------------------------------- written in place meanwhile


def write_in_place(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, data, 0)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("kind", ["small", "middle", "small text"])
@pytest.mark.parametrize("public", [False, True], ids=["plain", "fingerprinted"])
@pytest.mark.parametrize("asked", [(), (("Range", "bytes=10-899"),)], ids=["whole", "range"])
def test_a_file_that_is_written_in_place_while_it_is_read(
    *, public: bool, kind: str, asked: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes of two states are not sent, under the tag of neither: the answer is made again from the later one."""
    index, name = collect(folder), NAMES[kind]
    url = index.url(name) if public else f"/static/{name}"
    later = ORIGINAL[name][::-1]
    read_at = system.read_at
    written: list[str] = []

    def read_meanwhile(descriptor: int, count: int, offset: int) -> bytes:
        data = read_at(descriptor, count, offset)
        if not written:
            written.append(name)
            write_in_place(folder / name, later)
            return data[: count // 2] + read_at(descriptor, count - count // 2, offset + count // 2)
        return data

    monkeypatch.setattr(disk, "read_at", read_meanwhile)
    exchange = call_function(index, Sent("GET", url, asked))
    assert written
    if public:
        assert exchange.status == 404
    else:
        assert exchange.body == (later[10:900] if asked else later)
        tag = hashlib.sha256(later).hexdigest()[:32]
        assert dict(exchange.fields)["etag"] == f'"{tag}"'


def test_a_state_that_was_read_right_after_a_change_is_read_once_more(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file has its stamp before it has its bytes: a tag that was read between the two goes within seconds."""
    index = collect(folder)
    later = ORIGINAL["small.bin"][::-1]
    read_file = disk.read_file
    readings: list[str] = []

    def read_too_early(path: str, within: Within) -> disk.Reading:
        readings.append(path)
        reading = read_file(path, within)
        return reading._replace(digest=bytes(32)) if len(readings) <= 2 else reading

    monkeypatch.setattr(disk, "read_file", read_too_early)
    write_in_place(folder / "small.bin", later)
    tags = []
    for _ in range(10):
        clock.now += deliver.PAUSE
        exchange = call_function(index, Sent("GET", "/static/small.bin", ()))
        assert exchange.body == later
        tags.append(dict(exchange.fields)["etag"])
    tag = hashlib.sha256(later).hexdigest()[:32]
    assert tags == [f'"{bytes(16).hex()}"'] * 2 + [f'"{tag}"'] * 8
    assert len(readings) <= 4, "not again and again"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("adapter", ALL)
def test_a_file_that_changes_at_each_reading(
    adapter: str, method: str, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there: its plain URL is 503 for a moment, or its last state, where that is in memory."""
    index, call = collect(folder), ALL[adapter]
    assert call(index, Sent("GET", "/static/small.bin", ())).body == ORIGINAL["small.bin"]
    later = {name: ORIGINAL[name][::-1] for name in ("small.bin", "large.bin")}
    for name, data in later.items():
        rewrite(folder / name, data)
    with monkeypatch.context() as changing:
        changing.setattr(disk, "read_file", Mock(side_effect=disk.ChangingError))
        for _ in range(3):
            clock.now += deliver.PAUSE
            small, large, kept = (
                call(index, Sent(method, path, ()))
                for path in ("/static/small.bin", "/static/large.bin", index.url("large.bin"))
            )
            assert (small.status, small.body) == (200, ORIGINAL["small.bin"] if method == "GET" else b"")
            assert (large.status, dict(large.fields)["retry-after"]) == (503, "1")
            assert (kept.status, dict(kept.fields)["cache-control"]) == (404, "no-store")
    clock.now += deliver.PAUSE
    for name, data in later.items():
        assert call(index, Sent("GET", f"/static/{name}", ())).body == data


def test_what_changes_while_it_is_read_twice_is_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "small.bin"
    path.write_bytes(b"a")
    readings = [disk.read_file(str(path))._replace(digest=bytes([number]) * 32, steady=False) for number in range(9)]
    monkeypatch.setattr(disk, "read_file", lambda *_: readings.pop())
    with pytest.raises(OSError, match="it changed while it was read"):
        disk.read_settled(str(path), None)
    readings[:] = [readings[0]._replace(steady=True), *readings[:1] * 2]
    assert disk.read_settled(str(path), None) == readings[0]._replace(steady=False)
    readings[:] = [readings[0]]
    assert disk.read_settled(str(path), None).steady, "one that was not changed just now is read once"
