"""Snapshots: the release of an earlier start, for a start that finds every file unchanged.

Such a start only lists the files: no reference is followed and no row is made. The digest of the listing shows whether
anything has changed: it covers every path with its stamp, in the order of the sources, and the modules of this package,
since other code may make something else of the same files. If anything has changed, `file_cache` still knows the rest.
"""

import hashlib
import logging
import os
import struct
import time
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from servestatic.assets.file import File, Skipped
from servestatic.disk.read import is_steady
from servestatic.errors import BuildError
from servestatic.pipeline.report import Report
from servestatic.releases.format.file import DAMAGED, hold_tables
from servestatic.releases.local import list_held, pack, unpack
from servestatic.releases.notes import Note
from servestatic.releases.rows import Mount, Release, Root
from servestatic.settings.model import Settings
from servestatic.sources.directory import Directory
from servestatic.store import Store

_PACKAGE = Directory(Path(__file__).parent.parent, ignore=("__pycache__",))
_STAMP = struct.Struct("<QQQqq")


class Snapshot(NamedTuple):
    """The release that a collection made, and its reports."""

    release: Release
    reports: list[Report]


class Snapshots:
    """The snapshot of one collection: of certain sources, in this order, with certain settings.

    None is kept if something may change unseen: if a source is not a directory, if there are manifests of bundlers, or
    if this package is not files (but a zip archive).
    """

    def __init__(
        self, store: Store | None, sources: list[Iterable[File | Skipped]], settings: Settings, roots: Sequence[Root]
    ) -> None:
        directories = [source for source in sources if isinstance(source, Directory)]
        visible = len(directories) == len(sources) and not settings.manifests and os.path.isfile(__file__)
        self._sources = directories
        self._prefix = settings.prefix
        self._roots = roots
        self._started = time.time_ns()  # before anything is listed
        level = logging.getLogger("servestatic").getEffectiveLevel()  # reports that no logger takes are left out
        located = (f"{source!r} {source.root}" for source in directories)
        self._note = Note(store if visible else None, f"snapshot {level} {settings!r}", *located)

    def find(self) -> Snapshot | None:
        """Return the snapshot if no file has changed since."""
        file = self._note.open()
        if file is None or file.head.get("listing") != digest(chain(*self._sources)):
            return None
        try:
            file.verify()
            release = unpack(file, self._roots, {})
            reports = [*map(_read_report, file.head["reports"])]
        except (BuildError, *DAMAGED):
            return None
        return Snapshot(release, reports) if release.mounts[0].prefix == self._prefix else None

    def take(self, found: Iterable[File | Skipped], mounts: Sequence[Mount], reports: list[Report]) -> Snapshot:
        """Make the snapshot of all that was found, and keep it, unless a file is so new that it may change unseen."""
        held = list_held(mounts)
        stamps = (item.stamp for item in found if isinstance(item, File) and item.stamp)
        is_kept = self._note.has_store and not held and all(is_steady(stamp, self._started) for stamp in stamps)
        head = {"key": self._note.key, "listing": digest(found), "reports": reports} if is_kept else {}
        content = pack(mounts, held, **head)
        kept = self._note.save(content) if is_kept else None
        return Snapshot(unpack(kept or hold_tables(content, "the release"), self._roots, held), reports)


def digest(found: Iterable[File | Skipped]) -> str:
    """Digest a listing of files, and of the modules of this package: 64 hex digits."""
    made = hashlib.sha256()
    for item in chain(_PACKAGE, found):
        if isinstance(item, File) and isinstance(item.content, str) and item.stamp:
            made.update(b"%b%b\0" % (_STAMP.pack(*item.stamp), item.content.encode("utf-8", "surrogateescape")))
        else:
            made.update(repr(item).encode("utf-8", "surrogateescape") + b"\0")
    return made.hexdigest()


def _read_report(row: Any) -> Report:
    level, what, total, sentences = row
    texts = [what, *sentences] if isinstance(sentences, list) else [None]
    if type(level) is not int or type(total) is not int or not all(isinstance(text, str) for text in texts):
        raise TypeError("not a report")
    return Report(level, what, total, sentences)
