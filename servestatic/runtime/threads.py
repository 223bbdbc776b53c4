"""Work that is shared among threads: compressing and hashing let go of the interpreter's lock.

A thread may fail to start, where a container limits them. Then its work is done without it, or later: never a failure.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from servestatic.runtime.news import is_new

_T = TypeVar("_T")
_R = TypeVar("_R")
_log = logging.getLogger("servestatic")


def start(thread: threading.Thread) -> bool:
    """Start a thread; False, which is logged once, where the system allows no more."""
    try:
        thread.start()
    except RuntimeError as error:
        note_start(error)
        return False
    note_start(None)
    return True


def note_start(error: RuntimeError | None) -> None:
    """Log that a thread did not start, once until one does."""
    if is_new("threads", error and str(error)):
        _log.warning("no thread can be started (%s): codings wait, other work is done in its place", error)


def run_in_threads(work: Callable[[_T], _R], items: Iterable[_T], threads: int | None = None) -> list[_R]:
    """Do the same work on each item, the first ones first, and return the results in the order of the items.

    `threads` is the number of processors if it is not given. The first error ends all of it, and is raised. What no
    thread can be started for, the caller's does.
    """
    waiting = [*items]
    pool = ThreadPoolExecutor(max(1, min(threads or os.cpu_count() or 1, len(waiting))), "servestatic")
    try:
        running = [*_submit(pool, work, waiting)]
        return [future.result() for future in running] + [work(item) for item in waiting[len(running) :]]
    finally:  # after an error or Ctrl-C, no further item is taken
        pool.shutdown(cancel_futures=True)


def _submit(pool: ThreadPoolExecutor, work: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[Future[_R]]:
    failed = threading.Event()

    def end(future: Future[_R]) -> None:
        if not future.cancelled() and future.exception():
            failed.set()
            pool.shutdown(wait=False, cancel_futures=True)

    for item in items:
        try:
            future = pool.submit(work, item)
        except RuntimeError as error:  # no thread can be started, or an item has failed
            note_start(None if failed.is_set() else error)
            return
        future.add_done_callback(end)
        yield future
    note_start(None)
