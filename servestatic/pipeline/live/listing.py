"""Which files there are by now: a folder is listed again if its stamp says that something came or went."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from servestatic.assets.file import File, Skipped
from servestatic.assets.tree import Tree, merge
from servestatic.disk.read import is_steady, stamp_of
from servestatic.http.message import Stamp
from servestatic.pipeline.steps import take_files
from servestatic.sources.directory import Directory, Folder, Listing


def look_at(path: str) -> Stamp | None:
    """Return the stamp of what is at a path, None if nothing is."""
    try:
        return stamp_of(os.stat(path))
    except OSError:
        return None


class _Seen(NamedTuple):
    """What was in a folder when its stamp was this, and when somebody looked."""

    folder: Folder
    stamp: Stamp | None
    at: int
    listing: Listing

    @property
    def is_current(self) -> bool:
        stamp = look_at(self.folder.path)
        return stamp == self.stamp and (stamp is None or is_steady(stamp, self.at))


class FollowedTree:
    """The merged tree of sources, brought up to date by `look`.

    Attributes:
        tree: as of the last look.
        skipped: what the sources left out then.
    """

    def __init__(self, sources: Sequence[Iterable[File | Skipped]], prefix: str) -> None:
        """List everything; `prefix` is the mount of files that name none."""
        self._sources = sources
        self._prefix = prefix
        self._folders: dict[tuple[int, str], _Seen] = {}
        self._unreadable: dict[File, Skipped] = {}
        # Sources that are no directories are listed once: another `FollowedTree` lists them again.
        self._others = {number: [*each] for number, each in enumerate(sources) if not isinstance(each, Directory)}
        self.tree, self.skipped = self._list()

    def look(self) -> bool:
        """List the folders that have changed; True if the tree is another by that."""
        if all(seen.is_current for seen in self._folders.values()):
            return False
        files = self.tree.files
        self.tree, self.skipped = self._list()
        return self.tree.files != files

    def leave_out(self, file: File, reason: str) -> None:
        """Take a file that cannot be read out of the tree, as long as it has the stamp that it is listed with."""
        self._unreadable[file] = Skipped(file.location, reason)
        self.tree, self.skipped = self._list()

    def places(self, path: str, before: File | None = None) -> Iterator[str]:
        """Yield where directories would have a file at a URL path: all, or those before the one that `before` is of."""
        for each in self._sources:
            if isinstance(each, Directory):
                if before and (before.origin, before.mount) == (str(each), each.at):
                    return
                start = (self._prefix if each.at is None else each.at) + each.prefix
                if path.startswith(start):
                    yield each.root + path[len(start) :]

    def _list(self) -> tuple[Tree, list[Skipped]]:
        known, self._folders = self._folders, {}
        skipped: list[Skipped] = []
        walks = (self._walk(*each, known) for each in enumerate(self._sources))
        tree = merge(take_files(chain(*walks), skipped), self._prefix)
        for path, file in [*tree.files.items()] if self._unreadable else ():
            if file in self._unreadable:
                del tree.files[path]
                skipped.append(self._unreadable[file])
        return tree, skipped

    def _walk(
        self, number: int, source: Iterable[File | Skipped], known: dict[tuple[int, str], _Seen]
    ) -> Iterable[File | Skipped]:
        if isinstance(source, Directory):
            return source.walk(partial(self._recall, number, source, known))
        return self._others[number]

    def _recall(self, number: int, source: Directory, known: dict[tuple[int, str], _Seen], folder: Folder) -> Listing:
        key = number, folder.path
        seen = known.get(key)
        if seen is None or seen.folder != folder or not seen.is_current:
            at, stamp = time.time_ns(), look_at(folder.path)  # before the listing, so that it is never too new
            seen = _Seen(folder, stamp, at, source.list_folder(folder))
        self._folders[key] = seen
        return seen.listing
