"""Documents that are signed as they should be and have another shape: they count as absent, or are a BuildError."""

import base64
import copy
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import servestatic
from servestatic import BuildError, Directory, Index, UnknownAsset
from servestatic.pipeline.rewrite import unpack_edits
from servestatic.releases.document import INDEX, dump, read_index
from servestatic.releases.document import seal as sign
from servestatic.releases.load import check
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write

FILES = {
    "a.css": "@import 'b.css';a{background:url(c.svg)}" + "a{}" * 300,
    "b.css": "b{background:url(missing.svg)}",
    "c.svg": "<svg/>",
    "m.js": "import './n.js'" + ";1" * 300,
    "n.js": "2",
    "p.html": "<link rel=stylesheet href=a.css>",
}
_DELETED = "a position that is taken out"
_TEXTS = ("", "x", "/x", "../x", "\ud800", "a\0b")
VALUES: tuple[object, ...] = (None, True, 0, -1, 1.5, 10**30, *_TEXTS, [], [1], ["x"], [["x"]], {}, {"x": 1})

Position = tuple[Any, ...]


def list_positions(document: Any, position: Position = ()) -> Iterator[Position]:
    members = document.items() if isinstance(document, dict) else enumerate(document)
    for key, member in members:
        yield (*position, key)
        if isinstance(member, (dict, list)):
            yield from list_positions(member, (*position, key))


def put(document: Any, position: Position, value: object) -> Any:
    """Return a document with another value at a position, or without it."""
    document = within = copy.deepcopy(document)
    for key in position[:-1]:
        within = within[key]
    if value == _DELETED:
        del within[position[-1]]
    elif value == "other bytes" and isinstance(within[position[-1]], str):
        data = base64.b64decode(within[position[-1]] + "=" * (-len(within[position[-1]]) % 4))
        within[position[-1]] = base64.b64encode(data.replace(b"\0", b"\xff")).decode()
    else:
        within[position[-1]] = value
    return document


def use(index: Index) -> None:
    """Ask for everything: what is answered does not matter here, but that it is no exception."""
    for name in [*index, "src/m", "a.css"]:
        try:
            paths = [f"/static/{name}", unquote(index.url(name))]
            index.integrity(name)
            index.preload(name)
            index.importmap(name)
        except UnknownAsset:
            continue
        for path in paths:
            if index.get(path) is not None:
                get(index, path, accept_encoding="br")
    assert len([*index.catalog.entries()]) == len(index)
    assert len([*index.catalog.contents()]) >= 0


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
    document = read_index(out)
    assert document is not None
    del document["digest"]
    document |= {"later": {"m.js": ["n.js"]}, "aliases": {"src/m": "m.js"}, "absent": ["n.js.gz"]}
    (out.parent / "document").write_text(json.dumps(document))
    return out


def test_builds(out: Path) -> None:
    """Every position of an index, with every value: a BuildError, or an index that answers everything."""
    document = json.loads((out.parent / "document").read_text())
    loaded = 0
    for position in list_positions(document):
        for value in (*VALUES, _DELETED, "other bytes"):
            try:
                (out / INDEX).write_bytes(sign(dump(put(document, position, value))[1:]))
            except ValueError:  # no base64
                continue
            try:
                index = servestatic.collect(build=str(out), compress="build")
                loaded += 1
            except BuildError:
                pass
            else:
                use(index)
            with suppress(BuildError):
                check(out)
    assert loaded > 100
    (out / INDEX).write_bytes(sign(dump(put(document, ("mounts",), [1]))[1:]))
    root = write(out.parent / "again", FILES)
    servestatic.collect(root, store="none").write(str(out))  # over what cannot be read
    assert check(out) == []


# ------------------------------------------------------------------------------------------ the store


