"""A thread that works beside requests."""

import logging
import os
import threading
from collections.abc import Callable

from servestatic.runtime.threads import start

_DAY = 24 * 60 * 60.0  # seconds
_log = logging.getLogger("servestatic")


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
            if not start(threading.Thread(target=_run, args=arguments, name=self._name, daemon=True)):
                self._process = 0  # the next request that needs a coding tries again

    def wake(self) -> None:
        """Have the thread work again."""
        self._wake.set()

    def __del__(self) -> None:
        """End the thread, which does not keep this object alive."""
        self._ended.set()
        self._wake.set()


def _run(work: Callable[[], object], wake: threading.Event, ended: threading.Event) -> None:
    """Work until the worker is no longer needed."""
    _lower_priority()
    while not ended.is_set():
        wake.clear()
        work()
        wake.wait(_DAY)


def _lower_priority() -> None:
    """Give way to everything else on the machine (on Linux, each thread has its own priority)."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        except OSError:
            _log.debug("the priority of the thread that makes codings cannot be lowered")
