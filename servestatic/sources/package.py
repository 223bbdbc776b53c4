"""The static files that an installed Python package brings, as a source."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import BinaryIO, cast

from servestatic.assets.file import File, Skipped, logical
from servestatic.errors import SourceError
from servestatic.sources.directory import Directory


@dataclass(frozen=True)
class Package:
    """A folder of an importable package, installed as files or as a zip archive.

    Attributes:
        name: the package, such as `django.contrib.admin`.
        folder: path below the package.
        at: see `Directory`.
        under: see `Directory`.
    """

    name: str
    folder: str = "static"
    at: str | None = None
    under: str = ""

    def __str__(self) -> str:
        return f"package {self.name!r}"

    def locate(self) -> "Directory | Package":
        """Return the directory that the files are in, or the package itself where they are in an archive.

        Raises:
            SourceError: the package cannot be imported, or has no such folder.
        """
        folder = self._folder()
        if not folder.is_dir():
            raise SourceError(f"{self} has no folder {self.folder!r}. Correct its name, or take it out of the sources.")
        return Directory(folder, at=self.at, under=self.under) if isinstance(folder, Path) else self

    def _folder(self) -> Traversable:
        try:
            return files(self.name).joinpath(self.folder)
        except (ImportError, TypeError) as error:
            raise SourceError(
                f"{self} cannot be imported: {error}. Install it, or take it out of the sources."
            ) from error

    def __iter__(self) -> Iterator[File | Skipped]:
        """Read the files one by one through the package's loader."""
        folder = self._folder()
        if not folder.is_dir():
            yield Skipped(f"{self.folder} in {self}", "no such directory")
            return
        prefix = f"{self.under.strip('/')}/" if self.under.strip("/") else ""
        entries = [(entry, entry.name) for entry in folder.iterdir()]
        while entries:
            entry, name = entries.pop()
            if entry.name.startswith(".") and entry.name != ".well-known":
                continue
            if entry.is_dir():
                entries += [(child, f"{name}/{child.name}") for child in entry.iterdir()]
            else:
                yield File(prefix + logical(name), partial(_open, entry), None, str(self), self.at)


def _open(entry: Traversable) -> BinaryIO:
    return cast("BinaryIO", entry.open("rb"))
