"""A directory as a source: walked once with `os.scandir`, a stat for each file, no link followed out of the sources."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from servestatic.assets.file import File, Skipped, logical
from servestatic.assets.patterns import compile_patterns
from servestatic.disk import stamp_of
from servestatic.http.message import Stamp

DEFAULT_IGNORE = ("CVS", ".*", "*~", "!.well-known")  # Django's, but RFC 8615's folder is meant to be public
_UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # what Python cannot decode is a surrogate
_MOST_LINKS = 5  # links within links; more is a maze


@dataclass(frozen=True)
class Directory:
    """A directory of static files.

    Attributes:
        path: the directory; relative to the working directory of the process.
        at: URL path to mount the files at instead of the collection's prefix, such as `/` for robots.txt.
        under: logical path to put in front of the files' own, such as `vendor`.
        ignore: shell patterns (`fnmatch`) of names or of paths below the directory that are left out; one that
            begins with `!` makes an exception.
        follow_symlinks: follow links that lead out of every source too.
        trusted: other places that links may lead to; the collector adds the other sources.
        missing_ok: log a warning where the directory does not exist, instead of refusing to start.
    """

    path: str | os.PathLike[str]
    at: str | None = None
    under: str = ""
    ignore: tuple[str, ...] = DEFAULT_IGNORE
    follow_symlinks: bool = False
    trusted: tuple[str, ...] = ()
    missing_ok: bool = False

    def __str__(self) -> str:
        return f"directory {os.fspath(self.path)!r}"

    @cached_property
    def root(self) -> str:
        """The directory's absolute path, with a slash at its end."""
        return str(Path(self.path).absolute()).rstrip("/") + "/"

    @cached_property
    def prefix(self) -> str:
        """What stands before every logical path: `under` with a slash at its end, or nothing."""
        return f"{self.under.strip('/')}/" if self.under.strip("/") else ""

    @cached_property
    def _trusted(self) -> tuple[str, ...]:
        return tuple(os.path.realpath(place) for place in (self.root, *self.trusted))

    @cached_property
    def _ignored(self) -> Callable[[str], object]:
        return compile_patterns(self.ignore)

    def __iter__(self) -> Iterator[File | Skipped]:
        """Walk the directory, deepest folders last, in the order of names."""
        return self.walk(self.list_folder)

    def walk(self, look: "Callable[[Folder], Listing]") -> Iterator[File | Skipped]:
        """Walk the directory; `look` tells what is in a folder: `list_folder`, or what remembers its answers."""
        folders = [Folder(self.root, "", os.path.realpath(self.root), ())]
        while folders:
            listing = look(folders.pop())
            yield from listing.found
            folders += listing.folders

    def list_folder(self, folder: "Folder") -> "Listing":
        """Return what is in one folder of the directory."""
        try:
            with os.scandir(folder.path) as entries:
                found = sorted(entries, key=attrgetter("name"))
        except OSError as error:
            return Listing((), (Skipped(folder.path, _explain(error), whole=folder.path == self.root),))
        children = [self._take(folder, entry) for entry in found if not self._ignored(folder.name + entry.name)]
        return Listing(
            tuple(each for each in children if isinstance(each, Folder)),
            tuple(each for each in children if not isinstance(each, Folder)),
        )

    def _take(self, folder: "Folder", entry: "os.DirEntry[str]") -> "Folder | File | Skipped":
        try:
            child = self._look(folder, entry)
        except (OSError, _UnfitError) as error:
            return Skipped(entry.path, _explain(error))
        if isinstance(child, Folder):
            return child
        return File(self.prefix + logical(folder.name + entry.name), entry.path, child, str(self), self.at)

    def _look(self, folder: "Folder", entry: "os.DirEntry[str]") -> "Folder | Stamp":
        """Return the folder that an entry is, or the stamp of the file that it is."""
        if _UNSPEAKABLE.search(entry.name):
            raise _UnfitError("its name has control characters or is not UTF-8")
        real, links = f"{folder.real}/{entry.name}", folder.links
        if entry.is_symlink():
            real = os.path.realpath(entry.path, strict=True)
            self._check_link(real, (*links, folder.real))
            links = (*links, folder.real)
        status = entry.stat()
        if stat.S_ISDIR(status.st_mode):
            return Folder(f"{entry.path}/", f"{folder.name}{entry.name}/", real, links)
        if not stat.S_ISREG(status.st_mode):
            raise _UnfitError("it is neither a file nor a directory")
        return stamp_of(status)

    def _check_link(self, real: str, folders: tuple[str, ...]) -> None:
        if not self.follow_symlinks and not any(_is_within(real, place) for place in self._trusted):
            raise _UnfitError(f"the link leads out of every source, to {real} (follow_symlinks=True takes it)")
        if any(_is_within(folder, real) for folder in folders):
            raise _UnfitError("the link leads back to a folder that it is in")
        if len(folders) > _MOST_LINKS:
            raise _UnfitError(f"more than {_MOST_LINKS} links lead to it")


class Folder(NamedTuple):
    """A folder to walk: its path and logical path with a slash at the end, where it really is, and whence links led."""

    path: str
    name: str
    real: str
    links: tuple[str, ...]


class Listing(NamedTuple):
    """What one folder has: more folders, and files that are taken or left out."""

    folders: tuple[Folder, ...]
    found: tuple[File | Skipped, ...]


class _UnfitError(Exception):
    """An entry that is no file of the tree."""


def _is_within(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


def _explain(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
