"""Settling: a walk that brings the codings of everything in an index to their best, and the store to know of them."""

import logging
import time
from collections.abc import Callable, Container, Iterable

from servestatic.assets.coding import ContentCoding, name_object, worthwhile
from servestatic.disk.read import read_blob
from servestatic.errors import StoreError
from servestatic.http.message import Blob, Slice
from servestatic.http.representation import Representation, represent
from servestatic.runtime.threads import run_in_threads
from servestatic.serving.compression.coders import codings, encode_fast
from servestatic.serving.compression.encoders import Room
from servestatic.serving.compression.table import Codings
from servestatic.store import Store

LARGE = 256 * 1024  # bytes; fast codings of more are made before somebody asks for them
_PAUSE = 1.0  # seconds before what other processes were making is looked at again
_log = logging.getLogger("servestatic")


def find_coding(store: Store, digest: bytes, coding: ContentCoding) -> Representation | bool | None:
    """Look in the store: True where the coding is not worthwhile, None where nobody made it yet."""
    stored = store.get(name_object(digest, coding))
    if stored is None:
        return None
    return represent(coding.name, stored) if stored.length else True


def find_best(store: Store, digest: bytes) -> tuple[Representation, ...] | None:
    """Return the best row, if every coding of it is in the store; the first that is missing ends the search."""
    row: list[Representation] = []
    for coding in codings():
        found = find_coding(store, digest, coding)
        if found is None:
            return None
        row += [found] if isinstance(found, Representation) else []
    return tuple(row)


class Pending:
    """What is not at its best: what requests wait for, and the fast codings that stand in for it."""

    def __init__(self) -> None:
        self._asked: dict[bytes, None] = {}  # the latest last
        self._fast = Room()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._fast

    def has_room(self) -> bool:
        """Tell whether more fast codings may be made."""
        return self._fast.has_room()

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Make fast codings as far as there is room for them."""
        row = encode_fast(data) if self.has_room() else ()
        self._fast.add(digest, sum(representation.length for representation in row))
        return row

    def ask(self, digest: bytes) -> None:
        """Note that requests wait for something: it comes first."""
        self._asked[digest] = None

    def remove(self, digest: bytes) -> None:
        """Note that something is at its best, or gone."""
        self._fast.drop(digest)
        self._asked.pop(digest, None)

    def choose(self, waiting: dict[bytes, Blob]) -> Blob:
        """Take out of `waiting` what was asked for last, else the first."""
        while self._asked:
            digest, _ = self._asked.popitem()
            if digest in waiting:
                return waiting.pop(digest)
        return waiting.pop(next(iter(waiting)))


class Settling:
    """One walk. `elsewhere` has the digests of bytes whose codings need not be made."""

    def __init__(
        self,
        contents: Callable[[], Iterable[Blob]],
        table: Codings,
        store: Store,
        pending: Pending,
        elsewhere: Container[bytes],
    ) -> None:
        self._contents = contents
        self._table = table
        self._store = store
        self._pending = pending
        self._elsewhere = elsewhere

    def run(self, threads: int = 1) -> int:
        """Bring every row to its best and return how many codings were made.

        One thread takes what is short first, so that most is soon at its best; several begin with what is long.

        Raises:
            StoreError: the disk takes no more.
        """
        waiting = self._look()
        made = self._share(waiting, threads) if threads > 1 else 0
        for content in [each for each in waiting.values() if each.length > LARGE]:
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
        """Let threads empty `waiting`, but for what other processes are at, and return how many codings they made."""
        contents = [*reversed(waiting.values())]
        improved = run_in_threads(self._improve, contents, threads)
        waiting.clear()
        waiting |= {
            content.digest: content for content, (_, finished) in zip(contents, improved, strict=True) if not finished
        }
        return sum(made for made, _ in improved)

    def _look(self) -> dict[bytes, Blob]:
        """Tell the store what this process uses, and return what is not at its best, the shortest first."""
        used: list[str] = []
        waiting: dict[bytes, Blob] = {}
        for content in self._contents():
            body = content.body
            if isinstance(body, Slice) and (key := self._store.key_of(body)):
                used.append(key)
            if content.digest in self._elsewhere:
                continue
            names = [name_object(content.digest, coding) for coding in codings()]
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
        """Bring one row to its best: how many codings were made for it, and False if others are still at it."""
        data: bytes | None = None
        made = 0
        for coding in codings():
            if find_coding(self._store, content.digest, coding) is not None:
                continue
            key = name_object(content.digest, coding)
            with self._store.lock(key) as held:
                if not held:
                    return made, False
                if find_coding(self._store, content.digest, coding) is not None:
                    continue  # made by another process between the look and the lock
                data = data or read_blob(content.body, content.digest)
                if data is None:
                    return made, True  # the file changed: what is served then is made on request
                made += self._make(key, coding, data)
        self._replace(content.digest)
        return made, True

    def _make(self, key: str, coding: ContentCoding, data: bytes) -> int:
        """Make a coding and return 1; 0 if another process, which took over the right, was faster."""
        encoded = coding.best(data)
        if self._store.get(key):
            return 0
        if self._store.put(key, encoded if worthwhile(len(data), len(encoded)) else b"") is None:
            raise StoreError(f"{self._store.place} takes no more")
        return 1

    def _replace(self, digest: bytes) -> None:
        """Replace a row that somebody asked for; whoever asks for another finds it in the store."""
        row, before = find_best(self._store, digest), self._table.get(digest)
        if row is not None and before is not None:
            self._pending.remove(digest)
            if row != before:
                self._table.replace(digest, row)
