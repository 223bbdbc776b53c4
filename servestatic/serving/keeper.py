"""Keeping a release in its place beside requests, so that its names go on serving their bytes when others follow.

Most processes find their release kept, so what puts one is imported when it is needed.
"""

from collections.abc import Callable
from contextlib import suppress
from math import inf

from servestatic.assets.keys import make_key
from servestatic.releases.catalog import Catalog
from servestatic.releases.document import ALIVE, PENDING
from servestatic.releases.history import History
from servestatic.releases.known import has_release
from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new
from servestatic.store import Store

_AT_START = 5.0  # seconds
_log = get_log()


class Keeper:
    """Puts the release of a catalog into a place, once for all processes of a machine.

    Args:
        history: looks into the place, and is to know what was put.
        store: has the lock, so that one process of several puts the release.
        catalog: the release.
        chosen: whether somebody chose the place: then all files are put, before the first page is answered.
    """

    def __init__(self, history: History, store: Store, catalog: Catalog, *, chosen: bool) -> None:
        self._place = history.place
        self._store = store
        self._catalog = catalog
        self._history = history
        self._chosen = chosen

    def put_at_start(self) -> None:
        """Put the release before the first page is answered, or announce that it comes: others wait for it."""
        if self._chosen:
            self._try(lambda: self._put(_AT_START), _warn_not_kept)
        release = self._catalog.identify()
        with suppress(OSError):  # `work` logs it
            if not has_release(self._place, release):
                self._place.replace(f"{PENDING}/{release}", b"")

    def work(self) -> None:
        """Put the release if the place lacks it; then remove old ones, unless another process did so today."""
        if self._try(self._keep, _warn_not_kept):
            self._try(self._prune, _warn_not_removed)

    def _try(self, work: Callable[[], object], report: Callable[[str, Exception], None]) -> bool:
        """Do something, and return whether it was done; an error is logged, and it is tried again the next day."""
        subject = (report, self._place.name)
        try:
            work()
        except Exception as error:  # noqa: BLE001 - of a thread, or of a start that goes on without: logged, not lost
            if is_new(subject, repr(error)):
                report(self._place.name, error)
            return False
        is_new(subject, None)
        return True

    def _keep(self) -> None:
        self._put(inf)
        self._place.replace(f"{ALIVE}/{self._catalog.identify()}", b"")

    def _prune(self) -> None:
        self._store.do_daily(self._name("prune"), self._prune_now)

    def _prune_now(self) -> object:
        from servestatic.releases.retain import Retention, prune

        return prune(self._place, Retention())

    def _put(self, within: float) -> None:
        release = self._catalog.identify()
        if not has_release(self._place, release):
            self._put_now(release, within)
        self._history.update()

    def _put_now(self, release: str, within: float) -> None:
        from servestatic.releases.put import put
        from servestatic.releases.selection import KEPT_IN_STORE, LIMITS

        limits = LIMITS if self._chosen else KEPT_IN_STORE
        with self._store.lock(self._name(f"put {release}")) as held:
            done = put(self._place, self._catalog, limits, within=within) if held else None
        if done:
            _log.info("release %s kept in %s, %d files written", release, self._place.name, done.written)
        if done and done.left_out:
            _log.info("%d files of release %s are too large to be kept, or have changed", done.left_out, release)

    def _name(self, what: str) -> str:
        """Return the name of a lock that the processes of this machine share."""
        return make_key(what, self._place.name)


def _warn_not_kept(place: str, error: Exception) -> None:
    _log.warning("the release is not kept for other processes: %s: %s", place, error)


def _warn_not_removed(place: str, error: Exception) -> None:
    _log.warning("old releases are not removed: %s: %s", place, error)
