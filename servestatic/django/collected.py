"""collectstatic's last step: a sealed build over the files that it has collected, with names and bytes of the index.

The build is made of the same sources as the index in process, so that both agree whatever was collected: a file that
was left out with --ignore keeps its name in the others' references.
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
from servestatic.disk.trust import Within
from servestatic.django.holder import configure
from servestatic.django.source import file_of, sources
from servestatic.errors import BuildError
from servestatic.factory import build
from servestatic.serving.index import Index

Collected: TypeAlias = tuple[Storage, str]  # the storage that a file comes from, and its name there


def write_collected(static_root: FileSystemStorage, paths: Mapping[str, Collected]) -> Iterator[tuple[str, str, bool]]:
    """Write a sealed build of the files at some paths, and yield what collectstatic wants to hear of each.

    That is its path, the one with a fingerprint, and whether there is one.

    Raises:
        CommandError: the build cannot be written, or SERVESTATIC_STRICT and something is wrong with the files.
    """
    names = {logical(path.replace(os.sep, "/")): path for path in paths}
    try:
        index = _collect({name: paths[path] for name, path in names.items()})
        index.write(os.fspath(static_root.location), only=names, permit=partial(_permit, static_root))
    except BuildError as error:
        raise CommandError(str(error)) from error
    except ExceptionGroup as group:
        raise CommandError("\n".join((f"{group.message}:", *map(str, group.exceptions)))) from group
    for name in index:
        if name in names:
            yield names[name], index.path(name), index.path(name) != name


def _collect(collected: Mapping[str, Collected]) -> Index:
    """Collect the sources, and what only collectstatic found: as with --no-default-ignore."""
    settings = replace(configure(fingerprints=True), live=False, build="", compress="build")
    index = build(sources(), settings)
    known = set(index)
    more = {name: each for name, each in collected.items() if name not in known and not find_flaw(name)}
    return build([*sources(), _More(more)], settings) if more else index


@dataclass(frozen=True)
class _More:
    """Files of storages, as a source: links lead where those of the finders may."""

    files: Mapping[str, Collected]
    within: Within = ()

    def __str__(self) -> str:
        return "collectstatic"

    def __iter__(self) -> Iterator[File | Skipped]:
        return (file_of(name, storage, path, str(self), self.within) for name, (storage, path) in self.files.items())

    def confine(self, trusted: tuple[str, ...], *, follow_symlinks: bool) -> "_More":
        """Return the same files, whose links may lead to these places, or anywhere."""
        return replace(self, within=None if follow_symlinks else trusted)


def _permit(static_root: FileSystemStorage, path: str) -> None:
    """Give a file or folder the mode and group that Django gives to those it makes."""
    folder = os.path.isdir(path)
    mode = static_root.directory_permissions_mode if folder else static_root.file_permissions_mode
    if mode is not None:
        os.chmod(path, mode)
    group = os.stat(static_root.location).st_gid
    if hasattr(os, "chown") and os.stat(path).st_gid != group:
        with suppress(PermissionError):
            os.chown(path, -1, group)
