"""What other systems lack is taken away: files are collected, served, changed, stored and built all the same."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic.disk import system
from servestatic.disk.opened import open_at
from servestatic.disk.system import hold, ignores_case, spell
from servestatic.disk.trust import is_within
from servestatic.releases import layout
from tests.support.client import get
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "a.css": "@import 'b.css';" + "a{}" * 400,
    "b.css": "b{background:url(c.svg)}",
    "c.svg": "<svg/>" * 99,
    "d.bin": "d" * 400_000,
}

# A listing as Windows has it: the system call for one does not say which file it is.
LISTING = """
class Entry:
    def __init__(self, entry):
        self.name, self.path, self.status = entry.name, entry.path, entry.stat
        self.is_symlink, self.is_dir, self.is_file = entry.is_symlink, entry.is_dir, entry.is_file
    def __fspath__(self):
        return self.path
    def stat(self, *, follow_symlinks=True):
        found = self.status(follow_symlinks=follow_symlinks)
        return os.stat_result((found.st_mode, 0, 0, *found[3:10]), {
            "st_mtime_ns": found.st_mtime_ns, "st_ctime_ns": found.st_ctime_ns, "st_blocks": found.st_blocks})
class Entries:
    def __init__(self, entries):
        self.entries = iter(list(entries))
    def __iter__(self):
        return self
    def __next__(self):
        return next(self.entries)
    def close(self):
        pass
    def __enter__(self):
        return self
    def __exit__(self, *_):
        pass
scandir = os.scandir
os.scandir = lambda path: Entries(map(Entry, scandir(path)))
"""
# Each takes something away from a process, before it imports the package.
LACKS = {
    "nothing": "",
    "pread": "del os.pread",
    "preadv": "os.__dict__.pop('RWF_NOWAIT', None)",
    "links between files": "del os.link",
    "openat": "os.supports_dir_fd = set(); os.supports_fd = set(); del os.O_NOFOLLOW, os.O_DIRECTORY",
    "O_PATH": "os.__dict__.pop('O_PATH', None)",
    "locks": "sys.modules['fcntl'] = None",
    "owners": "del os.getuid, os.geteuid",
    "inodes": LISTING
    + """
def without(function):
    def call(*arguments, **options):
        found = function(*arguments, **options)
        return os.stat_result((found.st_mode, 0, 0, *found[3:10]), {
            "st_mtime_ns": found.st_mtime_ns, "st_ctime_ns": found.st_ctime_ns, "st_atime_ns": found.st_atime_ns,
            "st_blocks": found.st_blocks})
    return call
for name in ("stat", "lstat", "fstat"):
    setattr(os, name, without(getattr(os, name)))
""",
}
# As Windows is: all of it at once, no inodes in listings, and what is open cannot be replaced or removed.
LACKS["all that Windows does"] = "\n".join(
    [LISTING, *(LACKS[name] for name in LACKS if name not in ("nothing", "inodes")), '''
del os.O_NONBLOCK, os.O_CLOEXEC
replace, unlink = os.replace, os.unlink
def check(path):
    for number in os.listdir("/proc/self/fd"):
        try:
            opened = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if opened == os.path.realpath(path):
            raise PermissionError(13, "it is open", path)
def replace_closed(source, target, **_):
    check(source), check(target)
    replace(source, target)
def unlink_closed(path, **_):
    check(path)
    unlink(path)
os.replace, os.unlink = replace_closed, unlink_closed
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("servestatic.disk.system", sys.argv[2])
sys.modules[spec.name] = module_from_spec(spec)
os.name = "nt"
spec.loader.exec_module(sys.modules[spec.name])
os.name = "posix"
assert sys.modules[spec.name].IS_WINDOWS
''']
)  # fmt: skip
SCRIPT = """
import asyncio, json, os, pathlib, sys, tempfile, logging, hashlib
{lacks}
import servestatic
from servestatic import asgi
from servestatic.disk.read import stamp_of
from servestatic.releases.load import check as find_damage
from servestatic.serving import deliver
folder = pathlib.Path(sys.argv[1])
deliver.PAUSE = 0.0
said = []
async def pass_on(scope, receive, send):
    await send({{"type": "http.response.start", "status": 599, "headers": []}})
async def receive():
    await asyncio.Event().wait()
