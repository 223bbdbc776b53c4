"""Work that is shared among threads: compressing and hashing let go of the interpreter's lock.

A thread may fail to start, where a container limits them. Then its work is done without it, or later: never a failure.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import takewhile
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


def share(work: Callable[[_T], _R], items: Iterable[_T], threads: int | None = None) -> list[_R]:
    """Do the same work on each item, the first ones first, and return what it returns, in the order of the items.

    `threads` is the number of processors if it is not given. The first error ends all of it, and is raised. Where no
    thread can be started, the caller's does all of it.
    """
    waiting = deque(enumerate(items))
    results: dict[int, _R] = {}
    errors: list[BaseException] = []

    def take() -> None:
        while waiting and not errors:
            try:
                number, item = waiting.popleft()
            except IndexError:  # another thread was faster
                return
            try:
                results[number] = work(item)
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
                errors.append(error)

    count = min(threads or os.cpu_count() or 1, len(waiting))
    made = (threading.Thread(target=take, name=f"servestatic-{number}") for number in range(count))
    workers = [*takewhile(start, made)]
    if not workers:
        take()
    try:
        for each in workers:
            each.join()
    except BaseException as error:
        errors.append(error)  # Ctrl-C: nobody takes another item
        raise
    if errors:
        raise errors[0]
    return [results[number] for number in sorted(results)]
