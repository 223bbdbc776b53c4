"""The last step of collectstatic: write a sealed build over the collected files, with the names and bytes of the index.

The build has the same sources as the index of a server, so both agree whatever was collected: a file that --ignore
left out keeps its name in the references of other files.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from django.core.files.storage import FileSystemStorage, Storage
from django.core.management import CommandError

from servestatic.assets.file import File, Skipped
from servestatic.assets.names import find_flaw, logical
from servestatic.disk.trust import FollowSymlinks
from servestatic.django.finders import file_of, sources
from servestatic.django.holder import configure
from servestatic.errors import BuildError, SourceError, explain
from servestatic.factory import build
from servestatic.serving.index import Index

StoredFile: TypeAlias = tuple[Storage, str]  # the storage that a file comes from, and its name there


def write_build(static_root: FileSystemStorage, paths: Mapping[str, StoredFile]) -> Iterator[tuple[str, str, bool]]:
    """Write a sealed build of the files at some paths, and yield what collectstatic reports for each.

    That is its path, its fingerprinted path, and whether the two differ.

    Raises:
        CommandError: the build cannot be written, or, with SERVESTATIC_STRICT, a source or reference is broken.
    """
    names = {logical(path.replace(os.sep, "/")): path for path in paths}
    try:
        index = _collect({name: paths[path] for name, path in names.items()})
        index.write(os.fspath(static_root.location), only=names, permit=partial(_permit, static_root))
    except (BuildError, SourceError) as error:
        raise CommandError(str(error)) from error
    except ExceptionGroup as group:
        raise CommandError(explain(group)) from group
    for name in index.catalog.own:
        if name in names:
            yield names[name], index.path(name), index.path(name) != name


def _collect(collected: Mapping[str, StoredFile]) -> Index:
    """Collect the sources, and the files that only collectstatic found, as with --no-default-ignore."""
    settings = configure(fingerprints=True)._replace(live=False, build="", compress="build")
    index = build(sources(), settings)
    known = set(index.catalog.own)
    more = {name: file for name, file in collected.items() if name not in known and not find_flaw(name)}
    return build([*sources(), _Extra(more)], settings) if more else index


@dataclass(frozen=True)
class _Extra:
    """Files of storages, as a source; their links may lead where those of the finders do."""

    files: Mapping[str, StoredFile]
    within: tuple[str, ...] = ()
    follow: FollowSymlinks = "inside"

    def __str__(self) -> str:
        return "collectstatic"

    def __iter__(self) -> Iterator[File | Skipped]:
        how = (str(self), self.within, self.follow)
        return (file_of(name, storage, path, *how) for name, (storage, path) in self.files.items())

    def confine(self, trusted: tuple[str, ...], *, follow_symlinks: FollowSymlinks) -> "_Extra":
        """Return the same files, whose links may lead to these directories, and as far as a rule allows."""
        return replace(self, within=trusted, follow=follow_symlinks)


def _permit(static_root: FileSystemStorage, path: str) -> None:
    """Give a file or folder the mode and group that Django gives to its own."""
    folder = os.path.isdir(path)
    mode = static_root.directory_permissions_mode if folder else static_root.file_permissions_mode
    if mode is not None:
        os.chmod(path, mode)
    group = os.stat(static_root.location).st_gid
    if hasattr(os, "chown") and os.stat(path).st_gid != group:
        with suppress(PermissionError):
            os.chown(path, -1, group)
