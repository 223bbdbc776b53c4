"""Better codings, made while the application serves: adopted from the store, otherwise made once and put there.

No process leads. Each walks its own list, adopts what another has made, and skips for now what another is making. The
work is done by one daemon thread in each process (an executor would hold up the interpreter's exit), started by the
first request that needs a coding, so never before a fork. Once everything is settled the thread sleeps until another
coding is missing, or for a day.
"""

import os
import time
from collections.abc import Callable, Container, Iterable
from typing import Any

from servestatic.errors import StoreError
from servestatic.http.message import Blob
from servestatic.http.representation import Representation
from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new
from servestatic.runtime.worker import Worker
from servestatic.serving.compression.encode_all import Pending, Settling, Take, find_best, take_nothing
from servestatic.serving.compression.encoders import BuildCodings, Encoder, FastEncoder
from servestatic.serving.compression.table import Codings
from servestatic.store import Store

_log = get_log()


class Settler:
    """Makes the best codings of everything, and keeps the store within its bounds.

    Args:
        store: has the best codings, or gets them.
        codings: the table.
        contents: yields what may be worth a coding.
        pending: what does not have its best codings yet.
        elsewhere: digests of bytes whose codings exist elsewhere, and are not made.
        take: returns codings that other machines have made.
    """

    def __init__(
        self,
        store: Store,
        codings: Codings,
        contents: Callable[[], Iterable[Blob]],
        pending: Pending,
        elsewhere: Container[bytes],
        take: Take = take_nothing,
    ) -> None:
        self._store = store
        self._settling = Settling(contents, codings, store, pending, elsewhere, take)
        self._settled = False
        self.resting = False

    def settle(self, threads: int = 1) -> None:
        """Make the best codings of everything; returns when nothing is left to do, or the store cannot be written."""
        started = time.monotonic()
        try:
            made = self._settling.run(threads)
        except StoreError as error:
            self.resting = True
            if is_new(("store", self._store.place), str(error)):
                _log.warning("%s: the remaining files keep their fast codings", error)
            return
        is_new(("store", self._store.place), None)
        if made or not self._settled:
            _log.info("compression finished in %.1f s, %d codings made", time.monotonic() - started, made)
        self._settled = True

    def work(self) -> None:
        """Settle, and prune the store once a day. An error is logged, and the work is tried again the next day."""
        self.resting, subject = False, ("settling", self._store.place)
        try:
            self.settle()
            self._store.prune_daily()
            is_new(subject, None)
        except Exception as error:  # noqa: BLE001 - the last frame of a thread: logged, not lost
            self.resting = True
            if is_new(subject, repr(error)):
                _log.exception("the compression thread failed; files are still served")


def make_encoder(
    store: Store | None,
    contents: Callable[[], Iterable[Blob]],
    codings: Codings,
    *,
    background: bool = False,
    build: BuildCodings | None = None,
    **options: Any,
) -> Encoder:
    """Return an encoder with a store, or one that does without: see `StoreEncoder`."""
    if store is None:
        return FastEncoder(build)
    return StoreEncoder(store, codings, contents, background=background, build=build, **options)


class StoreEncoder:
    """An encoder with a store, and with the thread that makes the best codings of everything.

    Args:
        store, codings, contents: see `Settler`.
        background: start the thread on the first request.
        build: also has finished codings.
        take: see `Settler`.
    """

    def __init__(
        self,
        store: Store,
        codings: Codings,
        contents: Callable[[], Iterable[Blob]],
        *,
        background: bool,
        build: BuildCodings | None = None,
        take: Take = take_nothing,
    ) -> None:
        self._store = store
        self._build = build
        self._pending = Pending()
        self._settler = Settler(store, codings, contents, self._pending, build or (), take)
        self._worker = Worker(self._settler.work) if background else None

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the best row, if the build or the store has all of it."""
        if self._worker:
            self._worker.start()
        built = self._build.find(digest) if self._build else None
        return find_best(self._store, digest) if built is None else built

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Make the fast codings, and have the best ones made soon."""
        row = self._pending.encode(digest, data)
        self._pending.ask(digest)
        if self._worker and not self._settler.resting:
            self._worker.wake()
        return row

    def has_room(self) -> bool:
        """Return whether more fast codings may be made."""
        return self._pending.has_room()

    def drop(self, digest: bytes) -> None:
        """Free the room of a row."""
        self._pending.remove(digest)

    def settle(self) -> None:
        """Make the best codings of everything."""
        self._settler.settle()

    def settle_at_start(self) -> None:
        """Make the best codings of everything on all processors, which nothing else needs yet."""
        self._settler.settle(os.cpu_count() or 1)

    def work(self) -> None:
        """Do once what the thread does when it wakes."""
        self._settler.work()
