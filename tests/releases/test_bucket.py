"""Buckets, by the one that obstore keeps in memory; tests/acceptance/fleet has a server of S3."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import obstore
import pytest

import servestatic
from servestatic import SettingError
from servestatic.assets.coding import ContentCoding, name_object
from servestatic.releases.bucket import BucketPlace
from servestatic.releases.coding_table import encode_best
from servestatic.releases.foresee import Foreseen, foresee_put
from servestatic.releases.history import History
from servestatic.releases.place import DirectoryPlace, open_place
from servestatic.releases.put import Put, put
from servestatic.releases.retain import Retention
from servestatic.releases.selection import AS_IT_IS, Form
from servestatic.releases.written_fields import FIELDS
from servestatic.serving.compression.coders import codings, find_fast
from servestatic.store import Store
from tests.support.files import write
from tests.support.indexes import store_encoder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from servestatic.http.message import Fields

FILES = {"a.css": "a{}" * 500, "b.svg": "<svg/>" * 300, "c.png": "c", "random.bin": "r" * 3000}


@pytest.fixture
def place() -> BucketPlace:
    return BucketPlace("memory:///")


def test_the_five_verbs(place: BucketPlace) -> None:
    assert [*place.list()] == []
    assert place.read("a/b", 10) is None
    place.delete("a/b")
    assert place.create("a/b", (b"1", b"2"), (("Content-Type", "text/css"), ("X-A", "b")))
    assert not place.create("a/b", (b"3",))
    assert place.read("a/b", 2) == b"12"
    assert place.read("a/b", 1) is None
    place.replace("a/b", b"4")
    place.replace("c", b"")
    assert {(listed.path, listed.size) for listed in place.list()} == {("a/b", 1), ("c", 0)}
    assert [listed.path for listed in place.list("a")] == ["a/b"]
    place.delete("a/b")
    assert [listed.path for listed in place.list()] == ["c"]


def test_a_bucket_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:1", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    place = BucketPlace("s3://bucket/prefix")
    for use in (
        lambda: [*place.list()],
        lambda: place.read("a", 1),
        lambda: place.replace("a", b""),
        lambda: place.delete("a"),
    ):
        with pytest.raises(OSError, match="Generic S3 error"):
            use()


def test_without_obstore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(SettingError, match=r"needs obstore. Install the extra: pip install 'statictree\[cloud\]'"):
        open_place("s3://bucket")
    assert isinstance(open_place("s3"), DirectoryPlace)


def test_a_client_is_made_in_each_process(place: BucketPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place._client is None, "nothing is opened before a fork"
    place.replace("a", b"1")
    client = place._client
    assert place.read("a", 1) == b"1"
    assert place._client is client
    monkeypatch.setattr("os.getpid", lambda: -1)
    place.read("a", 1)
    assert place._client is not client


def test_codings_come_from_the_place(tmp_path: Path, place: BucketPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new machine makes none that a release in the place has, nor tries those that were not worthwhile."""
    root = write(tmp_path / "static", FILES)
    index = servestatic.collect(root, store="none")
    put(place, index.catalog, codings=codings(), encode=encode_best)
    css = index.path("a.css")
    assert {listed.path for listed in place.list()} >= {css, *(css + coding.suffix for coding in codings())}

    def fail(data: bytes) -> bytes:
        pytest.fail("another machine has made it")

    without = tuple(coding._replace(best=fail) for coding in codings())
    monkeypatch.setattr("servestatic.serving.compression.encode_all.each_coding", lambda: without)
    store = Store(tmp_path / "store")
    encoder = store_encoder(index, store, take=History(place, None, "/static/").take)
    encoder.settle()
    for name in ("a.css", "b.svg"):
        digest = index.catalog.locate(name).row.digest
        assert all(store.has(name_object(digest, coding)) for coding in without)


@pytest.mark.parametrize("how", ["other bytes", "a bomb", "no coding", "gone"])
@pytest.mark.parametrize("coding", codings(), ids=lambda coding: coding.name)
def test_codings_that_were_changed_are_not_taken(
    tmp_path: Path, place: BucketPlace, how: str, coding: ContentCoding
) -> None:
    """Not even if the document has their digest: they are decoded and compared."""
    index = servestatic.collect(write(tmp_path / "static", FILES), store="none")
    data = FILES["a.css"].encode()

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        made = {"other bytes": b"evil" * 300, "a bomb": bytes(1_000_000), "gone": data}.get(how)
        return b"no coding" if made is None else coding.best(made)

    put(place, index.catalog, codings=codings(), encode=encode)
    if how == "gone":
        place.delete(index.path("a.css") + coding.suffix)
    history = History(place, None, "/static/")
    history.update()
    assert history.take(index.catalog.locate("a.css").row.digest, coding, data) is None


# --------------------------------------------------------------------------------------------------------- fields


