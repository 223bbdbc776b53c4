"""Turn what the caller named into sources, and check that their directories exist."""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from os import PathLike
from typing import TypeAlias, cast

from servestatic.assets.file import File, Skipped
from servestatic.errors import SourceError
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.sources import Confined, Located, Source
from servestatic.sources.directory import Directory

Sources: TypeAlias = list[Iterable[File | Skipped]]
ROOT = "/"  # URL path of the files of the setting `root`


def expand(sources: Iterable[Source], settings: Settings) -> Sources:
    """Turn paths and packages into directories, add those at the root, and let links lead from each to the others.

    Raises:
        SourceError: a package cannot be imported, or does not have the folder.
        TypeError: something is not a source.
    """
    at_root = (Directory(path, at=ROOT) for path in settings.root)
    named = chain(_flatten(sources), at_root)
    located = [source.locate() if isinstance(source, Located) else source for source in named]
    roots = tuple(source.root for source in located if isinstance(source, Directory))
    return [
        source.confine(roots, follow_symlinks=settings.follow_symlinks) if isinstance(source, Confined) else source
        for source in located
    ]


_NO_SOURCES = (bytes, File, Skipped, Index, Mapping)  # although they are iterable


def _flatten(sources: Iterable[Source]) -> Iterator[Iterable[File | Skipped]]:
    """Yield each source, also those in lists, which differ from lists of files in their items."""
    for source in sources:
        if isinstance(source, (str, PathLike)):
            yield Directory(source)
        elif isinstance(source, _NO_SOURCES) or not isinstance(source, Iterable):
            raise TypeError(
                f"{source!r} is not a source: expected the path of a directory, a Directory or Package, an iterable of"
                " File, or a list of these."
            )
        elif isinstance(source, (list, tuple)) and not any(isinstance(item, (File, Skipped)) for item in source):
            yield from _flatten(source)
        else:
            yield cast("Iterable[File | Skipped]", source)


def check_sources(sources: Iterable[Source], settings: Settings) -> None:
    """Check sources at the start that are collected later.

    Raises:
        SourceError: a directory does not exist, and may not be missing.
        TypeError: something is not a source.
    """
    expanded = expand(sources, settings)
    if not settings.live:
        check_directories(expanded, settings)


def check_directories(sources: Iterable[Iterable[File | Skipped]], settings: Settings) -> None:
    """Check that directories exist, except those that may be missing.

    Raises:
        SourceError: one does not exist.
    """
    for source in sources:
        if isinstance(source, Directory) and not source.missing_ok and not os.path.isdir(source.root):
            path, place = os.fspath(source.path), source.root.rstrip("/")
            where = "" if path == place else f" (looked for at {place})"
            what = "is a file" if os.path.exists(place) else "does not exist"
            if source.at == ROOT and path in settings.root:
                raise SourceError(
                    f"the directory {path!r} of the setting root{where} {what}. Create it, or correct it."
                )
            raise SourceError(
                f"the directory {path!r}{where} {what}."
                f" Create it, correct its name, or write Directory({path!r}, missing_ok=True) to go on without it."
            )
