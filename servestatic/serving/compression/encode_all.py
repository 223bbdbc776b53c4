"""Settling: a walk that makes the best codings of everything in an index, and puts them into the store."""

import time
from collections.abc import Callable, Container, Iterable
from typing import TypeAlias

from servestatic.assets.coding import ContentCoding, name_object, worthwhile
from servestatic.disk.read import read_blob
from servestatic.errors import StoreError
from servestatic.http.message import Blob, Slice
from servestatic.http.representation import Representation, represent
from servestatic.runtime.threads import run_in_threads
from servestatic.runtime.worker import leave_at_exit
from servestatic.serving.compression.coders import each_coding, encode_fast
from servestatic.serving.compression.encoders import Room
from servestatic.serving.compression.table import Codings
from servestatic.store import Store

LARGE = 256 * 1024  # bytes; fast codings of more are made before the first request for them
_PAUSE = 1.0  # seconds before codings that other processes were making are checked again


def find_coding(store: Store, digest: bytes, coding: ContentCoding) -> Representation | bool | None:
    """Look up a coding in the store: True if it is not worthwhile, None if it was not made yet."""
    stored = store.get(name_object(digest, coding))
    if stored is None:
        return None
    return represent(coding.name, stored) if stored.length else True


def find_best(store: Store, digest: bytes) -> tuple[Representation, ...] | None:
    """Return the best row if the store has all of its codings; otherwise None."""
    row: list[Representation] = []
    for coding in each_coding():
        found = find_coding(store, digest, coding)
        if found is None:
            return None
        row += [found] if isinstance(found, Representation) else []
    return tuple(row)


class Pending:
    """What does not have its best codings yet: what was requested, and the fast codings that stand in."""

    def __init__(self) -> None:
        self._requested: dict[bytes, None] = {}  # the latest last
        self._fast = Room()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._fast

    def has_room(self) -> bool:
        """Return whether more fast codings may be made."""
        return self._fast.has_room()

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Make fast codings, if there is room for them."""
        row = encode_fast(data) if self.has_room() else ()
        self._fast.add(digest, sum(representation.length for representation in row))
        return row

    def ask(self, digest: bytes) -> None:
        """Note that bytes were requested: they come first."""
        self._requested[digest] = None

    def remove(self, digest: bytes) -> None:
        """Note that bytes have their best codings, or are gone."""
        self._fast.drop(digest)
        self._requested.pop(digest, None)

    def choose(self, waiting: dict[bytes, Blob]) -> Blob:
        """Take what was requested last out of `waiting`, or the first if nothing was."""
        while self._requested:
            digest, _ = self._requested.popitem()
            if digest in waiting:
                return waiting.pop(digest)
        return waiting.pop(next(iter(waiting)))


Take: TypeAlias = Callable[[bytes, ContentCoding, bytes], bytes | None]


def take_nothing(digest: bytes, coding: ContentCoding, data: bytes) -> None:
    """Find no coding."""


class Settling:
    """One walk.

    `elsewhere` has the digests of bytes whose codings exist elsewhere, and are not made. `take` returns codings that
    other machines have made.
    """

    def __init__(
        self,
        contents: Callable[[], Iterable[Blob]],
        table: Codings,
        store: Store,
        pending: Pending,
        elsewhere: Container[bytes],
        take: Take = take_nothing,
    ) -> None:
        self._contents = contents
        self._table = table
        self._store = store
        self._pending = pending
        self._elsewhere = elsewhere
        self._take = take

    def run(self, threads: int = 1) -> int:
        """Make the best codings of everything, and return how many were made.

        One thread takes short contents first, so that most are soon done; several threads begin with long ones.

        Raises:
            StoreError: the store cannot be written.
        """
        waiting = self._list_waiting()
        made = self._share(waiting, threads) if threads > 1 else 0
        for content in [content for content in waiting.values() if content.length > LARGE]:
            self._make_fast(content)
        while waiting:
            skipped: dict[bytes, Blob] = {}
            while waiting:
                content = self._pending.choose(waiting)
                count, finished = self._improve(content)
                made += count
                if not finished:
                    skipped[content.digest] = content
            waiting = skipped
            if waiting:
                time.sleep(_PAUSE)
        return made

    def _share(self, waiting: dict[bytes, Blob], threads: int) -> int:
        """Let threads empty `waiting`, except for what other processes make; return how many codings they made."""
        contents = [*reversed(waiting.values())]
        improved = run_in_threads(self._improve, contents, threads)
        waiting.clear()
        waiting |= {
            content.digest: content for content, (_, finished) in zip(contents, improved, strict=True) if not finished
        }
        return sum(made for made, _ in improved)

    def _list_waiting(self) -> dict[bytes, Blob]:
        """Note in the store what this process uses, and return what lacks its best codings, the shortest first."""
        used: list[str] = []
        waiting: dict[bytes, Blob] = {}
        codings = [*each_coding()]
        for content in self._contents():
            body = content.body
            if isinstance(body, Slice) and (key := self._store.key_of(body)):
                used.append(key)
            if content.digest in self._elsewhere:
                continue
            names = [name_object(content.digest, coding) for coding in codings]
            used += names
            if content.digest in self._pending or not all(map(self._store.has, names)):
                waiting[content.digest] = content
        self._store.note_use(used)
        return dict(sorted(waiting.items(), key=lambda item: item[1].length))

    def _make_fast(self, content: Blob) -> None:
        if self._table.get(content.digest) is not None or find_best(self._store, content.digest) is not None:
            return
        with self._table.make(content.digest, content.length) as mine:
            data = read_blob(content.body, content.digest) if mine else None
            if data is not None:
                self._table.add(content.digest, self._pending.encode(content.digest, data))

    def _improve(self, content: Blob) -> tuple[int, bool]:
        """Make the best codings of one content; return their number, and False if other processes make the rest."""
        data: bytes | None = None
        made = 0
        for coding in each_coding():
            leave_at_exit()
            if find_coding(self._store, content.digest, coding) is not None:
                continue
            key = name_object(content.digest, coding)
            with self._store.lock(key) as held:
                if not held:
                    return made, False
                if find_coding(self._store, content.digest, coding) is not None:
                    continue  # another process made it between look-up and lock
                data = data or read_blob(content.body, content.digest)
                if data is None:
                    return made, True  # the file has changed: its codings are made on request
                made += self._make(key, content.digest, coding, data)
        self._replace(content.digest)
        return made, True

    def _make(self, key: str, digest: bytes, coding: ContentCoding, data: bytes) -> int:
        """Make a coding and return 1; 0 if another machine has made it, or another process was faster."""
        taken = self._take(digest, coding, data)
        encoded = coding.best(data) if taken is None else taken
        if self._store.get(key):
            return 0
        if self._store.put(key, encoded if worthwhile(len(data), len(encoded)) else b"") is None:
            raise StoreError(f"{self._store.place} cannot be written (the disk may be full)")
        return int(taken is None)

    def _replace(self, digest: bytes) -> None:
        """Replace a row that was requested; other rows are found in the store on demand."""
        row, before = find_best(self._store, digest), self._table.get(digest)
        if row is not None and before is not None:
            self._pending.remove(digest)
            if row != before:
                self._table.replace(digest, row)
