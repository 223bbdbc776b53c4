"""A thread that works beside requests."""

import atexit
import os
import threading
import time
from collections.abc import Callable

from servestatic.runtime.log import get_log
from servestatic.runtime.threads import start

_DAY = 24 * 60 * 60.0  # seconds
_AT_EXIT = 2.0  # seconds that the end of a process waits for what its threads have in hand
_log = get_log()


class Worker:
    """A daemon thread in each process that works when woken, and once a day; it ends with this object."""

    def __init__(self, work: Callable[[], object], name: str = "servestatic") -> None:
        self._work = work
        self._name = name
        self._process = 0
        self._wake = threading.Event()
        self._ended = threading.Event()

    def start(self) -> None:
        """Start the thread, once in each process: a fork does not copy threads."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._wake = threading.Event()
            arguments = (self._work, self._wake, self._ended)
            thread = threading.Thread(target=_run, args=arguments, name=self._name, daemon=True)
            if not start(thread):
                self._process = 0  # the next request that needs a coding tries again
                return
            _threads[thread] = self._wake

    def wake(self) -> None:
        """Have the thread work again."""
        self._wake.set()

    def __del__(self) -> None:
        """End the thread, which does not keep this object alive."""
        self._ended.set()
        self._wake.set()


_threads: dict[threading.Thread, threading.Event] = {}  # those that run, and what wakes each
_exiting = threading.Event()


def leave_at_exit() -> None:
    """End the calling thread, if the process is about to end. Long work calls this between its steps.

    Raises:
        SystemExit: the process ends; of a thread, Python does not report it.
    """
    if _exiting.is_set():
        raise SystemExit


@atexit.register
def _end_threads() -> None:
    """Have the threads end before the interpreter does: memory that they use is freed with it."""
    _exiting.set()
    until = time.monotonic() + _AT_EXIT
    running = [*_threads.items()]
    for _, wake in running:
        wake.set()
    for thread, _ in running:
        thread.join(max(0.0, until - time.monotonic()))


def _run(work: Callable[[], object], wake: threading.Event, ended: threading.Event) -> None:
    """Work until the worker is no longer needed."""
    _lower_priority()
    try:
        while not ended.is_set() and not _exiting.is_set():
            wake.clear()
            work()
            if not _exiting.is_set():
                wake.wait(_DAY)
    finally:
        _threads.pop(threading.current_thread(), None)


def _lower_priority() -> None:
    """Give way to everything else on the machine (on Linux, each thread has its own priority)."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        except OSError:
            _log.debug("the priority of the compression thread cannot be lowered")