def ask(index, path):
    got = []
    async def send(message):
        got.append(message)
    scope = {{"type": "http", "method": "GET", "path": path, "query_string": b"", "root_path": "",
              "headers": [(b"accept-encoding", b"gzip")]}}
    asyncio.run(asgi.ServeStatic(pass_on, index)(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in got)
    said.append([path, got[0]["status"], hashlib.sha256(body).hexdigest()[:12]])
found = list(servestatic.Directory(folder / "static"))
said.append(["stamps", 200, all(file.stamp == stamp_of(os.stat(file.content)) for file in found) and len(found)])
options = dict(store=str(folder / "store"), releases=str(folder / "place"))
for start in ("cold", "warm"):
    index = servestatic.collect(folder / "static", compress="startup", **options)
    for name in index:
        for path in (index.url(name), "/static/" + name):
            ask(index, path)
            ask(index, path)
def change(text):
    (folder / "new").write_text(text)
    os.replace(folder / "new", folder / "static/c.svg")
change("<svg>new</svg>")
ask(index, "/static/c.svg")
ask(index, index.url("b.css"))
live = servestatic.live(folder / "static")
ask(live, live.url("c.svg"))
change("<svg>newer</svg>")
ask(live, live.url("c.svg"))
(folder / "static/d.bin").write_text("e" * 400_000)
ask(index, "/static/d.bin")
for _ in range(2):
    servestatic.collect(folder / "static", **options).write(str(folder / "out"))
built = servestatic.collect(build=str(folder / "out"))
for name in built:
    ask(built, built.url(name))
said.append(find_damage(folder / "out"))
print(json.dumps(said))
"""


def run(folder: Path, lacks: str) -> Any:
    write(folder / "static", FILES)
    for path in (folder / "static").iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))
    line = [sys.executable, "-c", SCRIPT.format(lacks=lacks), str(folder), system.__file__]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "left out" not in done.stderr, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What is answered where nothing is lacking."""
    answers = run(tmp_path_factory.mktemp("whole"), LACKS["nothing"])
    assert {answer[1] for answer in answers[:-1]} == {200}
    return answers


@pytest.mark.skipif(sys.platform != "linux", reason="only where there is something to take away")
@pytest.mark.parametrize("lacks", [name for name in LACKS if name != "nothing"])
def test_what_a_system_lacks(whole: Any, tmp_path: Path, lacks: str) -> None:
    assert run(tmp_path / "part", LACKS[lacks]) == whole


@pytest.mark.parametrize(
    ("path", "folder", "within"),
    [
        (r"C:\site\static\a.css", r"C:\site\static", True),
        (r"C:\site\static/css\a.css", "c:/Site/Static/", True),
        (r"C:\site\static", r"C:\site\static", True),
        (r"C:\site\static-old\a.css", r"C:\site\static", False),
        (r"D:\site\static\a.css", r"C:\site\static", False),
        (r"\\server\share\a.css", r"\\server\share", True),
        (r"\\server\shared\a.css", r"\\server\share", False),
    ],
)
def test_paths_of_windows(path: str, folder: str, within: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    assert is_within(path, folder) is within
    assert len(spell(path)) == len(path)


def test_paths_of_others_are_compared_as_they_are() -> None:
    assert spell("/A\\b") == "/A\\b"
    assert not is_within("/srv/Static/a.css", "/srv/static")


def test_a_file_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a").open("w") as file, (tmp_path / "a").open("w") as other:
        if sys.platform != "win32":
            assert (hold(file.fileno()), hold(other.fileno())) == (True, False)
        monkeypatch.setitem(sys.modules, "fcntl", None)
        assert hold(file.fileno()) is None


def test_a_file_that_must_not_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.disk.opened.REPLACES_OPEN", False)
    path = write(tmp_path, {"a": "0123456789"}) / "a"
    before = set(os.listdir("/proc/self/fd")) if sys.platform == "linux" else set()
    read = open_at(str(path))
    path.write_text("other")
    assert (read(2, 3), read(8, 9)) == (b"234", b"89")
    assert not before or set(os.listdir("/proc/self/fd")) == before


# ------------------------------------------------------------------------------------------------ case


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells names apart by their case")
def test_linux_does_not_ignore_case(tmp_path: Path) -> None:
    assert not ignores_case(tmp_path / "Out" / "of" / "it")
    assert not ignores_case(tmp_path)


def test_a_folder_that_ignores_case(tmp_path: Path) -> None:
    (tmp_path / "Out").mkdir()
    (tmp_path / "oUT").symlink_to(tmp_path / "Out")
    assert ignores_case(tmp_path / "Out/new")


def test_a_build_where_case_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The first of two names is built, and the other is named: nothing is served with the bytes of the first."""
    monkeypatch.setattr(layout, "ignores_case", lambda out: True)
    root = write(
        tmp_path / "static", {"Logo.svg": "<svg/>", "logo.svg": "<svg>2</svg>", "css/a.css": "a", "CSS/b.css": "b"}
    )
    servestatic.collect(root, fingerprints=False).write(str(tmp_path / "out"))
    assert "'logo.svg': another file has this name in the build, and the file system ignores case" in caplog.text
    assert {path.name for path in (tmp_path / "out").rglob("*.svg")} == {"Logo.svg"}
    built = servestatic.collect(build=str(tmp_path / "out"), fingerprints=False)
    assert get(built, "/static/Logo.svg")[::2] == (200, b"<svg/>")
    assert get(built, "/static/css/a.css")[::2] == (200, b"a")
    assert get(built, "/static/CSS/b.css")[::2] == (200, b"b")
    assert built.get("/static/logo.svg") is None


def test_names_that_differ_in_case_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "servestatic")
    servestatic.collect(write(tmp_path / "one", {"a.css": "", "b/c.css": ""}))
    assert "differ in case" not in caplog.text
    servestatic.collect(write(tmp_path / "two", {"a.css": "", "A.css": "", "b/c.css": "", "B/C.css": ""}))
    assert "static files whose names differ only in case (2):\n  /static/A.css and /static/a.css" in caplog.text
