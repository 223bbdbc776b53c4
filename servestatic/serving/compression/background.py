"""Better codings, made while the application serves: adopted from the store, else made once and put there.

No process leads. Each walks its own list; what another has made is adopted, what another is making is skipped for now.
One daemon thread in each process (an executor would hold up the interpreter's exit), started by the first request that
needs a coding, so never before a fork. Once all is settled it sleeps: until a coding is missed again, or a day is over.
"""

import logging
import os
import threading
import time
import weakref
from collections.abc import Container

from servestatic.http.representation import Representation
from servestatic.runtime.news import is_new
from servestatic.runtime.threads import start
from servestatic.serving.compression.encode_all import Pending, Settling, encode_now, find_best
from servestatic.serving.index import Index
from servestatic.store import Store, StoreError

_DAY = 24 * 60 * 60.0  # seconds
_log = logging.getLogger("servestatic")


class StoringEncoder:
    """An encoder with a store, and the thread that brings every row to its best."""

    def __init__(self, index: Index, store: Store, *, background: bool) -> None:
        self._index = index
        self._store = store
        self._background = background
        self._pending = Pending()
        self._process = 0
        self._wanted = threading.Event()
        self._settled = self._resting = False
        self.elsewhere: Container[bytes] = ()  # digests of bytes whose codings need not be made: somebody has them

    # ---------------------------------------------------------------------------------- for the first request

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the best row, if every coding of it is in the store."""
        self._start()
        return find_best(self._store, digest)

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Take what is in the store, make the fast codings of the rest, and ask for the best soon."""
        row = encode_now(self._store, self._pending, digest, data)
        self._pending.ask(digest)
        if not self._resting:
            self._wanted.set()
        return row

    def has_room(self) -> bool:
        """Return whether more fast codings may be made."""
        return self._pending.has_room()

    def drop(self, digest: bytes) -> None:
        """Give back the room of a row."""
        self._pending.remove(digest)

    # -------------------------------------------------------------------------------------------- the thread

    def _start(self) -> None:
        """Start the thread, once in each process: a fork does not take threads along."""
        if self._background and self._process != os.getpid():
            self._process = os.getpid()
            self._wanted = wanted = threading.Event()
            itself = weakref.ref(self, lambda _: wanted.set())
            if not start(threading.Thread(target=_work, args=(itself, wanted), name="servestatic", daemon=True)):
                self._process = 0  # the next request that needs a coding tries again

    def settle(self, threads: int = 1) -> None:
        """Bring every row to its best; returns when nothing is left to do, or the disk takes no more."""
        started = time.monotonic()
        try:
            made = Settling(self._index, self._store, self._pending, self.elsewhere).run(threads)
        except StoreError as error:
            self._resting = True
            if is_new(("store", self._store.place), str(error)):
                _log.warning("%s: the codings that are missing stay fast ones", error)
            return
        is_new(("store", self._store.place), None)
        if made or not self._settled:
            _log.info("codings settled in %.1f s, %d made", time.monotonic() - started, made)
        self._settled = True

    def settle_at_start(self) -> None:
        """Bring every row to its best with all processors, which nobody else needs yet."""
        self.settle(os.cpu_count() or 1)

    def work(self) -> None:
        """Settle, and prune the store once in a day. What goes wrong is logged, and tried again the next day."""
        self._resting, subject = False, ("settling", self._store.place)
        try:
            self.settle()
            self._store.prune_daily()
            is_new(subject, None)
        except Exception as error:  # noqa: BLE001 - the last frame of a thread: logged, not lost
            self._resting = True
            if is_new(subject, repr(error)):
                _log.exception("the thread that makes codings failed; what there is goes on being served")


def _work(encoder: weakref.ref[StoringEncoder], wanted: threading.Event) -> None:
    """Work until nobody needs the encoder any more."""
    _lower_priority()
    while present := encoder():
        wanted.clear()
        present.work()
        del present
        wanted.wait(_DAY)


def _lower_priority() -> None:
    """Give way to everything else on the machine (Linux: priorities are of threads)."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        except OSError:
            _log.debug("the priority of the thread that makes codings cannot be lowered")
