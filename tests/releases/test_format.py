"""The format of releases: what is written is read back, and changed bytes are never used."""

import os
from bisect import bisect_left
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servestatic import BuildError
from servestatic.releases.format import blocks
from servestatic.releases.format.blocks import Pointer, pack_block
from servestatic.releases.format.column import Column
from servestatic.releases.format.file import VERSION, TableFile, Tables, hold_tables, open_tables
from servestatic.releases.format.table import Location

Pairs = dict[bytes, bytes]


def make(pairs: Pairs, **head: object) -> bytes:
    tables = Tables()
    tables.add("pairs", sorted(pairs.items()))
    return tables.finish(**head)


def hold(content: bytes) -> TableFile:
    return hold_tables(content, "the file")


@given(
    st.dictionaries(st.binary(max_size=40), st.binary(max_size=300), max_size=120),
    st.lists(st.binary(max_size=40), max_size=10),
)
def test_what_is_written_is_read_back(pairs: Pairs, others: list[bytes]) -> None:
    content = make(pairs, a=[1, "ü"])
    assert content == make(dict(reversed(pairs.items())), a=[1, "ü"]), "equal content is equal bytes"
    file = hold(content)
    table = file.table("pairs")
    assert file.head["a"] == [1, "ü"]
    assert [*table.items()] == sorted(pairs.items())
    assert {key: table.find(key) for key in (*pairs, *others)} == {key: pairs.get(key) for key in (*pairs, *others)}
    assert (len(table), table.longest) == (len(pairs), max(map(len, pairs), default=0))
    assert len(file.table("another")) == 0


def test_a_table_of_many_levels() -> None:
    """Each look-up reads one block of each level: here five."""
    pairs = {b"%05d" % number + b"x" * 700: b"%d" % number for number in range(2000)}
    table = hold(make(pairs)).table("pairs")
    assert table._location is not None
    assert table._location.levels >= 5
    assert all(table.find(key) == value for key, value in pairs.items())
    assert table.find(b"") is table.find(b"00001") is table.find(b"~") is None
    assert [*table.items()] == [*pairs.items()]


def test_a_value_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = {b"a": b"", b"b": b"x" * 100_000, b"c": b""}
    assert dict(hold(make(pairs)).table("pairs").items()) == pairs
    monkeypatch.setattr(blocks, "MAX_BLOCK", 50_000)
    with pytest.raises(BuildError, match="100,000 bytes about a single file are too much"):
        make(pairs)


# ------------------------------------------------------------------------------------------------ what was changed

PAIRS = {b"css/app%d.css" % number: b"%d" % number * 30 for number in range(60)}


def read_all(content: bytes) -> Pairs:
    """Read a file in each way; every way finds the same, or raises BuildError."""
    table = hold(content).table("pairs")
    try:
        found = {key: value for key in PAIRS if (value := table.find(key)) is not None}
    except BuildError:
        found = {}
    hold(content).verify()
    assert dict(table.items()) == found
    return found


def test_a_file_that_ends_too_early() -> None:
    content = make(PAIRS)
    for length in range(len(content)):
        with pytest.raises(BuildError, match="the file is damaged"):
            read_all(content[:length])


