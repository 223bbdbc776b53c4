"""Documents and notes whose digests are right and that say something else: absent, or a BuildError, nothing more."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import servestatic
from servestatic import BuildError, Directory, Index
from servestatic.pipeline.rewrite import unpack_edits
from servestatic.releases.load import check
from servestatic.store import Store
from tests.support.files import write
from tests.support.forge import Forged, find_document, use_all

FILES = {
    "a.css": "@import 'b.css';a{background:url(c.svg)}" + "a{}" * 300,
    "b.css": "b{background:url(missing.svg)}",
    "c.svg": "<svg/>",
    "m.js": "import './n.js'" + ";1" * 300,
    "n.js": "2",
    "p.html": "<link rel=stylesheet href=a.css>",
}
NAMES = [*FILES, "robots.txt", "src/m"]
VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "/x/",
    "\ud800",
    "a\0b",
    [],
    [1],
    ["x"],
    [["x"]],
    {},
)
BYTES = (
    None,
    b"",
    b"x",
    b"../x",
    b"a\0b",
    b"\xff\xff",
    bytes(47),
    bytes(81),
    b"\xff" * 47,
    b"\xff" * 81,
    b"[]",
    b"\xff" * 500,
)


def list_changes(file: Forged) -> Iterator[tuple[str, object]]:
    """Yield what may be said instead: for each part of the head a value, for each table bytes for some of its keys."""
    yield from ((name, value) for name in file.head for value in VALUES)
    yield from ((name, value) for name in file.tables for value in BYTES)


def change(path: Path, content: bytes, name: str, value: object, *, every: int = 1) -> None:
    """Write a file with another value for a part of the head, or for every n-th key of a table; None takes it out."""
    path.write_bytes(content)
    file = Forged(path)
    if name in file.head:
        file.head[name] = value
    else:
        for key in [*file.tables[name]][::every]:
            if isinstance(value, bytes):
                file.tables[name][key] = value
            else:
                del file.tables[name][key]
    file.write(path)


# ----------------------------------------------------------------------------------------------- builds


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with an earlier release, another mount, and an alias."""
    root = write(tmp_path_factory.mktemp("root"), FILES)
    other = write(tmp_path_factory.mktemp("other"), {"robots.txt": "x"})
    out = tmp_path_factory.mktemp("build") / "out"
    for text in ("<svg/>", "<svg>2</svg>"):
        (root / "c.svg").write_text(text)
        servestatic.collect(root, Directory(other, at="/"), store="none").write(str(out))
    document = Forged(find_document(out))
    document.tables |= {"later": {b"m.js": b"n.js"}, "aliases": {b"src/m": b"m.js"}}
    document.write(find_document(out))
    return out


@pytest.mark.parametrize("every", [1, 2])
def test_builds(out: Path, every: int) -> None:
    """Every part of a document, with every value: a BuildError, or an index that answers everything."""
    path = find_document(out)
    content = path.read_bytes()
    loaded = 0
    for name, value in list_changes(Forged(path)):
        change(path, content, name, value, every=every)
        with suppress(BuildError):
            use_all(servestatic.collect(build=str(out), compress="build"), NAMES)
            loaded += 1
        with suppress(BuildError):
            check(out)
    path.write_bytes(content)
    assert loaded > 80
    assert check(out) == []


# ------------------------------------------------------------------------------------------ the store


class Notes:
    """What a start has left in a store, and a start of the same sources with something else there."""

    def __init__(self, folder: Path) -> None:
        root = write(folder / "static", FILES)
        other = write(folder / "other", {"robots.txt": "x"})
        for path in folder.rglob("*"):
            os.utime(path, (1_600_000_000, 1_600_000_000))
        self.sources = root, Directory(other, at="/")
        self.store = Store(folder / "store")
        self.index = self.start()
        self.found = {path: path.read_bytes() for path in (folder / "store/notes").iterdir()}

    def start(self) -> Index:
        return servestatic.collect(*self.sources, store=str(self.store.place), compress="build")

    def find(self, part: str) -> Path:
        return next(path for path in self.found if part in Forged(path).head or part in Forged(path).tables)

    def restore(self, *, snapshot: bool) -> None:
        for path, content in self.found.items():
            path.write_bytes(content)
        if not snapshot:
            self.find("listing").unlink()


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Notes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("servestatic.disk.read._RACY", -(10**18))  # what was written just now is remembered
        return Notes(tmp_path_factory.mktemp("notes"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), part=st.sampled_from(["pairs", "listing"]), every=st.integers(1, 3))
def test_notes_of_any_shape(notes: Notes, data: st.DataObject, part: str, every: int) -> None:
    notes.restore(snapshot=True)
    path = notes.find(part)
    name, value = data.draw(st.sampled_from([*list_changes(Forged(path))]))
    notes.restore(snapshot=part == "listing")
    change(path, notes.found[path], name, value, every=every)
    index = notes.start()
    use_all(index, NAMES)
    if part == "pairs":
        assert [index.url(name) for name in index] == [notes.index.url(name) for name in notes.index]


@pytest.mark.parametrize("packed", [b"x", bytes(19), bytes(16) + b"\1\0\0\0", bytes(16) + b"\xff" * 4 + b"x"])
def test_half_an_edit(packed: bytes) -> None:
    with pytest.raises(ValueError, match="half an edit"):
        list(unpack_edits(packed))