class Documents:
    """What a start has left in a store, and a start of the same sources with something else there."""

    def __init__(self, folder: Path) -> None:
        root = write(folder / "static", FILES)
        other = write(folder / "other", {"robots.txt": "x"})
        for path in folder.rglob("*"):
            os.utime(path, (1_600_000_000, 1_600_000_000))
        self.sources = root, Directory(other, at="/")
        self.store = Store(folder / "store")
        self.index = self.start()
        self.found = {path.name: self.store.load(path.name) for path in (folder / "store/collections").iterdir()}

    def start(self) -> Index:
        return servestatic.collect(*self.sources, store=str(self.store.place), compress="build")

    def start_with(self, key: str, document: object) -> Index:
        for each in self.found:
            self.store.save(each, self.found[each] if "files" not in document else None)  # type: ignore[operator] # a dict
        self.store.save(key, document)
        return self.start()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("servestatic.disk.read._RACY", -(10**18))  # what was written just now is remembered
        found = Documents(tmp_path_factory.mktemp("documents"))
    assert sorted(min(each) for each in found.found.values() if isinstance(each, dict)) == ["files", "listing"]
    return found


def find(documents: Documents, member: str) -> tuple[str, dict[str, Any]]:
    return next((key, each) for key, each in documents.found.items() if isinstance(each, dict) and member in each)


def first(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    return lambda document: change(document["mounts"][0])


def move(root: int) -> Callable[[dict[str, Any]], object]:
    """Say of all files that they are in another directory."""

    def change(mount: dict[str, Any]) -> None:
        rows = base64.b64decode(mount["rows"])
        size = len(rows) // len(mount["names"])
        packed = [rows[start : start + size] for start in range(0, len(rows), size)]
        moved = b"".join(each[:-3] + root.to_bytes(2, "little") + each[-1:] for each in packed)
        mount["rows"] = base64.b64encode(moved).decode()

    return change


SNAPSHOTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no mounts": lambda document: document.update(mounts=[]),
    "a prefix of another type": first(lambda mount: mount.update(prefix=None)),
    "another prefix": first(lambda mount: mount.update(prefix="/other/")),
    "a prefix without slashes": first(lambda mount: mount.update(prefix="x")),
    "edits of no file": first(lambda mount: mount["rewritten"].__setitem__(0, "x")),
    "edits of nothing": first(lambda mount: mount["rewritten"].__setitem__(0, None)),
    "a file that is not there": first(lambda mount: mount["names"].__setitem__(0, "x")),
    "negative lengths": first(lambda mount: mount.update(lengths=[-1, *mount["lengths"][1:]])),
    "a root that does not exist": first(move(7)),
    "files without their places": first(move(0xFFFF)),
    "a level that is none": lambda document: document["reports"][0].__setitem__(0, "x"),
    "a number that is none": lambda document: document["reports"][0].__setitem__(2, "x"),
}


@pytest.mark.parametrize("row", SNAPSHOTS)
def test_snapshots_of_the_wrong_shape_count_as_absent(documents: Documents, row: str) -> None:
    key, document = find(documents, "listing")
    changed = copy.deepcopy(document)
    SNAPSHOTS[row](changed)
    index = documents.start_with(key, changed)
    assert [index.url(name) for name in index] == [documents.index.url(name) for name in documents.index]
    use(index)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), member=st.sampled_from(["files", "listing"]))
def test_documents_of_any_shape(documents: Documents, data: st.DataObject, member: str) -> None:
    key, document = find(documents, member)
    position = data.draw(st.sampled_from([*list_positions(document)]))
    value = data.draw(st.sampled_from((*VALUES, _DELETED, "other bytes")))
    try:
        changed = put(document, position, value)
    except ValueError:  # no base64
        return
    use(documents.start_with(key, changed))


@pytest.mark.parametrize("packed", [b"x", bytes(19), bytes(16) + b"\1\0\0\0", bytes(16) + b"\xff" * 4 + b"x"])
def test_half_an_edit(packed: bytes) -> None:
    with pytest.raises(ValueError, match="half an edit"):
        list(unpack_edits(packed))
