"""Deltas: who has an earlier version of a file gets the difference, and nobody else does (RFC 9842)."""

from __future__ import annotations

import hashlib
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic.assets.keys import make_key
from servestatic.assets.names import split_hash
from servestatic.assets.versions import MAX_LENGTH
from servestatic.http.dictionary import write_dictionary
from servestatic.http.message import Request
from servestatic.http.respond import respond
from servestatic.releases.document import Document
from servestatic.releases.history import History
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
from servestatic.runtime.news import News
from servestatic.serving.compression import delta_cache, deltas
from servestatic.serving.compression.coders import find_zstd
from servestatic.serving.compression.delta_cache import MemoryCache
from servestatic.serving.compression.delta_coder import CODER, encode_delta
from servestatic.serving.compression.deltas import Deltas
from servestatic.serving.deliver import answer, answer_at_once, find
from servestatic.sources.directory import Directory
from servestatic.store import Store
from tests.support.client import get
from tests.support.files import write
from tests.support.indexes import renew

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from servestatic import Index
    from servestatic.releases.versions import Kept

CHROME = "gzip, deflate, br, zstd, dcb, dcz"


def script(lines: int, seed: int = 1) -> str:
    """Return a script that compresses as scripts do."""
    numbers = random.Random(seed)
    words = ["const", "value", "render", "state", "props", "index", "length", "return", "await", "element"]
    names = (f"{numbers.choice(words)}_{numbers.randrange(9999)}" for _ in range(lines))
    return "".join(f"{name}={numbers.randrange(10**6)};\n" for name in names)


OLD = script(1000)
NEW = OLD.replace(OLD[9_000:9_020], "/* one line has changed */")


def name_of(data: str) -> str:
    return write_dictionary(hashlib.sha256(data.encode()).digest())


def decode(body: bytes, old: str) -> str:
    """Decode a delta as a client does."""
    zstd = find_zstd()
    assert zstd is not None
    assert body[:8].hex() == "5e2a4d1820000000"
    assert body[8:40] == hashlib.sha256(old.encode()).digest()
    dictionary = zstd.ZstdDict(old.encode(), is_raw=True).as_prefix
    data: bytes = zstd.decompress(body[40:], zstd_dict=dictionary)
    return data.decode()


