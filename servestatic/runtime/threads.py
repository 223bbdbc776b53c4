"""Work that is shared among threads, since compressing and hashing release the interpreter's lock.

Where a container limits threads, one may fail to start. Its work is then done without it, or later; that is never an
error.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_T = TypeVar("_T")
_R = TypeVar("_R")
OnProgress: TypeAlias = Callable[[int, int], None]
_log = get_log()


def start(thread: threading.Thread) -> bool:
    """Start a thread and return whether that worked; if the system allows no more threads, log it once."""
    try:
        thread.start()
    except RuntimeError as error:
        note_start(error)
        return False
    note_start(None)
    return True


def note_start(error: RuntimeError | None) -> None:
    """Log that a thread did not start, once until a thread starts again."""
    if is_new("threads", error and str(error)):
        _log.warning("no thread can be started (%s): compression waits, other work runs without it", error)


def ignore_progress(done: int, total: int) -> None:
    """Ignore how many items are done."""


def run_in_threads(
    work: Callable[[_T], _R],
    items: Iterable[_T],
    threads: int | None = None,
    progress: OnProgress = ignore_progress,
) -> list[_R]:
    """Do the same work on each item, in order, and return the results in the same order.

    `threads` defaults to the number of processors. The first error ends the work and is raised. Items for which no
    thread can be started are left to the calling thread. `progress` is called with how many items are done, and of how
    many.
    """
    from concurrent.futures import ThreadPoolExecutor

    waiting = [*items]
    pool = ThreadPoolExecutor(max(1, min(threads or os.cpu_count() or 1, len(waiting))), "servestatic")
    try:
        running, results = [*_submit(pool, work, waiting)], list[_R]()
        for number, item in enumerate(waiting):
            results.append(running[number].result() if number < len(running) else work(item))
            progress(number + 1, len(waiting))
        return results
    finally:  # after an error or Ctrl-C, no further item is taken
        pool.shutdown(cancel_futures=True)


def _submit(pool: "ThreadPoolExecutor", work: Callable[[_T], _R], items: Iterable[_T]) -> "Iterator[Future[_R]]":
    failed = threading.Event()

    def end(future: "Future[_R]") -> None:
        if not future.cancelled() and future.exception():
            failed.set()
            pool.shutdown(wait=False, cancel_futures=True)

    for item in items:
        try:
            future = pool.submit(work, item)
        except RuntimeError as error:  # no thread can be started, an item has failed, or the interpreter ends
            note_start(None if failed.is_set() or "interpreter shutdown" in str(error) else error)
            return
        future.add_done_callback(end)
        yield future
    note_start(None)
