"""Notes of a store: damaged, moved or forged ones count as absent."""

import hashlib
import os
from pathlib import Path

import pytest

from servestatic.releases.format.file import Tables
from servestatic.releases.notes import Note
from servestatic.store import Store

PAIRS = {b"a": b"1", b"\xff": b"", b"z" * 5000: b"2" * 5000}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_what_is_noted(store: Store) -> None:
    assert Note(store, "about", "this").read_pairs() == {}
    Note(store, "about", "this").save_pairs(PAIRS.items())
    assert Note(store, "about", "this").read_pairs() == PAIRS
    assert Note(store, "about", "that").read_pairs() == {}
    Note(None, "about", "this").save_pairs(PAIRS.items())
    assert Note(None, "about", "this").read_pairs() == {}


def test_a_note_in_the_place_of_another(store: Store) -> None:
    note, other = Note(store, "a"), Note(store, "b")
    note.save_pairs(PAIRS.items())
    os.replace(store.place / "notes" / note.key, store.place / "notes" / other.key)
    assert other.open() is None
    assert other.read_pairs() == {}


def forge(note: Note, head: bytes) -> bytes:
    content = Tables().finish(key=note.key)
    line = content[: content.index(b"\n") + 1]
    return line + hashlib.sha256(head).digest() + len(head).to_bytes(4, "little") + head


@pytest.mark.parametrize(
    "head",
    [b"", b"[]", b"{}", b'{"key":1,"tables":{}}', b'{"tables":[]}', b"[" * 200_000, b'{"tables":{"pairs":[1]}}'],
    ids=["empty", "a list", "nothing", "another key", "no tables", "too deep", "no location"],
)
def test_heads_that_nobody_wrote(store: Store, head: bytes) -> None:
    note = Note(store, "a")
    store.save_note(note.key, forge(note, head))
    assert note.open() is None
    assert note.read_pairs() == {}


def test_traps(store: Store) -> None:
    notes = [Note(store, str(number)) for number in range(3)]
    fifo, folder, device = (store.place / "notes" / note.key for note in notes)
    os.mkfifo(fifo)
    folder.mkdir()
    device.symlink_to("/dev/zero")
    assert [note.open() for note in notes] == [None] * 3
