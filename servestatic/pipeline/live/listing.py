"""Which files exist now: a folder is listed again when its stamp shows that files were added or removed."""

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from servestatic.assets.file import File, Skipped
from servestatic.assets.tree import Tree, merge
from servestatic.disk.read import find_stamp, is_steady
from servestatic.http.message import Stamp
from servestatic.pipeline.steps import take_files
from servestatic.sources.directory import Directory, Folder, Listing


class _KnownFolder(NamedTuple):
    """A folder with its listing, and its stamp and the time (nanoseconds since 1970) before it was listed."""

    folder: Folder
    stamp: Stamp | None
    at: int
    listing: Listing

    @property
    def is_current(self) -> bool:
        stamp = find_stamp(self.folder.path)
        return stamp == self.stamp and (stamp is None or is_steady(stamp, self.at))


class LiveTree:
    """The merged tree of sources, brought up to date by `update`.

    Attributes:
        tree: as of the last update.
        skipped: what the sources left out then.
    """

    def __init__(self, sources: Sequence[Iterable[File | Skipped]], prefix: str) -> None:
        """List everything; `prefix` is the mount of files without one of their own."""
        self._sources = sources
        self._prefix = prefix
        self._folders: dict[tuple[int, str], _KnownFolder] = {}
        self._unreadable: dict[File, Skipped] = {}
        # Other sources than directories are listed once; a new `LiveTree` lists them again.
        self._others = {number: [*source] for number, source in enumerate(sources) if not isinstance(source, Directory)}
        self.tree, self.skipped = self._list()

    def update(self) -> bool:
        """List the folders that have changed; return whether that changed the tree."""
        if all(known.is_current for known in self._folders.values()):
            return False
        files = self.tree.files
        self.tree, self.skipped = self._list()
        return self.tree.files != files

    def leave_out(self, file: File, reason: str) -> None:
        """Leave an unreadable file out of the tree, until it is listed with another stamp."""
        self._unreadable[file] = Skipped(file.location, reason)
        self.tree, self.skipped = self._list()

    def candidates(self, path: str, before: File | None = None) -> Iterator[str]:
        """Yield where directories would have the file at a URL path: all, or those before the one that has `before`."""
        for source in self._sources:
            if isinstance(source, Directory):
                if before and (before.origin, before.mount) == (str(source), source.at):
                    return
                start = (self._prefix if source.at is None else source.at) + source.prefix
                if path.startswith(start):
                    yield source.root + path[len(start) :]

    def _list(self) -> tuple[Tree, list[Skipped]]:
        known, self._folders = self._folders, {}
        skipped: list[Skipped] = []
        walks = (self._walk(number, source, known) for number, source in enumerate(self._sources))
        tree = merge(take_files(chain(*walks), skipped), self._prefix)
        for path, file in [*tree.files.items()] if self._unreadable else ():
            if file in self._unreadable:
                del tree.files[path]
                skipped.append(self._unreadable[file])
        return tree, skipped

    def _walk(
        self, number: int, source: Iterable[File | Skipped], known: dict[tuple[int, str], _KnownFolder]
    ) -> Iterable[File | Skipped]:
        if isinstance(source, Directory):
            return source.walk(partial(self._recall, number, source, known))
        return self._others[number]

    def _recall(
        self, number: int, source: Directory, known: dict[tuple[int, str], _KnownFolder], folder: Folder
    ) -> Listing:
        key = number, folder.path
        recalled = known.get(key)
        if recalled is None or recalled.folder != folder or not recalled.is_current:
            at, stamp = time.time_ns(), find_stamp(folder.path)  # before the listing, so that it is never too new
            recalled = _KnownFolder(folder, stamp, at, source.list_folder(folder))
        self._folders[key] = recalled
        return recalled.listing
