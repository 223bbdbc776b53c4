"""What fingerprinted names serve is made when it is asked for, kept in the store, and made again when it is lost."""

import hashlib
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

import servestatic
from servestatic import File, Index
from servestatic.assets.fingerprint import Edit
from servestatic.http.message import Memory, Request
from servestatic.http.representation import Resource
from servestatic.pipeline.rewrite import pack_edits, unpack_edits
from servestatic.serving.cache import TargetCache
from servestatic.serving.deliver import answer, find
from servestatic.serving.resources import Resources
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write

STYLE = "a{background:url(b.svg)}" + "".join(f".c{number}{{color:#{number:06x}}}" for number in range(9000))
FILES = {
    "large.css": STYLE,
    "small.css": STYLE[:2000] + "}",
    "b.svg": "<svg/>",
    "js/app.js": "import './dep.js';" + "f();" * 400,
    "js/dep.js": "export default 1;",
    "page.html": "<img src=b.svg>" + "<p>text</p>" * 300,
}
REWRITTEN = ("large.css", "small.css", "js/app.js")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "static", FILES)


@pytest.fixture(params=["store", "none"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "store") if request.param == "store" else "none"


def collect(root: Path, store: str) -> Index:
    return servestatic.collect(root, store=store, compress="build")


def bodies(index: Index) -> dict[str, bytes]:
    """What each name serves, by URL; None for what is not to be had."""
    return {url: body for url, (status, body) in ask(index).items() if status == 200}


def ask(index: Index) -> dict[str, tuple[int, bytes]]:
    urls = [*(index.url(name) for name in FILES), *(f"/static/{name}" for name in FILES)]
    got = {url: get(index, url) for url in urls}
    for status, fields, body in got.values():
        assert status == 200 or fields["Cache-Control"] == "no-store"
        assert int(fields["Content-Length"]) == len(body)
        assert status != 200 or fields["ETag"] == f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return {url: (status, body) for url, (status, _, body) in got.items()}


def test_with_and_without_a_store_the_same(root: Path, tmp_path: Path) -> None:
    without, cold, warm = (bodies(collect(root, each)) for each in ("none", *[str(tmp_path / "store")] * 2))
    assert without == cold == warm
    index = collect(root, "none")
    svg = index.path("b.svg").encode()
    assert without[index.url("large.css")] == STYLE.encode().replace(b"b.svg", svg)
    assert without["/static/large.css"] == STYLE.encode()
    assert without["/static/page.html"].startswith(b"<img src=" + svg)


def test_nothing_is_rewritten_before_it_is_asked_for(root: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.pipeline.rewrite.rewrite", lambda *_: pytest.fail("no request needs it"))
    index = collect(root, store)
    assert index.url("large.css") != "/static/large.css"
    assert get(index, index.url("b.svg"))[2] == b"<svg/>"


def test_a_warm_start_does_not_read_the_source_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(tmp_path / "store")
    monkeypatch.setattr("servestatic.disk.read._RACY", -(10**15))
    before = bodies(collect(root, store))
    monkeypatch.setattr("servestatic.pipeline.rewrite.read_blob", lambda *_: pytest.fail("it is in the store"))
    assert bodies(collect(root, store)) == before


def test_what_is_made_is_not_held_in_memory(tmp_path: Path) -> None:
    """Only what is small and was asked for is; without a store, what was asked for."""
    lines = "".join(f".c{number}{{color:#{number:06x}}}" for number in range(50_000))
    write(tmp_path / "static", {f"{number}.css": f"a{{background:url(b.svg)}}{lines}" for number in range(20)})
    write(tmp_path / "static", {"b.svg": "<svg/>"})
    held = {}
    for store in ("none", str(tmp_path / "store")):
        tracemalloc.start()
        index = collect(tmp_path / "static", store)
        started, _ = tracemalloc.get_traced_memory()
        for number in range(20):
            assert len(get(index, index.url(f"{number}.css"))[2]) > 1_000_000
        held[store], _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert started < 1_000_000
    assert held["none"] > 20_000_000
    assert held[str(tmp_path / "store")] < 1_000_000


def lose_object(store: str) -> None:
    for path in Store(Path(store)).objects():
        path.unlink()


def damage_objects(store: str) -> None:
    for path in Store(Path(store)).objects():
        path.write_bytes(path.read_bytes()[:-1] + b"X")


def replace_objects(store: str) -> None:
    for path in Store(Path(store)).objects():
        path.with_name("other").write_bytes(path.read_bytes())
        path.with_name("other").replace(path)


def delete_store(store: str) -> None:
    shutil.rmtree(store)


def delete_for_good(store: str) -> None:
    shutil.rmtree(store)
    Path(store).touch()


@pytest.mark.parametrize("asked", [True, False], ids=["asked before", "not asked before"])
@pytest.mark.parametrize("lose", [lose_object, damage_objects, replace_objects, delete_store, delete_for_good])
def test_what_is_lost_is_made_again(root: Path, tmp_path: Path, lose: Callable[[str], None], asked: bool) -> None:
    """As long as the source is there."""
    store = str(tmp_path / "store")
    expected = bodies(collect(root, store))
    index = collect(root, store)
    for _ in range(3):
        if asked:
            assert bodies(index) == expected
        if Path(store).is_dir():
            lose(store)
        assert bodies(index) == expected


def test_the_store_keeps_what_the_source_no_longer_has(root: Path, tmp_path: Path) -> None:
    """The name promises these bytes, and they are to be had."""
    store = str(tmp_path / "store")
    expected = bodies(collect(root, store))
    index = collect(root, store)
    urls = [index.url(name) for name in REWRITTEN]
    for name in REWRITTEN:
        (root / name).write_text("other")
    assert [get(index, url)[2] for url in urls] == [expected[url] for url in urls]


def test_neither_source_nor_object(root: Path, store: str) -> None:
    """404 that nobody may keep, until the bytes are there again."""
    expected = bodies(collect(root, store))
    if store != "none":
        shutil.rmtree(store)
    index = collect(root, store)
    before = {name: ((root / name).read_bytes(), index.url(name)) for name in REWRITTEN}
    for name in REWRITTEN:
        (root / name).write_text("other")
    for _, url in before.values():
        status, fields, _ = get(index, url)
        assert (status, fields["Cache-Control"]) == (404, "no-store")
        assert get(index, url)[0] == 404
    for name, (data, _) in before.items():
        (root / name).write_bytes(data)
    index.resources.cache.checked.clear()  # a second later
    assert {url: get(index, url)[2] for _, url in before.values()} == {url: expected[url] for _, url in before.values()}


def test_a_source_that_changed_unseen_does_not_get_into_the_store(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Objects are for every process and later start: their bytes must be those of the digest, not only of the stamp."""
    store = str(tmp_path / "store")
    index = collect(root, store)
    changed = STYLE.replace("c1{", "X1{").encode()
    monkeypatch.setattr("servestatic.disk.read.read_slice", lambda _: changed)
    assert get(index, index.url("large.css"))[0] == 404
    assert [*Store(Path(store)).objects()] == []


def test_pages_follow_their_source(root: Path, store: str) -> None:
    index = collect(root, store)
    assert index.path("b.svg") in get(index, "/static/page.html")[2].decode()
    (root / "page.html").write_text("<img src=b.svg>new")
    index.resources.cache.checked.clear()
    assert get(index, "/static/page.html")[2] == b"<img src=b.svg>new"
    (root / "page.html").write_text(FILES["page.html"])
    index.resources.cache.checked.clear()
    assert index.path("b.svg") in get(index, "/static/page.html")[2].decode()


def test_large_files_are_rewritten_before_a_request_waits(
    root: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servestatic.pipeline.steps._REWRITTEN_INLINE", 50_000)
    index = collect(root, store)
    monkeypatch.setattr("servestatic.pipeline.rewrite.rewrite", lambda *_: pytest.fail("it was made at the start"))
    assert index.path("b.svg").encode() in get(index, index.url("large.css"))[2]


def test_sources_without_a_path(store: str) -> None:
    files = [File(name, data.encode(), None, "memory") for name, data in FILES.items()]
    index = servestatic.collect(files, store=store, compress="build")
    assert index.path("b.svg").encode() in get(index, index.url("large.css"))[2]
    if store != "none":
        shutil.rmtree(store)
    assert index.path("b.svg").encode() in get(index, index.url("large.css"))[2]


def test_a_build_has_what_was_never_asked_for(root: Path, store: str, tmp_path: Path) -> None:
    index = collect(root, store)
    index.write(str(tmp_path / "out"))
    for name in REWRITTEN:
        written = (tmp_path / "out" / index.path(name)).read_bytes()
        assert written == get(index, index.url(name))[2]


def test_a_build_of_a_source_that_changed_fails(root: Path, store: str, tmp_path: Path) -> None:
    index = collect(root, store)
    (root / "large.css").write_text("other")
    with pytest.raises(servestatic.BuildError, match=r"large.*changed"):
        index.write(str(tmp_path / "out"))


def test_another_version_that_rewrites_otherwise_has_objects_of_its_own(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(tmp_path / "store")
    bodies(collect(root, store))
    before = {path.name for path in Store(Path(store)).objects()}
    monkeypatch.setattr("servestatic.pipeline.rewrite._FORMAT", b"another")
    bodies(collect(root, store))
    after = {path.name for path in Store(Path(store)).objects()}
    assert len(after) == 2 * len(before)
    assert after > before


@pytest.mark.parametrize(
    "edits", [[], [Edit(0, 0, b"")], [Edit(1, 2, b"abc"), Edit(2**40, 2**41, b"\0" * 70_000), Edit(2**50, 2**50, b"x")]]
)
def test_packed_edits(edits: list[Edit]) -> None:
    assert [*unpack_edits(pack_edits(edits))] == edits


def test_small_bodies_are_held_within_the_limit(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TargetCache, "MAX_HELD", 1000)
    index = collect(root, str(tmp_path / "store"))
    for name in REWRITTEN:
        get(index, index.url(name))
    target = index.get(index.url("small.css"))
    assert isinstance(target, Resource)
    assert not isinstance(target.representations[0].body, Memory)
    assert os.path.exists(target.representations[0].body.path)


def test_the_first_request_looks_twice_and_makes_once(tmp_path: Path) -> None:
    """A look-up for the rewritten bytes, one that finds no coding; then the resource is made with what was encoded."""
    root = write(tmp_path / "static", {"a.css": "a{background:url(b.png)}" * 99, "b.png": "b"})
    index = servestatic.collect(root, store=str(tmp_path / "store"), compress="build")
    url, look, make = index.url("a.css"), Store.get, Resources.make
    with (
        patch.object(Store, "get", autospec=True, side_effect=look) as looked,
        patch.object(Resources, "make", autospec=True, side_effect=make) as made,
    ):
        target = find(index.resources, url, "")
        assert target is not None
        response, file = answer(index.resources, target, Request("GET", {"accept-encoding": "br"}))
    assert (dict(response.fields)["Content-Encoding"], file) == ("br", None)
    assert looked.call_count <= 2
    assert made.call_count == 1
