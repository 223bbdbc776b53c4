"""A directory as a source: walked once with `os.scandir`, without following links that lead out of all sources."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from servestatic.assets.file import File, Skipped
from servestatic.assets.names import find_flaw, logical
from servestatic.assets.patterns import compile_patterns
from servestatic.disk.read import stamp_of
from servestatic.disk.system import stat_entry
from servestatic.disk.trust import (
    FollowSymlinks,
    Inode,
    Within,
    inode_of,
    is_installed,
    is_outside,
    is_within,
    open_folder,
    resolve,
    stat_real,
    widest,
)

DEFAULT_IGNORE = ("CVS", ".*", "*~", "!.well-known")  # Django's, but RFC 8615's folder is meant to be public
_MAX_LINKS = 5  # links within links; more are a maze


@dataclass(frozen=True)
class Directory:
    """A directory of static files.

    Attributes:
        path: the directory; relative to the working directory of the process.
        at: URL path to mount the files at instead of the prefix of the collection, such as `/docs/`. For files at `/`
            there is the setting `root`.
        under: logical path that comes before those of the files, such as `vendor`.
        ignore: shell patterns (`fnmatch`) of names, or of paths below the directory, that are left out; one that
            begins with `!` makes an exception.
        follow_symlinks: which links out of all sources are followed: none (`inside`), those to installed packages
            (`packages`), or `all`. In an installed Python package all are, as its installer made them.
        trusted: other real paths that links may lead to; the collector adds the other sources.
        missing_ok: whether a missing directory is only logged as a warning instead of being an error.
    """

    path: str | os.PathLike[str]
    at: str | None = None
    under: str = ""
    ignore: tuple[str, ...] = DEFAULT_IGNORE
    follow_symlinks: FollowSymlinks = "inside"
    trusted: tuple[str, ...] = ()
    missing_ok: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown rule for links, with ValueError."""
        widest(self.follow_symlinks)

    def __str__(self) -> str:
        return f"directory {os.fspath(self.path)!r}"

    @cached_property
    def root(self) -> str:
        """The real path of the directory, with a slash at its end; resolved once: a link above it may move later."""
        return os.path.realpath(self.path).rstrip("/") + "/"

    @cached_property
    def prefix(self) -> str:
        """What comes before every logical path: `under` with a slash at its end, or nothing."""
        return prefix_of(self.under)

    @cached_property
    def within(self) -> Within:
        """Real paths that links may lead to; None: anywhere, as for files that an installer has linked one by one."""
        if widest(self.follow_symlinks) == "all" or is_installed(os.path.abspath(self.path)) or is_installed(self.root):
            return None
        return (self.root.rstrip("/"), *self.trusted)

    def confine(self, trusted: tuple[str, ...], *, follow_symlinks: FollowSymlinks) -> "Directory":
        """Return the same directory, but let its links also lead to these real paths, and as far as a rule allows."""
        trusted = (*map(os.path.realpath, self.trusted), *trusted)
        return replace(self, trusted=trusted, follow_symlinks=widest(follow_symlinks, self.follow_symlinks))

    @cached_property
    def _origin(self) -> str:
        return str(self)

    @cached_property
    def _ignored(self) -> Callable[[str], object]:
        return compile_patterns(self.ignore)

    def __iter__(self) -> Iterator[File | Skipped]:
        """Walk the directory; the files of a folder come before those of the folders in it, sorted by name."""
        return self.walk(self.list_folder)

    def walk(self, list_folder: "Callable[[Folder], Listing]") -> Iterator[File | Skipped]:
        """Walk the directory; `list_folder` is the method of this name, or one that remembers its results."""
        folders = [Folder(self.root, "", self.root.rstrip("/"), (), None)]
        while folders:
            listing = list_folder(folders.pop())
            yield from listing.found
            folders += listing.folders

    def list_folder(self, folder: "Folder") -> "Listing":
        """Return the contents of a folder of the directory."""
        try:
            with open_folder(folder.path.rstrip("/") or "/", self.within, folder.inode) as opened:
                children = self._list(folder, opened)
        except OSError as error:
            whole = folder.path == self.root
            path = os.path.join(os.path.abspath(self.path), "") if whole else folder.path
            return Listing((), (Skipped(path, _explain(error), whole),))
        folders = tuple([child for child in children if isinstance(child, Folder)])
        return Listing(folders, tuple([child for child in children if not isinstance(child, Folder)]))

    def _list(self, folder: "Folder", opened: int | str) -> "list[Folder | File | Skipped]":
        with os.scandir(opened) as entries:
            found = sorted(entries, key=attrgetter("name"))
        return [self._take(folder, entry) for entry in found if not self._ignored(folder.name + entry.name)]

    def _take(self, folder: "Folder", entry: "os.DirEntry[str]") -> "Folder | File | Skipped":
        path = folder.path + entry.name  # `entry.path` is the name alone if the folder was scanned by descriptor
        try:
            return self._inspect(folder, entry, path)
        except (OSError, _UnfitError) as error:
            return Skipped(path, _explain(error))

    def _inspect(self, folder: "Folder", entry: "os.DirEntry[str]", path: str) -> "Folder | File":
        """Return the folder or file that an entry is; what links out of all sources lead to gets its real path."""
        if flaw := find_flaw(entry.name):
            raise _UnfitError(flaw)
        real, links = f"{folder.real}/{entry.name}", folder.links
        status = stat_entry(entry, path)
        if stat.S_ISLNK(status.st_mode):
            real, links = resolve(path, self.within, widest(self.follow_symlinks)), (*links, folder.real)
            _check_loop(real, links)
            status = os.stat(path) if self.within is None else stat_real(real)
            path = real if is_outside(real, self.within) else path
        if stat.S_ISDIR(status.st_mode):
            return Folder(f"{path}/", f"{folder.name}{entry.name}/", real, links, inode_of(status))
        if not stat.S_ISREG(status.st_mode):
            raise _UnfitError("it is neither a file nor a directory")
        name = self.prefix + logical(folder.name + entry.name)
        return File(name, path, stamp_of(status), self._origin, self.at)


class Folder(NamedTuple):
    """A folder to walk.

    Attributes:
        path: with a slash at its end.
        name: path below the directory, with a slash at its end.
        real: real path.
        links: real paths of the folders whose links led here.
        inode: of the folder that was found there; None for the directory itself.
    """

    path: str
    name: str
    real: str
    links: tuple[str, ...]
    inode: Inode | None


class Listing(NamedTuple):
    """The contents of a folder: more folders, and files that are taken or left out."""

    folders: tuple[Folder, ...]
    found: tuple[File | Skipped, ...]


def prefix_of(under: str) -> str:
    """Return what comes before the logical paths of a source: `under` with a slash at its end, or nothing."""
    folder = under.strip("/")
    return f"{folder}/" if folder else ""


class _UnfitError(Exception):
    """An entry that cannot be a file of the tree."""


def _check_loop(real: str, folders: tuple[str, ...]) -> None:
    if any(is_within(folder, real) for folder in folders):
        raise _UnfitError("the link leads back to a folder that it is in")
    if len(folders) > _MAX_LINKS:
        raise _UnfitError(f"more than {_MAX_LINKS} links lead to it")


def _explain(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
