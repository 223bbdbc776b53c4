"""What Django's finders find, as sources: the same files, in the same order, as collectstatic takes."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast

from django.apps import apps
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import (
    AppDirectoriesFinder,
    BaseFinder,
    FileSystemFinder,
    get_finders,
)
from django.core.files.storage import Storage

from servestatic.assets.file import Content, File, Skipped, logical
from servestatic.disk import stamp_of
from servestatic.sources.directory import DEFAULT_IGNORE, Directory


def sources() -> list[Iterable[File | Skipped]]:
    """Return a source for each place that the configured finders look in."""
    ignore = ignore_patterns()
    found: list[Iterable[File | Skipped]] = []
    for finder in get_finders():
        if type(finder) is FileSystemFinder:
            found += [Directory(root, under=prefix, ignore=ignore) for prefix, root in finder.locations]
        elif type(finder) is AppDirectoriesFinder:
            found += [Directory(storage.location, ignore=ignore) for storage in finder.storages.values()]
        else:
            found.append(Finder(finder, ignore))
    return found


def ignore_patterns() -> tuple[str, ...]:
    """Return the patterns of the staticfiles app, which owns the question."""
    if not apps.is_installed("django.contrib.staticfiles"):
        return DEFAULT_IGNORE
    return tuple(cast("StaticFilesConfig", apps.get_app_config("staticfiles")).ignore_patterns)


@dataclass(frozen=True)
class Finder:
    """Any finder, by the interface that collectstatic uses; its storages may have no paths."""

    finder: BaseFinder
    ignore: tuple[str, ...]

    def __str__(self) -> str:
        return f"finder {type(self.finder).__module__}.{type(self.finder).__qualname__}"

    def __iter__(self) -> Iterator[File | Skipped]:
        """List the finder's files."""
        for path, storage in self.finder.list(self.ignore):
            prefix = getattr(storage, "prefix", None)
            name = logical((f"{prefix}/{path}" if prefix else path).replace(os.sep, "/"))
            yield file_of(name, storage, path, str(self))


def file_of(name: str, storage: Storage, path: str, origin: str) -> File | Skipped:
    """Return a file of a storage, which may be none with paths: then it is read through its streams."""
    content: Content = cast("Content", partial(storage.open, path))
    stamp = None
    try:
        place = storage.path(path)
        content, stamp = place, stamp_of(os.stat(place))
    except NotImplementedError:
        pass  # a storage without paths, as Django documents `Storage.path`
    except OSError as error:
        return Skipped(f"{path} of {origin}", error.strerror or str(error))
    return File(name, content, stamp, origin)
