"""Better codings, made while the application serves: adopted from the store, else made once and put there.

No process leads. Each walks its own list; what another has made is adopted, what another is making is skipped for now.
One daemon thread in each process (an executor would hold up the interpreter's exit), started by the first request that
needs a coding, so never before a fork.
"""

import hashlib
import logging
import os
import threading
import time

from servestatic.assets.codings import ContentCoding, codings, encode_fast, represent, worthwhile
from servestatic.assets.index import Index
from servestatic.assets.rows import Content
from servestatic.disk import WHOLE, read_slice
from servestatic.http.message import Memory
from servestatic.http.representation import Representation
from servestatic.store import Store

_PAUSE = 1.0  # seconds before what other processes were making is looked at again
_log = logging.getLogger("servestatic")


class StoringEncoder:
    """An encoder with a store, and the walk that brings every row to its best."""

    def __init__(self, index: Index, store: Store, *, background: bool) -> None:
        self._index = index
        self._table = index.codings
        self._store = store
        self._background = background
        self._asked: dict[bytes, None] = {}
        self._process = 0

    # ---------------------------------------------------------------------------------- for the first request

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the best row, if every coding of it is in the store."""
        self._start()
        found = [self._find(digest, coding) for coding in codings()]
        if None in found:
            return None
        return tuple(each for each in found if isinstance(each, Representation))

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Take what is in the store, make the fast codings of the rest, and ask for the best soon."""
        self._asked[digest] = None
        found = [(coding.name, self._find(digest, coding)) for coding in codings()]
        known = frozenset(name for name, each in found if each is not None)
        adopted = tuple(each for _, each in found if isinstance(each, Representation))
        return adopted + encode_fast(data, known)

    def _find(self, digest: bytes, coding: ContentCoding) -> Representation | bool | None:
        """Look in the store: True where the coding is not worthwhile, None where nobody made it yet."""
        stored = self._store.get(_key(digest, coding))
        if stored is None:
            return None
        length = stored.body.stop - stored.body.start
        return represent(coding.name, stored.body, length, stored.digest) if length else True

    # ---------------------------------------------------------------------------------------------- the walk

    def _start(self) -> None:
        """Start the thread, once in each process: a fork does not take threads along."""
        if self._background and self._process != os.getpid():
            self._process = os.getpid()
            threading.Thread(target=self._work, name="servestatic", daemon=True).start()

    def _work(self) -> None:
        _lower_priority()
        try:
            self.settle()
        except Exception:  # noqa: BLE001 - the last frame of a thread: told to the log, not lost
            _log.exception("the thread that makes codings stopped; what there is goes on being served")

    def settle(self) -> None:
        """Bring every row to its best; returns when nothing is left to do, or the disk takes no more."""
        try:
            self._walk()
        except _FullError:
            _log.warning("%s takes no more: the codings that are missing stay fast ones", self._store.place)

    def _walk(self) -> None:
        started, made = time.monotonic(), 0
        waiting = {content.digest: content for content in self._index.contents() if content.length <= WHOLE}
        for content in [each for each in waiting.values() if each.length > 256 * 1024]:
            self._make_fast(content)
        waiting = dict(sorted(waiting.items(), key=lambda item: item[1].length))
        while waiting:
            skipped: dict[bytes, Content] = {}
            while waiting:
                content = self._next(waiting)
                count = self._improve(content)
                made += count or 0
                if count is None:
                    skipped[content.digest] = content
            waiting = skipped
            if waiting:
                time.sleep(_PAUSE)
        _log.info("codings settled in %.1f s, %d made", time.monotonic() - started, made)

    def _next(self, waiting: dict[bytes, Content]) -> Content:
        """Take what was asked for first, else the shortest."""
        while self._asked:
            digest, _ = self._asked.popitem()
            if digest in waiting:
                return waiting.pop(digest)
        return waiting.pop(next(iter(waiting)))

    def _make_fast(self, content: Content) -> None:
        if self._table.get(content.digest) is None and self.adopt(content.digest) is None:
            data = _read(content)
            if data is not None:
                self._table.add(content.digest, self.encode(content.digest, data))

    def _improve(self, content: Content) -> int | None:
        """Bring one row to its best and return how many codings were made for it; None if others are at it."""
        data: bytes | None = None
        made = 0
        for coding in codings():
            if self._find(content.digest, coding) is not None:
                continue
            key = _key(content.digest, coding)
            with self._store.lock(key) as held:
                if not held:
                    return None
                data = data or _read(content)
                if data is None:
                    return made  # the file changed: what is served then is made on request
                encoded = coding.best(data)
                if self._store.put(key, encoded if worthwhile(content.length, len(encoded)) else b"") is None:
                    raise _FullError
                made += 1
        row = self.adopt(content.digest)
        if row is not None and row != self._table.get(content.digest):
            self._table.replace(content.digest, row)
        return made


class _FullError(Exception):
    """The store takes no more, so what is made would be made in vain."""


def _read(content: Content) -> bytes | None:
    return content.body.data if isinstance(content.body, Memory) else read_slice(content.body)


def _key(digest: bytes, coding: ContentCoding) -> str:
    """Name an object by the bytes that are encoded, the coding and its coder."""
    return hashlib.sha256(digest + f"{coding.name}\n{coding.coder}\n".encode()).hexdigest()


def _lower_priority() -> None:
    """Give way to everything else on the machine (Linux: priorities are of threads)."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        except OSError:
            _log.debug("the priority of the thread that makes codings cannot be lowered")
