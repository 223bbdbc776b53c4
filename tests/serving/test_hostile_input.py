"""What a hostile tester found once, and must not find again."""

import asyncio
import io
import os
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pytest

import servestatic
import servestatic.serving.compression.coders
from servestatic import asgi, standalone
from servestatic.disk.chunks import read_chunks
from servestatic.http.message import Request, Slice
from servestatic.http.representation import Resource
from servestatic.serving.cache import TargetCache
from servestatic.serving.deliver import answer, find
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write
from tests.support.interfaces.asgi import talk


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.serving.deliver.PAUSE", 0.0)


def test_a_start_that_fails_for_any_reason_is_told_to_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvicorn takes an exception in the lifespan for "no lifespan" and would answer 500 for ever."""
    write(tmp_path / "static", {"a.css": "a{background:url(x.png)}"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVESTATIC_STRICT", "1")
    sent = talk(standalone.make_app(), {"type": "lifespan"}, "lifespan.startup")
    assert sent[0]["type"] == "lifespan.startup.failed"
    assert "'x.png' names no file" in sent[0]["message"]


@pytest.mark.parametrize("what", ["file", "folder"])
@pytest.mark.parametrize("fingerprinted", [False, True])
def test_a_link_out_of_the_source_that_takes_a_place_later(tmp_path: Path, what: str, fingerprinted: bool) -> None:
    root = write(tmp_path / "static", {"sub/a.txt": "a" * 70_000})
    write(tmp_path / "secret", {"a.txt": "secret"})
    index = servestatic.collect(root)
    path = index.url("sub/a.txt") if fingerprinted else "/static/sub/a.txt"
    replaced = root / ("sub/a.txt" if what == "file" else "sub")
    replaced.rename(tmp_path / "away")
    replaced.symlink_to(tmp_path / ("secret/a.txt" if what == "file" else "secret"))
    status, fields, body = get(index, path)
    assert (status, fields["Cache-Control"]) == (404, "no-store")
    assert b"secret" not in body


def test_a_link_within_the_sources_that_takes_a_place_later(tmp_path: Path) -> None:
    root = write(tmp_path / "static", {"a.txt": "a", "b.txt": "b"})
    index = servestatic.collect(root)
    (root / "a.txt").unlink()
    (root / "a.txt").symlink_to(root / "b.txt")
    assert get(index, "/static/a.txt")[2] == b"b"


def test_head_promises_what_get_keeps(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.bin": b"a" * 70_000})
    index = servestatic.collect(root)
    (root / "a.bin").write_bytes(b"b" * 70_000)
    target = find(index.resources, index.url("a.bin"), "")
    assert target is not None
    response, file = answer(index.resources, target, Request("HEAD", {}))
    assert (response.status, file) == (404, None)


def test_pages_get_the_plain_url_of_a_file_that_changed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write(tmp_path, {"a.css": "a{}"})
    index = servestatic.collect(root)
    url = index.url("a.css")
    (root / "a.css").write_text("b{}")
    assert get(index, url)[0] == 404
    assert "has changed since the start" in caplog.text
    assert index.url("a.css") == "/static/a.css"
    assert get(index, "/static/a.css")[2] == b"b{}"


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that other users can read; pytest closes its own at the start of every run."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.parametrize("home", [None, "/root", "/nonexistent"])
def test_a_user_without_a_home(shared_folder: Path, home: str | None) -> None:
    """As in a container with some user id; the import happens before the user changes."""
    script = f"""
import os, sys
import servestatic, servestatic.pipeline.collector, servestatic.standalone.asgi
os.setuid(54321)
os.environ.pop("XDG_CACHE_HOME", None)
os.environ.pop("HOME", None)
home = {home!r}
if home: os.environ["HOME"] = home
os.environ.pop("SERVESTATIC_STORE", None)
print(len(servestatic.collect({str(shared_folder)!r})))
"""
    write(shared_folder, {"a.txt": "a"})
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd="/", check=False)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr


def test_a_file_rewritten_in_place_while_it_is_sent(tmp_path: Path) -> None:
    """The client must see that the answer is incomplete, or a cache keeps the wrong bytes under a strong tag."""
    path = write(tmp_path, {"a.bin": bytes(1_000_000)}) / "a.bin"
    index = servestatic.collect(tmp_path)
    target = find(index.resources, index.url("a.bin"), "")
    assert target is not None
    response, file = answer(index.resources, target, Request("GET", {}))
    body = response.body
    assert isinstance(file, io.FileIO)
    assert isinstance(body, Slice)
    time.sleep(0.02)  # a tick of the file system's clock

    async def send() -> int:
        sent = 0
        async for data, _ in read_chunks(file, body):
            if not sent:
                with path.open("r+b") as other:
                    other.seek(500_000)
                    other.write(b"X")
            sent += len(data)
        return sent

    with file, pytest.raises(OSError, match="changed while it was sent"):
        asyncio.run(send())


def test_a_store_with_traps(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    os.mkfifo(store.place / "notes/fifo")
    assert store.find_note("fifo") is None
    os.mkfifo(store.place / "objects/fi")
    assert store.get("fifo") is None


def test_names_do_not_make_log_lines(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, {"new\nline.js": "1"})
    servestatic.collect(tmp_path)
    assert "new\\x0aline.js" in caplog.text


def test_what_is_remembered_is_within_the_memory_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer whose body the index had no room for is made again each time."""
    monkeypatch.setattr(TargetCache, "MAX_HELD", 0)
    monkeypatch.setattr(servestatic.serving.compression.encoders.FastEncoder.__init__, "__defaults__", (0,))
    write(tmp_path, {"a.css": "a{}" * 1000})
    index = servestatic.collect(tmp_path)
    url = index.url("a.css")
    app = asgi.ServeStatic(standalone.make_app(), index)

    async def receive() -> asgi.Message:
        return {"type": "http.request"}

    async def send(message: asgi.Message) -> None:
        bodies.append(message.get("body", b""))

    bodies: list[bytes] = []
    for _ in range(3):
        scope = {"type": "http", "method": "GET", "path": url, "query_string": b"", "headers": []}
        asyncio.run(app(scope, receive, send))
    assert b"".join(bodies) == b"a{}" * 3000
    target = index.get(url)
    assert isinstance(target, Resource)
    assert not target.answers


@pytest.mark.parametrize("live", [False, True])
def test_a_path_that_is_too_long_for_a_name_is_not_normalized(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live: bool
) -> None:
    """To put combining marks into order takes time that grows with the square of their number."""
    name = "über/" + "ᾂ" * 60 + ".txt"  # each of them is four characters when decomposed
    index = (servestatic.live if live else servestatic.collect)(write(tmp_path, {name: "a"}), prefix="/")
    normalized, really = list[int](), unicodedata.normalize

    def normalize(form: Literal["NFC", "NFD"], text: str) -> str:
        normalized.append(len(text))
        return really(form, text)

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    for path in (f"/{name}", index.url(name)):
        for form in ("NFC", "NFD"):
            sent = really(form, unquote(path))
            assert get(index, sent)[2] == b"a", form
    for count in (5_000, 10_000, 30_000):
        assert index.get("/a" + "\u0315\u0300" * count) is None
    assert max(normalized) <= 1024
