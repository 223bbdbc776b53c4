"""Work that is shared among threads: compressing and hashing let go of the interpreter's lock."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def share(work: Callable[[_T], _R], items: Iterable[_T], threads: int | None = None) -> list[_R]:
    """Do the same work on each item, the first ones first, and return what it returns, in the order of the items.

    `threads` is the number of processors if it is not given. The first error ends all of it, and is raised.
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
    workers = [threading.Thread(target=take, name=f"servestatic-{number}") for number in range(count)]
    for each in workers:
        each.start()
    try:
        for each in workers:
            each.join()
    except BaseException as error:
        errors.append(error)  # Ctrl-C: nobody takes another item
        raise
    if errors:
        raise errors[0]
    return [results[number] for number in sorted(results)]