def test_every_byte_that_is_changed() -> None:
    """Each lookup finds what was written or nothing, and reading everything raises."""
    content = bytearray(make(PAIRS, head="more"))
    for position in range(len(content)):
        content[position] ^= 0xFF
        try:
            table = hold(bytes(content)).table("pairs")
        except BuildError:
            pass
        else:
            column = Column(table, lambda _, packed: packed)
            assert all(column.get(key.decode()) in (None, value) for key, value in PAIRS.items())
            with pytest.raises(BuildError, match="is damaged: the block at"):
                [*table.items()]
        content[position] ^= 0xFF


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not a file of releases"),
        (b"{}", "it is not a file of releases"),
        (b"servestatic release x\n" + bytes(100), "it is not a file of releases"),
        (b"servestatic release 9\n" + bytes(100), f"has version 9 .* reads version {VERSION}. Write it again with"),
        (b"servestatic release 10\n", "has version 10"),
        (b"servestatic release %d\n" % VERSION, "the file is damaged"),
        (make(PAIRS).replace(b"\n", b"\n" + bytes(32) + b"\xff" * 4, 1), "the file is damaged"),
    ],
)
def test_files_of_another_kind(content: bytes, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        hold(content)


def test_traps_in_place_of_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero"), tmp_path / "absent"):
        with pytest.raises(OSError):  # noqa: PT011 - each has its own
            open_tables(str(path))


@pytest.mark.parametrize("how", ["truncated", "replaced", "removed", "overwritten"])
def test_a_file_that_changes_while_it_is_served(tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture) -> None:
    """A file that was replaced or removed goes on to be what it was; a damaged one has nothing, and no signal comes."""
    path = tmp_path / how
    path.write_bytes(make(PAIRS))
    column = Column(open_tables(str(path)).table("pairs"), lambda _, packed: packed)
    if how == "truncated":
        os.truncate(path, 400)
    elif how == "overwritten":
        path.write_bytes(b"x" * path.stat().st_size)
    elif how == "removed":
        path.unlink()
    else:
        (tmp_path / "new").write_bytes(make({}))
        os.replace(tmp_path / "new", path)
    whole = how in ("replaced", "removed")
    for _ in range(2):
        assert [column.get(key.decode()) for key in PAIRS] == ([*PAIRS.values()] if whole else [None] * len(PAIRS))
    assert len(caplog.messages) == (0 if whole else len({*caplog.messages})) <= 5


@pytest.mark.parametrize(("size", "searched"), [(0, 0), (Column.FEW, 0), (Column.FEW + 1, 3)])
def test_a_name_that_a_small_table_does_not_have(size: int, searched: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request for a page of an application is one, where files are at the root of the site."""
    table = hold(make({b"%03d" % number: b"x" for number in range(size)})).table("pairs")
    column = Column(table, lambda _, packed: packed)
    calls: list[bytes] = []
    find = table.find

    def count(key: bytes) -> bytes | None:
        calls.append(key)
        return find(key)

    monkeypatch.setattr(table, "find", count)
    assert [column.get(name) for name in ("users/3", "0000", "\udcff")] == [None] * 3
    assert len(calls) == searched
    assert all(column.get(f"{number:03}") == b"x" for number in range(size))


def test_a_small_table_of_which_a_block_is_damaged() -> None:
    """The names of the others are found."""
    content = bytearray(make({b"a%02d" % number: b"x" * 400 for number in range(40)}))
    content[content.index(b"x" * 400)] ^= 1
    column = Column(hold(bytes(content)).table("pairs"), lambda _, packed: packed)
    found = [column.get(f"a{number:02}") for number in range(40)]
    assert 0 < found.count(None) < 40
    assert column.get("b") is None


# --------------------------------------------------------------------------------------------- forged files


class Forged:
    """A file in which blocks are what a test says, with the right digests."""

    def __init__(self) -> None:
        self.data = b""

    def add(self, block: bytes) -> Pointer:
        from hashlib import sha256

        self.data += block
        return Pointer(len(self.data) - len(block), len(block), sha256(block).digest())

    def write(self, top: Pointer, levels: int, size: int) -> bytes:
        location = Location(top, levels, size, 10).as_json()
        tables = Tables()
        tables._locations = {"pairs": location}
        return tables.finish() + self.data

    def open(self, top: Pointer, levels: int, size: int) -> TableFile:
        return hold(self.write(top, levels, size))


def number(*numbers: int) -> bytes:
    return b"".join(each.to_bytes(4, "little") for each in numbers)


BLOCKS: dict[str, bytes] = {
    "nothing": b"",
    "no keys": number(0),
    "more keys than bytes": number(2**32 - 1) + b"x" * 50,
    "ends beyond the block": number(1, 1, 2**32 - 1) + b"ab",
    "ends that go back": number(2, 1, 5, 2, 4) + b"abcd",
    "bytes after the last end": number(1, 1, 2) + b"abc",
    "a value that is no pointer": pack_block([b"a", b"b"]),
}


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_blocks_that_nobody_wrote(block: bytes, levels: int) -> None:
    forged = Forged()
    file = forged.open(forged.add(block), levels, 1)
    if block == BLOCKS["a value that is no pointer"] and levels == 1:
        file.verify()
        return
    for use in (file.verify, lambda: [*file.table("pairs").items()], lambda: file.table("pairs").find(b"a")):
        with pytest.raises(BuildError, match="is damaged"):
            use()


@pytest.mark.parametrize("keys", [[b"b", b"a"], [b"a", b"a"]], ids=["not in order", "twice"])
def test_leaves_that_are_not_in_order(keys: list[bytes]) -> None:
    """Their look-ups find something or nothing; going through them ends."""
    forged = Forged()
    leaves = [forged.add(pack_block([key, b"x"])) for key in keys]
    top = forged.add(pack_block([part for key, leaf in zip(keys, leaves, strict=True) for part in (key, leaf.pack())]))
    table = forged.open(top, 2, 2).table("pairs")
    assert table.find(b"a") in (b"x", None)
    with pytest.raises(BuildError, match="not in order"):
        [*table.items()]


def test_a_block_that_is_everywhere() -> None:
    """A thousand million million leaves, of which all but one are the same: reading everything ends at the second."""
    forged = Forged()
    pointer = forged.add(pack_block([b"a", b"x"]))
    for _ in range(15):
        pointer = forged.add(pack_block([part for key in b"abcdefghij" for part in (b"%c" % key, pointer.pack())]))
    table = forged.open(pointer, 16, 10**15).table("pairs")
    with pytest.raises(BuildError, match="not in order"):
        [*table.items()]


@pytest.mark.parametrize("size", [0, 2])
def test_a_wrong_number_of_keys(size: int) -> None:
    forged = Forged()
    with pytest.raises(BuildError, match=r"not in order|all of its keys"):
        forged.open(forged.add(pack_block([b"a", b"x"])), 1, size).verify()


@pytest.mark.parametrize(
    "pointer",
    [
        Pointer(2**40, 9, bytes(32)),
        Pointer(2**63 - 1, 9, bytes(32)),
        Pointer(0, 2**32 - 1, bytes(32)),
        Pointer(0, 0, b""),
    ],
    ids=["outside", "far outside", "huge", "empty"],
)
def test_pointers_that_lead_nowhere(pointer: Pointer, tmp_path: Path) -> None:
    forged = Forged()
    above = forged.add(pack_block([b"a", pointer.pack()]))
    for top, levels in ((pointer, 1), (above, 2)):
        with pytest.raises(BuildError, match="is damaged"):
            forged.open(top, levels, 1).table("pairs").find(b"a")
        (tmp_path / "file").write_bytes(forged.write(top, levels, 1))
        with pytest.raises(BuildError, match="is damaged"):
            open_tables(str(tmp_path / "file")).table("pairs").find(b"a")


@pytest.mark.parametrize("position", range(6))
@pytest.mark.parametrize("value", [None, -1, 2**70, 1.5, True, "x", "zz", [], {}])
def test_locations_that_nobody_wrote(position: int, value: object) -> None:
    location: list[object] = [0, 10, "00" * 32, 1, 1, 1]
    location[position] = value
    tables = Tables()
    tables._locations = {"pairs": location}
    with pytest.raises(BuildError, match="is damaged"):
        hold(tables.finish())


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(content: bytes, is_ours: bool) -> None:
    start = b"servestatic release %d\n" % VERSION if is_ours else b""
    with pytest.raises(BuildError):
        hold(start + content)


@given(st.data())
def test_any_change(data: st.DataObject) -> None:
    """Bytes that are inserted, removed or changed anywhere: an error, or the same pairs."""
    content = make(PAIRS)
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.integers(start, min(len(content), start + 60)))
    changed = content[:start] + data.draw(st.binary(max_size=60)) + content[stop:]
    try:
        found = read_all(changed)
    except BuildError:
        return
    assert found == PAIRS


def test_the_order_of_names_is_that_of_their_bytes() -> None:
    """So that a sorted list of texts is a sorted list of keys."""
    names = ["a", "a\x7f", "é", "\ud7ff", "\ue000", "\U00010000"]
    assert sorted(names) == sorted(names, key=str.encode)
    assert bisect_left(sorted(names), "é") == 2
