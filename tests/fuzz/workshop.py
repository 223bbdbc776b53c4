"""What targets work on: an index, a build, a place and a store, each made once in a temporary folder, then changed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch
from urllib.parse import unquote

import servestatic
from servestatic import BuildError, Index
from servestatic.disk.read import read_body
from servestatic.http.message import Request
from servestatic.releases.document import RELEASES
from servestatic.releases.format.file import hold_tables, open_tables
from servestatic.releases.history import History
from servestatic.releases.load import check
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
from servestatic.serving.deliver import answer, find
from servestatic.store import Store
from tests.fuzz.documents import read_text, write_text
from tests.support.files import write
from tests.support.forge import Forged, find_document, use_all

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = {
    "a.css": "@import 'b.css';a{background:url(c.svg)}" + "a{}" * 100,
    "b.css": "b{background:url(missing.svg)}",
    "c.svg": "<svg/>",
    "m.js": "import './n.js'" + ";1" * 300,
    "n.js": "2",
    "p.html": "<link rel=stylesheet href=a.css>",
}
STATUSES = {200, 204, 206, 304, 308, 404, 405, 412, 416}
SECRET = b"secret" * 9
_STAMP = 40  # bytes of a stamp, with which the row of a single file begins


def make_folder() -> Path:
    """Make a folder that is removed when the process ends, with a secret in it and the sources in `static`."""
    folder = Path(tempfile.mkdtemp(prefix="servestatic-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write(folder, {"secret": SECRET, **{f"static/{name}": text for name, text in FILES.items()}})
    for path in folder.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return folder


def use(index: Index) -> None:
    """Ask an index for everything: only a BuildError may come of it, and nothing of the secret."""
    for body in use_all(index, FILES):
        assert SECRET not in body


# -------------------------------------------------------------------------------------------------------- serving


@cache
def _served() -> Index:
    return servestatic.collect(make_folder() / "static", store="none", index_file="p.html")


def ask(method: str, path: str, fields: dict[str, str]) -> None:
    """Answer a request: the status is a known one, and the body as long as its field says."""
    resources = _served().resources
    target = find(resources, path, "")
    if target is None:
        return
    response, file = answer(resources, target, Request(method, fields, ""))
    named, body = dict(response.fields), response.body
    assert response.status in STATUSES
    if file is not None:
        file.close()
    if body is not None:
        data = read_body(body)
        assert data is not None
        assert len(data) == int(named["Content-Length"])
        assert SECRET not in data


# ------------------------------------------------------------------------------------------------------ documents


class _Same:
    """A digest that equals any other."""

    def __init__(self, data: bytes) -> None:
        self._length = len(data)

    def digest(self) -> _Same:
        return self

    def __ne__(self, other: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__


@contextmanager
def without_digests() -> Iterator[None]:
    """Take every digest of a file of tables for the right one."""
    with (
        patch("servestatic.releases.format.blocks.sha256", _Same),
        patch("servestatic.releases.format.file.hashlib.sha256", _Same),
    ):
        yield


class Built(NamedTuple):
    """A build, and the document of its release."""

    out: Path
    document: Path
    content: bytes


@cache
def _built() -> Built:
    folder = make_folder()
    out = folder / "out"
    servestatic.collect(folder / "static", store="none").write(str(out))
    document = find_document(out)
    return Built(out, document, document.read_bytes())


def list_releases() -> list[bytes]:
    """Return the bytes of a document."""
    return [_built().content]


def list_builds() -> list[bytes]:
    """Return the text of a document."""
    return [write_text(open_tables(str(_built().document)))]


def run_build(text: bytes) -> None:
    """Load, use and check a build whose document somebody else has written."""
    built = _built()
    built.document.write_bytes(read_text(text))
    with suppress(BuildError):
        use(servestatic.collect(build=str(built.out), store="none"))
    with suppress(BuildError):
        assert isinstance(check(built.out), list)


class Placed(NamedTuple):
    """A place with a release, a store, and the fingerprinted names of the release."""

    place: DirectoryPlace
    root: Path
    document: Path
    store: Store
    names: tuple[str, ...]


@cache
def _placed() -> Placed:
    folder = make_folder()
    index = servestatic.collect(folder / "static", store="none")
    place = DirectoryPlace(folder / "place")
    put(place, index.catalog)
    document = next((folder / "place" / RELEASES).iterdir())
    names = tuple(unquote(index.url(name)).removeprefix("/static/") for name in FILES)
    return Placed(place, folder / "place", document, Store(folder / "store"), names)


@cache
def place() -> tuple[DirectoryPlace, Path]:
    """Return a place that is empty at first, and its folder."""
    folder = make_folder() / "place"
    return DirectoryPlace(folder), folder


@cache
def list_places() -> tuple[bytes, bytes]:
    """Return the text of a document in a place, and another with a name that leads out, to the secret's bytes."""
    document = Forged(_placed().document)
    text = write_text(open_tables(str(_placed().document)))
    row = document.tables["0 plain"][b"c.svg"]
    row = row.replace(sha256(FILES["c.svg"].encode()).digest(), sha256(SECRET).digest())
    return text, text + f"0 public\t{b'../secret'.hex()}\t{row.hex()}\n".encode()


