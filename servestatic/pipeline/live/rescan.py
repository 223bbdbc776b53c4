"""Rescan all sources off the request: when watchfiles reports a change, or without it at most once a second."""

import os
import threading
import time
from collections.abc import Callable, Iterable

from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new
from servestatic.runtime.threads import start

_PAUSE = 1.0  # seconds between the end of one rescan and the next
_log = get_log()


class Rescans:
    """Calls `rescan` in a thread of its own, never before the first request: so not in a management command.

    `places` are the directories to watch instead, if the sources are nothing else.
    """

    def __init__(self, rescan: Callable[[], object], places: Iterable[str]) -> None:
        self._rescan = rescan
        self._places = tuple(places)
        self._lock = threading.Lock()
        self._process = 0
        self._watched = False
        self._done = time.monotonic()

    def ask(self) -> None:
        """Start a rescan if one is due, and return at once."""
        if self._watched and self._process == os.getpid():
            return
        if time.monotonic() < self._done + _PAUSE or not self._lock.acquire(blocking=False):
            return
        if not start(threading.Thread(target=self._work, name="servestatic rescan", daemon=True)):
            self._done = time.monotonic()
            self._lock.release()

    def _work(self) -> None:
        try:
            self._process = os.getpid()
            self._watched = self._watch()
            self._rescan()
            is_new(("rescan", self._places), None)
        except Exception as error:  # noqa: BLE001 - the last frame of a thread: logged, not lost
            if is_new(("rescan", self._places), repr(error)):
                _log.exception("the sources could not be checked")
        finally:
            self._done = time.monotonic()
            self._lock.release()

    def _watch(self) -> bool:
        """Start to watch; False if watchfiles is not installed, or no directory exists."""
        places = [place for place in self._places if os.path.isdir(place)]
        try:
            from watchfiles import watch
        except ImportError:
            return False
        thread = threading.Thread(target=self._follow, args=(watch, places), name="servestatic watch", daemon=True)
        return bool(places) and start(thread)

    def _follow(self, watch: Callable[..., Iterable[object]], places: list[str]) -> None:
        try:
            for _ in watch(*places, watch_filter=None, debounce=200, step=20, raise_interrupt=False):
                self._rescan()
                is_new(("watch", self._places), None)
                time.sleep(_PAUSE)
        except Exception as error:  # noqa: BLE001 - no more inotify watches, for one: the clock takes over
            if is_new(("watch", self._places), str(error)):
                _log.info("the sources cannot be watched (%s): they are checked once a second instead", error)
        self._watched = False
