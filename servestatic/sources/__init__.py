"""Where do files come from?

A source is a directory, any iterable of `File` and, for what it leaves out, `Skipped`, or a list of sources.
"""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Protocol, TypeAlias, runtime_checkable

from servestatic.assets.file import File, Skipped
from servestatic.disk.trust import FollowSymlinks

Source: TypeAlias = str | PathLike[str] | Iterable[File | Skipped] | Sequence["Source"]


@runtime_checkable
class Confined(Protocol):
    """A source that decides which links it follows."""

    def confine(self, trusted: tuple[str, ...], *, follow_symlinks: FollowSymlinks) -> Iterable[File | Skipped]:
        """Return the same source, but let its links also lead to these paths, and as far as a rule allows."""


@runtime_checkable
class Located(Confined, Protocol):
    """One that also has to find where its files are; a `locate` alone may be anything of a source that users write."""

    def locate(self) -> Iterable[File | Skipped]:
        """Return the source that has the files."""
