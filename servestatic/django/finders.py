"""The files of Django's finders, as sources: the same files in the same order as for collectstatic."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import cast

from django.apps import apps
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import (
    AppDirectoriesFinder,
    BaseFinder,
    FileSystemFinder,
    get_finders,
)
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import FileSystemStorage, Storage

from servestatic.assets.file import File, FileContent, Skipped
from servestatic.assets.names import logical
from servestatic.disk.trust import FollowSymlinks, widest
from servestatic.django.compressor import find_output
from servestatic.sources.directory import DEFAULT_IGNORE, Directory
from servestatic.sources.package import find_linked, put_at


def sources() -> list[Iterable[File | Skipped]]:
    """Return a source for each directory that the configured finders search."""
    ignore = ignore_patterns()
    found: list[Iterable[File | Skipped]] = []
    for finder in get_finders():
        linked = _find_linked(finder) if isinstance(finder, AppDirectoriesFinder) else {}
        if not _lists_folders(finder):
            found.append(Finder(finder, ignore, tuple(chain(*linked.values()))))
        elif isinstance(finder, AppDirectoriesFinder):
            found += [
                _directory(storage.location, ignore, getattr(storage, "prefix", None) or "", linked[name])
                for name, storage in finder.storages.items()
            ]
        elif isinstance(finder, FileSystemFinder):
            found += [_directory(root, ignore, prefix) for prefix, root in finder.locations]
    output = find_output()
    has_run = output is not None and os.path.isdir(output.folder)
    return [*found, _directory(output.folder, ignore, output.name)] if output and has_run else found


def _directory(
    path: str | os.PathLike[str], ignore: tuple[str, ...], under: str, trusted: tuple[str, ...] = ()
) -> Directory:
    """Make a source of a finder's directory; a missing one is a warning, as in Django (staticfiles.W004)."""
    return Directory(path, under=under, ignore=ignore, trusted=trusted, missing_ok=True)


def _lists_folders(finder: BaseFinder) -> bool:
    """Return whether a finder is one of Django's, or a subclass that lists all files in the folders of its storages."""
    if not isinstance(finder, (AppDirectoriesFinder, FileSystemFinder)):
        return False
    own = AppDirectoriesFinder if isinstance(finder, AppDirectoriesFinder) else FileSystemFinder
    return type(finder).list is own.list and set(map(type, finder.storages.values())) <= {FileSystemStorage}


def _find_linked(finder: AppDirectoriesFinder) -> dict[str, tuple[str, ...]]:
    """Return the real folder of each app whose package was installed as links to single files."""
    paths = {app.name: app.path for app in apps.get_app_configs()}
    return {name: (find_linked(paths[name], finder.source_dir),) if name in paths else () for name in finder.storages}


def ignore_patterns() -> tuple[str, ...]:
    """Return the ignore patterns of the staticfiles app; without the app, the default ones."""
    if not apps.is_installed("django.contrib.staticfiles"):
        return DEFAULT_IGNORE
    return tuple(cast("StaticFilesConfig", apps.get_app_config("staticfiles")).ignore_patterns)


@dataclass(frozen=True)
class Finder:
    """Any finder, through the interface that collectstatic uses; its storages need not have paths.

    Links may lead where those of a `Directory` do.
    """

    finder: BaseFinder
    ignore: tuple[str, ...]
    trusted: tuple[str, ...] = ()
    follow_symlinks: FollowSymlinks = "inside"

    def __str__(self) -> str:
        return f"finder {type(self.finder).__module__}.{type(self.finder).__qualname__}"

    def confine(self, trusted: tuple[str, ...], *, follow_symlinks: FollowSymlinks) -> "Finder":
        """Return the same finder, whose links may also lead to these directories, and as far as a rule allows."""
        follow = widest(follow_symlinks, self.follow_symlinks)
        return replace(self, trusted=(*self.trusted, *trusted), follow_symlinks=follow)

    def __iter__(self) -> Iterator[File | Skipped]:
        """List the finder's files."""
        within = tuple(map(os.path.realpath, self.trusted))
        for path, storage in self.finder.list(self.ignore):
            prefix = getattr(storage, "prefix", None)
            name = logical((f"{prefix}/{path}" if prefix else path).replace(os.sep, "/"))
            yield file_of(name, storage, path, str(self), within, self.follow_symlinks)


def file_of(
    name: str, storage: Storage, path: str, origin: str, within: tuple[str, ...], follow: FollowSymlinks
) -> File | Skipped:
    """Return a file of a storage; if the storage has no paths, the file is read through the storage's streams."""
    file = File(name, cast("FileContent", partial(storage.open, path)), None, origin)
    try:
        return put_at(file, storage.path(path), path, within, follow)
    except NotImplementedError:
        return file  # a storage without paths, as Django documents `Storage.path`
    except (SuspiciousOperation, ValueError) as error:  # the name leads out of the storage, or has a NUL
        return Skipped(f"{path!r} of {origin}", str(error))
