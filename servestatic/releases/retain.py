"""Remove releases that are no longer needed from a place, and the files that only they name."""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from servestatic.errors import BuildError
from servestatic.releases.announce import announce, list_announced
from servestatic.releases.document import ALIVE, FOLDER, PENDING, PRUNING, RELEASES, path_of
from servestatic.releases.known import read_document
from servestatic.releases.place import Listed, Place

DAY = 24 * 60 * 60.0  # seconds
_SUFFIXES = (".br", ".gz", ".zst")


class Retention(NamedTuple):
    """A release stays while it is one of the `newest`, younger than `age` seconds, or served by a process."""

    newest: int = 3
    age: float = 7 * DAY


class Pruned(NamedTuple):
    """The ids of removed releases, the number of removed files, and their bytes."""

    releases: list[str]
    files: int
    size: int


def prune(place: Place, retention: Retention, *, dry_run: bool = False) -> Pruned:
    """Remove releases, and a day later the files that no other release names.

    Nothing is removed while a release is being put, or if the document of a kept release cannot be read.

    Raises:
        OSError: the place cannot be reached or written.
        BuildError: a document of a kept release is damaged.
    """
    if dry_run:
        return _prune(place, retention, lambda path: None)
    with announce(place, PRUNING, "now") as renew:
        if list_announced(place, PENDING):
            return Pruned([], 0, 0)

        def remove(path: str) -> None:
            renew()
            place.delete(path)

        return _prune(place, retention, remove)


def _prune(place: Place, retention: Retention, remove: Callable[[str], object]) -> Pruned:
    now = time.time()
    documents = sorted(place.list(RELEASES), key=lambda each: (each.modified, each.path), reverse=True)
    alive = list_announced(place, ALIVE, within=2 * DAY)
    kept, dropped = list[str](), list[str]()
    for number, listed in enumerate(documents):
        release = listed.path.rpartition("/")[2]
        stays = number < retention.newest or now - listed.modified < retention.age or release in alive
        (kept if stays else dropped).append(release)
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
        return path.startswith((f"{PENDING}/", f"{ALIVE}/"))  # left behind by a process that has ended
    stem = next((path.removesuffix(suffix) for suffix in _SUFFIXES if path.endswith(suffix)), path)
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