class Counted(BucketPlace):
    """A bucket that notes what is written to it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.written: list[str] = []

    def create(self, path: str, parts: Iterable[bytes], fields: Fields = ()) -> bool:
        self.written.append(path)
        return super().create(path, parts, fields)

    def replace(self, path: str, data: bytes, fields: Fields = ()) -> None:
        self.written.append(path)
        super().replace(path, data, fields)

    def delete(self, path: str) -> None:
        self.written.append(path)
        super().delete(path)

    def attributes(self, path: str) -> dict[str, str]:
        return dict(obstore.get(self._client, path).attributes)

    def forget(self) -> list[str]:
        """Return what was written since the last call."""
        written, self.written = self.written, []
        return written


def put_all(place: BucketPlace, root: Path, form: Form = AS_IT_IS, **settings: Any) -> Put | None:
    index = servestatic.collect(root, store="none", **settings)
    beside = () if form.encoded else codings()
    return put(place, index.catalog, codings=beside, form=form, refresh=True)


def test_a_changed_header_rule_rewrites_fields(tmp_path: Path) -> None:
    root, place = write(tmp_path / "static", FILES), Counted("memory:///")
    css, svg = (servestatic.collect(root, store="none").path(name) for name in ("a.css", "b.svg"))
    put_all(place, root)
    assert len([path for path in place.forget() if path.startswith(css.rpartition(".")[0])]) == 1 + len(codings())
    assert place.attributes(css)["Cache-Control"] == "max-age=31536000, immutable"
    assert put_all(place, root) is None
    assert place.forget() == [], "nothing has changed"
    done = put_all(place, root, headers={"*.css": {"Cache-Control": "max-age=60", "X-Robots-Tag": "none"}})
    assert done == Put(written=0, size=0, rewritten=1, left_out=0)
    beside = {css, *(css + coding.suffix for coding in codings())}
    assert {path for path in place.forget() if "/pending/" not in path} == {*beside, FIELDS}
    for path in beside:
        assert place.attributes(path)["Cache-Control"] == "max-age=60"
    for coding in codings():
        assert place.attributes(css + coding.suffix)["Content-Encoding"] == coding.name
    assert place.attributes(svg)["Cache-Control"] == "max-age=31536000, immutable"
    again = put_all(place, root, headers={"*.css": {"Cache-Control": "max-age=60", "X-Robots-Tag": "all"}})
    assert again is None, "a bucket does not keep X-Robots-Tag"
    assert place.forget() == []


def test_fields_of_files_that_another_release_has(tmp_path: Path) -> None:
    """A new release rewrites the fields of what it shares with an older one, and a release that comes back does."""
    root, place = write(tmp_path / "static", FILES), Counted("memory:///")
    css = servestatic.collect(root, store="none").path("a.css")
    put_all(place, root)
    write(root, {"c.png": "other"})
    done = put_all(place, root, headers={"*.css": {"Cache-Control": "max-age=60"}})
    assert done == Put(written=1, size=5, rewritten=1, left_out=0)
    assert place.attributes(css)["Cache-Control"] == "max-age=60"
    write(root, {"c.png": "c"})
    assert put_all(place, root) == Put(written=0, size=0, rewritten=1, left_out=0)
    assert place.attributes(css)["Cache-Control"] == "max-age=31536000, immutable"


@pytest.mark.parametrize("damaged", [False, True])
def test_codings_that_a_bucket_has_are_neither_made_nor_read(tmp_path: Path, damaged: bool) -> None:
    """So that a release in which one file changed costs one file; one of another length is made again."""
    svg, css = FILES["b.svg"], "c{}" * 500
    root = write(tmp_path / "static", {**FILES, "copy.svg": svg})
    place, made = Counted("memory:///"), list[bytes]()
    index = servestatic.collect(root, store="none")
    put(place, index.catalog, codings=codings())
    beside = f"{index.path('b.svg')}.br"
    if damaged:
        place.replace(beside, b"damaged")

    def encode(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
        made.append(data)
        return coding.best(data)

    write(root, {"a.css": css})
    later = servestatic.collect(root, store="none")
    put(place, later.catalog, codings=codings(), encode=encode)
    again = [svg.encode()] if damaged else []
    assert sorted(made) == sorted(again + [css.encode()] * len(codings()))
    history = History(place, None, "/static/")
    for name in FILES:
        row = later.catalog.locate(name).row
        data = (root / name).read_bytes()
        for coding in codings():
            taken = history.take(row.digest, coding, data)
            assert (taken is None) == name.endswith((".png", ".bin")), (name, coding.name)


def test_codings_of_a_file_that_moves(tmp_path: Path) -> None:
    """They are beside its new name, too, though the releases know them beside the old one."""
    root, place = write(tmp_path / "static", FILES), BucketPlace("memory:///")
    put_all(place, root)
    (root / "a.css").rename(root / "moved.css")
    put_all(place, root)
    moved = servestatic.collect(root, store="none").path("moved.css")
    for coding in codings():
        encoded = place.read(moved + coding.suffix, 1000)
        assert encoded
        assert coding.decode(encoded, 1500) == FILES["a.css"].encode()


@pytest.mark.parametrize("damage", [b"", b"x", b"servestatic release 4\n" + bytes(100)])
def test_fields_that_are_unknown_are_written_again(tmp_path: Path, damage: bytes) -> None:
    root, place = write(tmp_path / "static", FILES), Counted("memory:///")
    put_all(place, root)
    place.replace(FIELDS, damage)
    assert put_all(place, root) == Put(written=0, size=0, rewritten=len(FILES), left_out=0)
    assert put_all(place, root) is None


def test_a_file_that_a_place_has_lost_is_put_again(tmp_path: Path) -> None:
    root, place = write(tmp_path / "static", FILES), Counted("memory:///")
    put_all(place, root)
    path = servestatic.collect(root, store="none").path("c.png")
    place.delete(path)
    assert put_all(place, root) == Put(written=1, size=1, rewritten=0, left_out=0)
    assert place.read(path, 9) == b"c"


# ---------------------------------------------------------------------------------------------- for a CDN alone


@pytest.mark.parametrize("coding", [each for each in codings() if each.name != "zstd"], ids=lambda coding: coding.name)
def test_names_that_serve_a_coding_themselves(tmp_path: Path, coding: ContentCoding) -> None:
    """Where it is worthwhile; what is so small that it is not stays as it is."""
    root, place, form = write(tmp_path / "static", FILES), Counted("memory:///"), Form(encoded=coding)
    index = servestatic.collect(root, store="none")
    assert put_all(place, root, form) is not None
    assert {listed.path for listed in place.list() if not listed.path.startswith(".")} == {
        index.path(name) for name in FILES
    }
    for name, text in FILES.items():
        fields, data = place.attributes(index.path(name)), place.read(index.path(name), 10_000) or b""
        if fields.get("Content-Encoding"):
            assert fields["Content-Encoding"] == coding.name
            data = coding.decode(data, 10_000)
        assert data == text.encode()
        assert fields["Cache-Control"] == "max-age=31536000, immutable"
    assert place.attributes(index.path("a.css"))["Content-Encoding"] == coding.name
    assert "Content-Encoding" not in place.attributes(index.path("c.png"))
    place.forget()
    assert put_all(place, root, form) is None
    assert place.forget() == []
    history = History(place, Store(tmp_path / "store"), "/static/")
    found = history.find("/static/", index.path("a.css"))
    assert found
    assert history.fetch(found) is None, "it is not what a process serves as it is"
    assert history.take(found.row.digest, coding, FILES["a.css"].encode())


def test_plain_names(tmp_path: Path) -> None:
    """They are written again when their bytes change, even if the length does not; and pages are among them."""
    files = FILES | {"page.html": "<link rel=stylesheet href=a.css>"}
    root, place, form = write(tmp_path / "static", files), Counted("memory:///"), Form(plain=True)
    index = servestatic.collect(root, store="none")
    put_all(place, root, form)
    names = {listed.path for listed in place.list() if not listed.path.startswith(".")}
    assert names >= {*files, *map(index.path, files), "a.css.br"}
    assert place.attributes("a.css")["Cache-Control"] == "max-age=60"
    assert index.path("a.css").encode() in (place.read("page.html", 1000) or b"")
    write(root, {"c.png": "d"})
    place.forget()
    assert put_all(place, root, form) == Put(written=1, size=1, rewritten=1, left_out=0)
    assert place.read("c.png", 9) == b"d"
    assert put_all(place, root, form) is None


def test_what_a_put_would_do(tmp_path: Path) -> None:
    root, place = write(tmp_path / "static", FILES), Counted("memory:///")

    def foresee(**settings: Any) -> Foreseen:
        index = servestatic.collect(root, store="none", **settings)
        return foresee_put(place, index.catalog, Retention())

    assert (len(foresee().new), foresee().same, foresee().fields) == (len(FILES), {}, {})
    put_all(place, root)
    place.forget()
    write(root, {"c.png": "other"})
    found = foresee(headers={"*.css": {"Cache-Control": "max-age=60"}})
    assert [sum(part.values()) for part in (found.new, found.fields, found.same)] == [5, 1500, 4800]
    assert found.removable == ([], 0, 0)
    assert place.forget() == []


@pytest.mark.parametrize("coding", codings(), ids=lambda coding: coding.name)
def test_decoding(coding: ContentCoding) -> None:
    data = b"some bytes " * 5000
    for encode in filter(None, (coding.best, find_fast().get(coding.name))):
        assert coding.decode(encode(data), len(data)) == data
        assert len(coding.decode(encode(data), 100)) in range(101, len(data) + 1), "it is longer than it should be"
    for damaged in (b"", b"x", coding.best(data)[:-20]):
        try:
            assert coding.decode(damaged, len(data)) != data
        except ValueError:
            continue