def run_place(text: bytes) -> None:
    """Look for names in a place whose document somebody else has written, and fetch what they serve."""
    placed = _placed()
    content = read_text(text)
    placed.document.write_bytes(content)
    history = History(placed.place, None, "/static/")
    for name in (*placed.names, "../secret", "a.0123456789ab.css"):
        kept = history.find("/static/", name)
        blob = kept and History(placed.place, placed.store, "/static/").fetch(kept)
        if kept and blob:
            data = read_body(blob.body)
            assert data is not None
            assert blob.digest == kept.row.digest
            assert SECRET not in data


# ---------------------------------------------------------------------------------------------------------- notes


class Noted(NamedTuple):
    """What a start has left in its store: two notes, by what they have; `pairs` are what is known of single files."""

    folder: Path
    urls: dict[str, str]
    notes: dict[str, Path]
    heads: dict[str, dict[str, Any]]
    texts: list[bytes]
    pairs: dict[bytes, bytes]

    def start(self) -> Index:
        """Collect the sources with the store."""
        return servestatic.collect(self.folder / "static", store=str(self.folder / "store"), releases="none")


@cache
def _noted() -> Noted:
    folder = make_folder()
    noted = Noted(folder, {}, {}, {}, [], {})
    with patch("servestatic.disk.read._RACY", -(10**18)):  # what was written just now is remembered
        index = noted.start()
    noted.urls.update({name: index.url(name) for name in index})
    for path in (folder / "store/notes").iterdir():
        file = open_tables(str(path))
        which = "listing" if "listing" in file.head else "pairs"
        noted.notes[which], noted.heads[which] = path, file.head
        noted.texts.append(which.encode() + b"\n" + write_text(file))
        noted.pairs.update(file.table("pairs").items())
    return noted


def list_notes() -> list[bytes]:
    """Return the texts of the notes."""
    return _noted().texts


def _lies(content: bytes, pairs: dict[bytes, bytes]) -> bool:
    """Return whether a note says something else of a file in its present state: only reading the file would show it."""
    with suppress(BuildError):
        written = hold_tables(content, "a note").table("pairs").items()
        return any(value != pairs.get(key, value) and value[:_STAMP] == pairs[key][:_STAMP] for key, value in written)
    return False


def run_notes(text: bytes) -> None:
    """Start with a note that somebody else has written: the digest of the listing is right, the rest is not."""
    noted = _noted()
    first, _, rest = text.partition(b"\n")
    which = "listing" if first == b"listing" else "pairs"
    kept = {name: noted.heads[which][name] for name in ("key", "listing") if name in noted.heads[which]}
    for path in noted.notes.values():
        path.unlink(missing_ok=True)
    content = read_text(rest, **kept)
    noted.notes[which].write_bytes(content)
    index = noted.start()
    use(index)
    if which == "pairs" and not _lies(content, noted.pairs):
        assert {name: index.url(name) for name in index} == noted.urls
