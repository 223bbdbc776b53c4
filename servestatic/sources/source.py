"""What may be named as a source: a directory, or whatever yields files."""

from collections.abc import Iterable
from os import PathLike
from typing import Protocol, TypeAlias, runtime_checkable

from servestatic.assets.file import File, Skipped

Source: TypeAlias = str | PathLike[str] | Iterable[File | Skipped]


@runtime_checkable
class Confined(Protocol):
    """A source that decides which links it follows."""

    def confine(self, trusted: tuple[str, ...], *, follow_symlinks: bool) -> Iterable[File | Skipped]:
        """Return the same source, whose links may lead to these places too, or anywhere."""
