"""Which releases a place keeps; removing the others, and the files that only they name."""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

from servestatic.disk.temporary import PREFIX
from servestatic.errors import BuildError, SettingError
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.document import ALIVE, FOLDER, PENDING, PRUNING, RELEASES, path_of
from servestatic.releases.identity import check_id
from servestatic.releases.known import read_document
from servestatic.releases.place import Listed, Place

DAY = 24 * 60 * 60.0  # seconds
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": DAY}  # in seconds
SUFFIXES = (".br", ".gz", ".zst")


def read_age(text: float | str) -> float:
    """Return the seconds of a length of time: a number and a unit, such as `7d`; or seconds as they are.

    Raises:
        SettingError: it is something else.
    """
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"(\d{1,9})([smhd])", text)
    if not match:
        raise SettingError(f"{text!r} is not a time such as 7d or 12h.")
    return float(match[1]) * UNITS[match[2]]


class Retention(NamedTuple):
    """A release stays while it is one of the `newest`, younger than `age` seconds, or served by a process."""

    newest: int = 3
    age: float = 7 * DAY


class Dated(NamedTuple):
    """A release, and when its document was written, in seconds since 1970."""

    id: str
    modified: float


class Divided(NamedTuple):
    """The ids of releases that stay, and of those that go."""

    kept: list[str]
    dropped: list[str]


def list_dated(place: Place) -> list[Dated]:
    """List the releases of a place, the newest first.

    Raises:
        OSError: the place cannot be reached.
    """
    found = list[Dated]()
    for listed in place.list(RELEASES):
        with suppress(ValueError):  # not a document
            found.append(Dated(check_id(listed.path.rpartition("/")[2]), listed.modified))
    return sorted(found, key=lambda dated: (dated.modified, dated.id), reverse=True)


def divide(place: Place, releases: Iterable[Dated], retention: Retention) -> Divided:
    """Decide which releases of a place stay; they are given in order, the newest first.

    Raises:
        OSError: the place cannot be reached.
    """
    now, alive, divided = time.time(), list_announced(place, ALIVE, within=2 * DAY), Divided([], [])
    for number, (release, modified) in enumerate(releases):
        stays = number < retention.newest or now - modified < retention.age or release in alive
        (divided.kept if stays else divided.dropped).append(release)
    return divided


class Pruned(NamedTuple):
    """The ids of removed releases, the number of removed files, and their bytes."""

    releases: list[str]
    files: int
    size: int


def foresee_prune(place: Place, retention: Retention) -> Pruned:
    """Foresee what a prune removes.

    Raises:
        OSError: the place cannot be reached.
        BuildError: a document of a kept release is damaged.
    """
    return _prune(place, retention, lambda path: None)


def prune(place: Place, retention: Retention) -> Pruned | None:
    """Remove releases, and a day later the files that no other release names; None while a release is being put.

    Nothing is removed if the document of a kept release cannot be read.

    Raises:
        OSError: the place cannot be reached or written, or others could take this process for dead: it was held up.
        BuildError: a document of a kept release is damaged.
    """
    with announce(place, PRUNING, "now") as is_known:
        if list_announced(place, PENDING):
            return None

        def remove(path: str) -> None:
            if not is_known():
                raise TimeoutError("it was held up, so others may have taken it for dead; the next prune goes on.")
            place.delete(path)

        return _prune(place, retention, remove)


def _prune(place: Place, retention: Retention, remove: Callable[[str], object]) -> Pruned:
    now = time.time()
    kept, dropped = divide(place, list_dated(place), retention)
    named = _list_named(place, kept)
    for release in dropped:
        remove(path_of(release))
    lost = [each for each in place.list() if now - each.modified > DAY and _is_lost(each, named)]
    for each in lost:
        remove(each.path)
    return Pruned(dropped, len(lost), sum(each.size for each in lost))


def _is_lost(listed: Listed, named: set[str]) -> bool:
    """Return whether a file is that of a release, and no release names it."""
    path = listed.path
    if path.startswith(f"{FOLDER}/"):
        left_behind = path.startswith((f"{PENDING}/", f"{PRUNING}/", f"{ALIVE}/"))  # by a process that has ended
        return left_behind or path.rpartition("/")[2].startswith(PREFIX)
    stem = next((path.removesuffix(suffix) for suffix in SUFFIXES if path.endswith(suffix)), path)
    return path not in named and stem not in named


def _list_named(place: Place, releases: Iterable[str]) -> set[str]:
    """Return the paths of the files that releases name."""
    named: set[str] = set()
    for release in releases:
        try:
            named |= read_document(place, release).list_paths()
        except FileNotFoundError as error:
            raise BuildError(f"{place.name}/{path_of(release)} cannot be read. Remove it, or prune later.") from error
    return named