class Site:
    """Releases of one script, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = DirectoryPlace(folder / "place")

    def release(self, text: str, name: str = "app.js", **settings: Any) -> Index:
        """Collect the script, make its codings, so that no thread replaces them later, and have its release kept."""
        write(self.folder / "static", {name: text})
        own = {"store": str(self.folder / "store"), "releases": self.place.name, "compress": "startup"}
        options = own | settings
        return servestatic.collect(self.folder / "static", **options)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def index(site: Site) -> Index:
    """The second release."""
    site.release(OLD)
    return site.release(NEW)


def ask(index: Index, dictionary: str = OLD, accept: str = CHROME, name: str = "app.js", **fields: str) -> Any:
    return get(index, index.url(name), accept_encoding=accept, available_dictionary=name_of(dictionary), **fields)


# -------------------------------------------------------------------------------------------------- who gets one


def test_the_difference_is_sent(index: Index) -> None:
    whole = get(index, index.url("app.js"), accept_encoding=CHROME)[2]
    status, fields, body = ask(index)
    assert status == 200
    assert fields["Content-Encoding"] == "dcz"
    assert fields["Content-Length"] == str(len(body))
    assert decode(body, OLD) == NEW
    assert len(body) < 200 < len(whole)
    assert index.statistics().deltas == 1
    assert index.statistics().saved == len(whole) - len(body)


def test_fields_of_every_answer(index: Index) -> None:
    """§2.1 and §6.2: what offers the bytes as a dictionary, and what keeps caches from mixing the answers up."""
    for fields in ({}, {"accept_encoding": "br"}, {"accept_encoding": CHROME, "available_dictionary": name_of(OLD)}):
        status, said, _ = get(index, index.url("app.js"), **fields)
        assert status == 200
        assert said["Use-As-Dictionary"] == 'match="app.*.js"'
        assert said["Vary"] == "Accept-Encoding, Available-Dictionary"
    status, said, _ = ask(index, if_none_match=ask(index)[1]["ETag"])
    assert status == 304
    assert said["Vary"] == "Accept-Encoding, Available-Dictionary"
    assert "Use-As-Dictionary" not in said


def test_every_representation_has_its_own_tag(index: Index) -> None:
    tags = {get(index, index.url("app.js"), accept_encoding=coding)[1]["ETag"] for coding in ("br", "gzip", "identity")}
    assert ask(index)[1]["ETag"] not in tags


NO_DELTA = {
    "no dictionary": {"accept_encoding": CHROME},
    "an unknown one": {"accept_encoding": CHROME, "available_dictionary": write_dictionary(bytes(32))},
    "a malformed one": {"accept_encoding": CHROME, "available_dictionary": name_of(OLD).strip(":")},
    "two": {"accept_encoding": CHROME, "available_dictionary": f"{name_of(OLD)}, {name_of(OLD)}"},
    "dcz is not accepted": {"accept_encoding": "gzip, br", "available_dictionary": name_of(OLD)},
    "dcz is refused": {"accept_encoding": "br, dcz;q=0", "available_dictionary": name_of(OLD)},
    "anything is accepted": {"accept_encoding": "*", "available_dictionary": name_of(OLD)},
    "brotli is preferred": {"accept_encoding": "br, dcz;q=0.5", "available_dictionary": name_of(OLD)},
    "dcb alone": {"accept_encoding": "br, dcb", "available_dictionary": name_of(OLD)},
}


@pytest.mark.parametrize("fields", NO_DELTA.values(), ids=NO_DELTA)
def test_who_gets_none(index: Index, fields: dict[str, str]) -> None:
    ask(index)  # the delta exists
    status, said, body = get(index, index.url("app.js"), **fields)
    assert (status, said["Content-Encoding"]) == (200, "br")
    assert len(body) > 1000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.html", f"<p>{OLD}"),  # its name is plain
        ("small.js", "1" * 100),
        ("photo.png", OLD),
        ("huge.js", " " * (MAX_LENGTH + 1)),
        ("table.csv", OLD),
    ],
)
def test_files_without_deltas(site: Site, name: str, text: str) -> None:
    index = site.release(text, name)
    said = get(index, index.url(name), accept_encoding=CHROME)[1]
    assert "Use-As-Dictionary" not in said
    assert "Available-Dictionary" not in said.get("Vary", "")


def test_plain_names_have_none(index: Index) -> None:
    said = get(index, "/static/app.js", accept_encoding=CHROME, available_dictionary=name_of(OLD))[1]
    assert said["Content-Encoding"] == "br"
    assert said["Vary"] == "Accept-Encoding"
    assert "Use-As-Dictionary" not in said


@pytest.mark.parametrize("settings", [{"deltas": False}, {"releases": "none"}, {"store": "none"}, {"live": True}])
def test_turned_off(site: Site, settings: dict[str, Any]) -> None:
    site.release(OLD)
    said = ask(site.release(NEW, **settings))[1]
    assert said.get("Content-Encoding") == "br"
    assert said["Vary"] == "Accept-Encoding"
    assert "Use-As-Dictionary" not in said


def test_a_delta_that_saves_nothing(site: Site) -> None:
    other = script(1000, seed=2)
    site.release(OLD)
    index = site.release(other)
    assert ask(index)[1]["Content-Encoding"] == "br"
    assert index.resources.made[index.url("app.js")].deltas == {name_of(OLD): None}  # type: ignore[union-attr]


def test_rewritten_bytes(site: Site) -> None:
    """The dictionary is what the fingerprinted name served: a stylesheet with its references rewritten."""
    style = "".join(f"a{number}{{color:#{number:06x}}}" for number in range(900))
    write(site.folder / "static", {"b.svg": "<svg/>"})
    first = site.release("a{background:url(b.svg)}" + style, "a.css")
    old = get(first, first.url("a.css"))[2].decode()
    assert "b.svg" not in old
    index = site.release("a{background:url(b.svg)}" + style + "p{}", "a.css")
    body = ask(index, old, name="a.css")[2]
    assert decode(body, old) == get(index, index.url("a.css"))[2].decode()


# --------------------------------------------------------------------------------------------- ranges, conditions


def test_ranges(index: Index) -> None:
    """A part of a delta is only sent to clients that have its first part: If-Range names its tag."""
    _, whole, body = ask(index)
    status, said, part = ask(index, range="bytes=10-")
    assert (status, said.get("Content-Encoding")) == (206, None), "a range of identity, which all processes have"
    status, said, part = ask(index, range="bytes=10-", if_range=whole["ETag"])
    assert (status, said["Content-Encoding"], part) == (206, "dcz", body[10:])
    status, said, part = ask(index, accept="dcz, identity;q=0", range="bytes=10-")
    assert (status, said["Content-Encoding"], part) == (200, "dcz", body)


def test_conditions(index: Index) -> None:
    tag = ask(index)[1]["ETag"]
    assert ask(index, if_none_match=tag)[0] == 304
    assert ask(index, if_match=tag)[0] == 200
    assert ask(index, if_match='"x"')[0] == 412
    assert get(index, index.url("app.js"), accept_encoding="br", if_none_match=tag)[0] == 200


def test_head(index: Index) -> None:
    target = find(index.resources, index.url("app.js"), "")
    assert target is not None
    fields = {"accept-encoding": CHROME, "available-dictionary": name_of(OLD)}
    first = answer_at_once(index.resources, target, Request("HEAD", fields))
    assert first is not None
    assert dict(first[0].fields)["Content-Encoding"] == "br", "nothing is made for an answer without a body"


# --------------------------------------------------------------------------------------------- bytes that are gone


def test_other_bytes_in_the_place(site: Site) -> None:
    """A wrong dictionary would break the page, so bytes that are not what the document says are never one."""
    first = site.release(OLD)
    path = site.folder / "place" / first.path("app.js")
    path.write_text(OLD.replace("1", "2"))
    assert ask(site.release(NEW))[1]["Content-Encoding"] == "br"


def test_a_file_that_was_removed(site: Site) -> None:
    first = site.release(OLD)
    (site.folder / "place" / first.path("app.js")).unlink()
    assert ask(site.release(NEW))[1]["Content-Encoding"] == "br"


def test_new_bytes_that_change(site: Site) -> None:
    """The source changes after the start: no delta of bytes that the URL does not promise."""
    site.release(OLD)
    index = site.release(NEW, releases="none", deltas=True)
    place = servestatic.collect(site.folder / "static", store=str(site.folder / "store"), releases=site.place.name)
    write(site.folder / "static", {"app.js": NEW + "// changed under the server\n"})
    said = ask(place)
    assert said[1].get("Content-Encoding") != "dcz" or decode(said[2], OLD) == NEW
    assert index is not place


def test_a_lost_delta(index: Index, site: Site) -> None:
    """The store's object vanishes between two requests: the next answer is whole, and the one after a delta again."""
    body = ask(index)[2]
    cold = renew(index)
    for path in (site.folder / "store").rglob("*"):
        if path.is_file() and path.read_bytes().endswith(body):
            path.unlink()
    for _ in range(3):
        status, said, data = ask(cold)
        assert status == 200
        assert said["Content-Encoding"] != "dcz" or decode(data, OLD) == NEW


