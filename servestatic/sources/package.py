"""A source for the static files of an installed Python package."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from servestatic.assets.file import File, Skipped
from servestatic.assets.names import logical
from servestatic.disk.read import stamp_of
from servestatic.disk.trust import FollowSymlinks, Within, is_installed, resolve, stat_real, widest
from servestatic.errors import SourceError
from servestatic.sources.directory import Directory, prefix_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@dataclass(frozen=True)
class Package:
    """A folder of an importable package that is installed as files or as a zip archive.

    Attributes:
        name: the package, such as `django.contrib.admin`.
        folder: path below the package.
        at: see `Directory`.
        under: see `Directory`.
        follow_symlinks: see `Directory`.
    """

    name: str
    folder: str = "static"
    at: str | None = None
    under: str = ""
    follow_symlinks: FollowSymlinks = "inside"

    def __post_init__(self) -> None:
        """Refuse an unknown rule for links, with ValueError."""
        widest(self.follow_symlinks)

    def __str__(self) -> str:
        return f"package {self.name!r}"

    def locate(self) -> "Directory | Package":
        """Return the directory that the files are in, or the package itself if they are in an archive.

        Raises:
            SourceError: the package cannot be imported, or has no such folder.
        """
        package = self._find()
        folder = package.joinpath(self.folder)
        if not folder.is_dir():
            raise SourceError(f"{self} has no folder {self.folder!r}. Correct its name, or take it out of the sources.")
        if not isinstance(folder, Path):
            return self
        trusted = (find_linked(package, self.folder),) if isinstance(package, Path) else ()
        return Directory(folder, self.at, self.under, follow_symlinks=self.follow_symlinks, trusted=trusted)

    def confine(self, trusted: tuple[str, ...], *, follow_symlinks: FollowSymlinks) -> "Package":
        """Return the same package, but let its links lead as far as a rule allows."""
        return replace(self, follow_symlinks=widest(follow_symlinks, self.follow_symlinks))

    def _find(self) -> "Traversable":
        from importlib.resources import files  # a sealed build needs no sources

        try:
            return files(self.name)
        except (ImportError, TypeError) as error:
            raise SourceError(
                f"{self} cannot be imported: {error}. Install it, or take it out of the sources."
            ) from error

    def __iter__(self) -> Iterator[File | Skipped]:
        """Read the files one by one through the package's loader."""
        folder = self._find().joinpath(self.folder)
        if not folder.is_dir():
            yield Skipped(f"{self.folder} in {self}", "no such directory")
            return
        prefix = prefix_of(self.under)
        entries = [(entry, entry.name) for entry in folder.iterdir()]
        while entries:
            entry, name = entries.pop()
            if entry.name.startswith(".") and entry.name != ".well-known":
                continue
            if entry.is_dir():
                entries += [(child, f"{name}/{child.name}") for child in entry.iterdir()]
                continue
            file = File(prefix + logical(name), partial(_open, entry), None, str(self), self.at)
            follow = widest(self.follow_symlinks)
            yield put_at(file, str(entry), name, (), follow) if isinstance(entry, Path) else file


def find_linked(package: str | Path, folder: str) -> str:
    """Return the path of a folder of a package that was linked file by file: beside the package's code."""
    return os.path.join(os.path.dirname(os.path.realpath(os.path.join(package, "__init__.py"))), folder)


def put_at(
    file: File, path: str, below: str, within: tuple[str, ...], follow: FollowSymlinks = "inside"
) -> File | Skipped:
    """Return a file at a path that ends with `below`, unless links lead out of the folder above that and of `within`.

    The file gets its real path, so that moving a link later does not take it away. `follow` is the rule for links that
    lead elsewhere.
    """
    below = f"{os.sep}{os.path.normpath(below)}"
    folder = path.removesuffix(below) if path.endswith(below) else os.path.dirname(path)
    allowed: Within = None if is_installed(folder) else (os.path.realpath(folder), *within)
    try:
        real = resolve(os.path.abspath(path), allowed, follow)
        return file._replace(content=real, stamp=stamp_of(stat_real(real)))
    except OSError as error:
        return Skipped(path, error.strerror or str(error))


def _open(entry: "Traversable") -> BinaryIO:
    return cast("BinaryIO", entry.open("rb"))