# --------------------------------------------------------------------------------------------- work and bounds


def test_made_once(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def count(old: bytes, new: bytes) -> bytes:
        made.append(len(new))
        return encode_delta(old, new)

    monkeypatch.setattr(deltas, "encode_delta", count)
    bodies = {ask(cold)[2] for cold in (index, renew(index), renew(index)) for _ in range(3)}
    assert len(bodies) == 1
    assert made == [len(NEW)]


@pytest.mark.parametrize("error", [MemoryError(), ImportError("zstd"), ValueError("zstd")], ids=repr)
def test_a_library_that_fails(
    index: Index, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole file is sent, and the log says once why."""

    def fail(old: bytes, new: bytes) -> bytes:
        raise error

    monkeypatch.setattr(deltas, "encode_delta", fail)
    monkeypatch.setattr(deltas, "is_new", News().is_new)
    for cold in (index, renew(index)):
        assert ask(cold)[1]["Content-Encoding"] == "br"
    assert [record.getMessage() for record in caplog.records if "no delta" in record.getMessage()] == [
        f"servestatic: no delta can be made, files are sent whole: {error!r}"
    ]


def test_while_a_thread_makes_it_others_get_the_whole(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def wait(old: bytes, new: bytes) -> bytes:
        begun.set()
        assert go.wait(10)
        return encode_delta(old, new)

    monkeypatch.setattr(deltas, "encode_delta", wait)
    thread = threading.Thread(target=lambda: ask(index))
    thread.start()
    assert begun.wait(10)
    assert ask(index)[1]["Content-Encoding"] == "br"
    go.set()
    thread.join()
    assert ask(index)[1]["Content-Encoding"] == "dcz"


@pytest.mark.parametrize("old", ["", "1234567", "x" * 1023])
def test_versions_that_are_too_small(site: Site, old: str) -> None:
    """They were never offered as dictionaries; everybody knows the digest of an empty file."""
    site.release(old)
    index = site.release(NEW)
    assert ask(index, old)[1]["Content-Encoding"] == "br"


def test_the_file_itself(index: Index) -> None:
    """A client that has the file, and asks for it all the same, gets no difference from itself."""
    assert ask(index, NEW)[1]["Content-Encoding"] == "br"


def test_another_file_with_the_same_dictionary(site: Site) -> None:
    """`app.*.js` matches `app.worker.js`, too: what is unknown there is not unknown for the file itself."""
    write(site.folder / "static", {"app.worker.js": script(300)})
    site.release(OLD)
    index = site.release(NEW)
    assert ask(index, name="app.worker.js")[1]["Content-Encoding"] == "br"
    assert ask(index)[1]["Content-Encoding"] == "dcz"


def test_below_several_mounts(site: Site) -> None:
    """A file of one mount whose URL is below another."""
    write(site.folder / "other", {"b.js": "1"})

    def release(text: str) -> Index:
        write(site.folder / "static", {"lib/a.js": text})
        other = Directory(site.folder / "other", at="/static/lib/")
        options = {"store": str(site.folder / "store"), "releases": site.place.name}
        return servestatic.collect(site.folder / "static", other, **options)  # type: ignore[arg-type]

    release(OLD)
    assert ask(release(NEW), name="lib/a.js")[1]["Content-Encoding"] == "dcz"


def test_as_many_as_a_process_makes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deltas, "MAX_MADE", 2)
    names = ["a.js", "b.js", "c.js"]
    write(site.folder / "static", dict.fromkeys(names, OLD))
    site.release(OLD)
    write(site.folder / "static", dict.fromkeys(names, NEW))
    index = site.release(NEW)
    got = [ask(index, name=name)[1]["Content-Encoding"] for name in names for _ in range(2)]
    assert got == ["dcz"] * 6, "equal files have one delta"
    write(site.folder / "static", {name: NEW + name for name in names})
    index = site.release(NEW)
    assert [ask(index, NEW, name=name)[1]["Content-Encoding"] for name in names] == ["dcz", "dcz", "br"]


def test_what_is_not_worthwhile_is_not_kept(site: Site) -> None:
    site.release(OLD)
    index = site.release(script(1000, seed=2))
    before = {path for path in (site.folder / "store/objects").rglob("*") if path.is_file()}
    assert ask(index)[1]["Content-Encoding"] == "br"
    made = {path for path in (site.folder / "store/objects").rglob("*") if path.is_file()} - before
    assert not any(path.read_bytes().find(bytes.fromhex("5e2a4d18")) >= 0 for path in made)


def test_an_answer_given_while_the_delta_is_made_is_not_remembered(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The maker finishes between the answer and the moment when it would be remembered."""
    original = respond

    def finish_meanwhile(resource: Any, request: Any) -> Any:
        response = original(resource, request)
        monkeypatch.setattr("servestatic.serving.deliver.respond", original)
        index.resources.deltas._making.clear()  # type: ignore[union-attr]
        assert ask(index)[1]["Content-Encoding"] == "dcz"
        return response

    ask(index, "")
    key = "the key of an adapter"
    fields = {"accept-encoding": CHROME, "available-dictionary": name_of(OLD)}
    index.resources.deltas._making.add(_key_of(index))  # type: ignore[union-attr]
    monkeypatch.setattr("servestatic.serving.deliver.respond", finish_meanwhile)
    target = index.get(index.url("app.js"))
    assert target is not None
    response, _ = answer(index.resources, target, Request("GET", fields), key)
    assert dict(response.fields)["Content-Encoding"] == "br"
    assert key not in target.answers


def _key_of(index: Index) -> str:
    target = index.get(index.url("app.js"))
    digest = hashlib.sha256(OLD.encode()).hexdigest()
    return make_key("delta", CODER, digest, target.representations[0].etag)  # type: ignore[union-attr]


def test_many_files_of_a_page_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser asks for all files of a page at once: each is sent as its difference, however many are large."""
    monkeypatch.setattr(deltas, "_LARGE", 16 * 1024)
    large = script(1500)
    assert len(large) > deltas._LARGE
    names = [f"{number}.js" for number in range(6)]
    for more in ("", "more()\n"):
        write(site.folder / "static", {name: large + f"number({name[0]})\n" + more for name in names})
        index = site.release(OLD)
    got: list[str] = []

    def load(name: str) -> None:
        got.append(ask(index, large + f"number({name[0]})\n", name=name)[1]["Content-Encoding"])

    threads = [threading.Thread(target=load, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["dcz"] * 6


def test_they_are_made_off_the_event_loop(index: Index) -> None:
    """Looking for the version reads documents, and reading it may wait for a disk."""
    ask(index, "")
    target = index.get(index.url("app.js"))
    assert target is not None
    fields = {"accept-encoding": CHROME, "available-dictionary": name_of(OLD)}
    assert answer_at_once(index.resources, target, Request("GET", fields)) is None
    ask(index)
    assert answer_at_once(index.resources, target, Request("GET", fields)) is not None


def test_many_dictionaries(index: Index) -> None:
    """Digests that no release has are remembered, within bounds."""
    for number in range(100):
        unknown = write_dictionary(number.to_bytes(32, "big"))
        said = get(index, index.url("app.js"), accept_encoding=CHROME, available_dictionary=unknown)[1]
        assert said["Content-Encoding"] == "br"
    target = index.get(index.url("app.js"))
    assert len(target.deltas) <= 32  # type: ignore[union-attr] # it is a resource
    assert not any(target.deltas.values())  # type: ignore[union-attr]
    assert len(target.answers) <= 16  # type: ignore[union-attr]


def test_a_release_that_comes_later(site: Site) -> None:
    """What was unknown is looked up again once the place has another release, as after a rollback."""
    index = site.release(OLD)
    assert ask(index, NEW)[1]["Content-Encoding"] == "br"
    later = site.release(NEW)
    write(site.folder / "static", {"app.js": OLD})
    assert get(index, later.url("app.js"))[0] == 200, "asked for a name of the later release, it looks into the place"
    assert ask(index, NEW)[1]["Content-Encoding"] == "dcz"


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta_cache, "MAX_HELD", 1000)
    cache = MemoryCache()
    assert cache.put("large", bytes(1001)) is None
    for number in range(100):
        cache.put(str(number), bytes(300))
    assert [cache.get(str(number)) is not None for number in range(100)] == [True] * 3 + [False] * 97


class DistantPlace(DirectoryPlace):
    """A place whose files are far away."""

    near = False


def test_distant_bytes_are_fetched_beside_requests(site: Site) -> None:
    """No answer waits for the network: the whole is sent until the earlier bytes are here."""
    first = site.release(OLD)
    distant = DistantPlace(site.place.name)
    index = site.release(NEW)
    put(distant, first.catalog)
    store = Store(site.folder / "other")
    history = History(distant, store, "/static/")
    history.update()
    made = Deltas(history, store)
    digest = hashlib.sha256(OLD.encode()).digest()
    version = made.find("/static/", index.path("app.js"), digest)
    assert version is not None
    resource = index.get(index.url("app.js"))
    representations = resource.representations  # type: ignore[union-attr] # it is a resource
    with pytest.raises(BlockingIOError):
        made.make(version, representations)
    until(lambda: history.read(version) is not None)
    assert made.make(version, representations) is not None


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; BlockingIOError means that it does not yet."""
    waiting = threading.Event()
    for _ in range(500):
        try:
            if condition():
                return
        except BlockingIOError:
            pass
        waiting.wait(0.02)
    pytest.fail("not within 10 seconds")


class Unreachable:
    """Versions whose bytes cannot be fetched."""

    def __init__(self) -> None:
        self.fetched = 0
        self.done = threading.Event()

    def find_version(self, mount: str, name: str, digest: bytes) -> Kept | None:
        return None

    def read(self, kept: Kept) -> bytes | None:
        raise BlockingIOError

    def fetch(self, kept: Kept) -> bool:
        self.fetched += 1
        self.done.set()
        return False


def test_what_cannot_be_fetched_is_left_alone_for_a_while(index: Index) -> None:
    digest = hashlib.sha256(OLD.encode()).digest()
    version = index.resources.deltas.find("/static/", index.path("app.js"), digest)  # type: ignore[union-attr]
    assert version is not None
    versions = Unreachable()
    made = Deltas(versions, MemoryCache())
    representations = index.get(index.url("app.js")).representations  # type: ignore[union-attr]
    for _ in range(20):
        with pytest.raises(BlockingIOError):
            made.make(version, representations)
        assert versions.done.wait(10)
    assert versions.fetched <= 2


# --------------------------------------------------------------------------------------------- sealed builds


def test_a_build_that_keeps_releases(site: Site) -> None:
    out = str(site.folder / "out")
    site.release(OLD).write(out)
    site.release(NEW).write(out)
    index = servestatic.collect(build=out)
    _, said, body = ask(index)
    assert said["Content-Encoding"] == "dcz"
    assert decode(body, OLD) == NEW
    old = index.url("app.js")
    assert get(index, old, accept_encoding="br")[1]["Use-As-Dictionary"] == 'match="app.*.js"'


def test_below_another_prefix(site: Site) -> None:
    """A release that was served below another prefix has the bytes all the same."""
    site.release(OLD, prefix="/assets/")
    assert ask(site.release(NEW))[1]["Content-Encoding"] == "dcz"


# --------------------------------------------------------------------------------------------- names of bundlers


def test_what_a_bundler_has_named(site: Site) -> None:
    """Its hash is the part that differs; the versions are found among all names like it."""
    settings = {"immutable": "assets/*"}
    site.release(OLD, "assets/index-DiwrgTda.js", **settings)
    (site.folder / "static/assets/index-DiwrgTda.js").unlink()
    site.release(script(300), "assets/index-Abcdefgh.js", **settings)
    (site.folder / "static/assets/index-Abcdefgh.js").unlink()
    index = site.release(NEW, "assets/index-B-x_9aQz.js", **settings)
    status, said, body = ask(index, name="assets/index-B-x_9aQz.js")
    assert said["Use-As-Dictionary"] == 'match="index-*.js"'
    assert (status, said["Content-Encoding"]) == (200, "dcz")
    assert decode(body, OLD) == NEW


HASHED = {
    "index-DiwrgTda.js": ("index-", ".js"),
    "index-B-x_9aQz.css": ("index-", ".css"),
    "main.0123456789abcdef0123.js": ("main.", ".js"),
    "a/b.min-DiwrgTda.mjs": ("a/b.min-", ".mjs"),
    "jquery.js": None,
    "app.min.js": None,
    "DiwrgTda.js": None,
    "index-DiwrgTda": None,
    "": None,
}


@pytest.mark.parametrize(("name", "parts"), HASHED.items(), ids=HASHED)
def test_hashes_of_bundlers(name: str, parts: tuple[str, str] | None) -> None:
    assert split_hash(name) == parts


def test_many_names_of_one_pattern(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of them has a digest is one look-up, however many there are."""
    names = [f"assets/index-{number:08}.js" for number in range(200)]
    write(site.folder / "static", {name: f"{name};" * 100 for name in names})
    site.release(OLD, names[0], immutable="assets/*")
    index = site.release(OLD, names[0], immutable="assets/*")
    ask(index, name=names[1])
    looked: list[str] = []
    original = Document.find_public

    def count(document: Document, mount: str, name: str) -> Any:
        looked.append(name)
        return original(document, mount, name)

    monkeypatch.setattr(Document, "find_public", count)
    for number in range(20):
        unknown = write_dictionary(number.to_bytes(32, "big"))
        get(index, index.url(names[2]), accept_encoding=CHROME, available_dictionary=unknown)
    assert looked == []


def test_an_immutable_file_without_a_hash(site: Site) -> None:
    index = site.release(OLD, "lib/plain.js", immutable="lib/*")
    assert "Use-As-Dictionary" not in get(index, "/static/lib/plain.js", accept_encoding=CHROME)[1]
