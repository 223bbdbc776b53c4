"""Snapshots: the result of an earlier start, for a start that finds every file unchanged.

Such a start only lists the files: no reference is followed and no row is made. The digest of the listing shows whether
anything has changed: it covers every path with its stamp, in the order of the sources, and the modules of this package,
since other code may make something else of the same files. If anything has changed, `file_cache` still knows the rest.
"""

import hashlib
import logging
import os
import struct
import time
from binascii import a2b_base64
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from servestatic.assets.file import File, Skipped
from servestatic.disk.read import is_steady
from servestatic.pipeline.report import Report
from servestatic.releases.document import DAMAGED
from servestatic.releases.rows import (
    ELSEWHERE,
    Mount,
    check_needs,
    check_prefix,
    check_texts,
    pack_rows,
    root_of,
    roots_of,
    to_text,
    unpack_rows,
)
from servestatic.settings.model import Settings
from servestatic.sources.directory import Directory
from servestatic.store import Store

_PACKAGE = Directory(Path(__file__).parent.parent, ignore=("__pycache__",))
_STAMP = struct.Struct("<QQQqq")


class Snapshot(NamedTuple):
    """The mounts that a collection made, and its reports."""

    mounts: tuple[Mount, ...]
    reports: list[Report]


class Snapshots:
    """The snapshot of one collection: of certain sources, in this order, with certain settings.

    There is none if something may change unseen: if a source is not a directory, if there are manifests of bundlers, or
    if this package is not files (but a zip archive).
    """

    def __init__(self, store: Store | None, sources: list[Iterable[File | Skipped]], settings: Settings) -> None:
        directories = [source for source in sources if isinstance(source, Directory)]
        visible = len(directories) == len(sources) and not settings.manifests and os.path.isfile(__file__)
        self._store = store if visible else None
        self._sources = directories
        self._prefix = settings.prefix
        self._started = time.time_ns()  # before anything is listed
        level = logging.getLogger("servestatic").getEffectiveLevel()  # reports that no logger takes are left out
        named = "\n".join((f"snapshot {level} {settings!r}", *(f"{source!r} {source.root}" for source in directories)))
        self._key = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()

    def find(self) -> Snapshot | None:
        """Return the snapshot if no file has changed since."""
        document = self._store.load(self._key) if self._store else None
        if not isinstance(document, dict) or document.get("listing") != digest(chain(*self._sources)):
            return None
        with suppress(*DAMAGED):
            mounts = tuple(_read(table, len(self._sources)) for table in document["mounts"])
            if mounts[0].prefix == self._prefix:
                return Snapshot(mounts, [*map(_read_report, document["reports"])])
        return None

    def keep(self, found: Iterable[File | Skipped], snapshot: Snapshot) -> None:
        """Save the snapshot of all that was found, unless a file is so new that it may change unseen."""
        stamps = (item.stamp for item in found if isinstance(item, File) and item.stamp)
        steady = all(is_steady(stamp, self._started) for stamp in stamps)
        plain = all(isinstance(edits, bytes) for mount in snapshot.mounts for edits in mount.rewritten.values())
        if self._store and plain and steady:
            mounts = [*map(_write, snapshot.mounts)]
            self._store.save(self._key, {"listing": digest(found), "reports": snapshot.reports, "mounts": mounts})


def digest(found: Iterable[File | Skipped]) -> str:
    """Digest a listing of files, and of the modules of this package: 64 hex digits."""
    made = hashlib.sha256()
    for item in chain(_PACKAGE, found):
        if isinstance(item, File) and isinstance(item.content, str) and item.stamp:
            made.update(_STAMP.pack(*item.stamp) + os.fsencode(item.content))
        else:
            made.update(repr(item).encode("utf-8", "surrogateescape"))
        made.update(b"\0")
    return made.hexdigest()


def _write(mount: Mount) -> dict[str, Any]:
    """Return a mount as a table for JSON; its `apart` has only paths, its `rewritten` only edits."""
    edits = [edits for edits in mount.rewritten.values() if isinstance(edits, bytes)]
    return {
        **pack_rows(mount.rows),
        "prefix": mount.prefix,
        "apart": mount.apart,
        "rewritten": [*mount.rewritten],
        "lengths": [*map(len, edits)],
        "edits": to_text(edits),
        "needs": mount.needs,
    }


def _read(table: Mapping[str, Any], roots: int) -> Mount:
    """Undo `_write`; `roots` is the number of directories that files may be in.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: the table is damaged.
    """
    edits, lengths, rows = a2b_base64(table["edits"]), table["lengths"], unpack_rows(table)
    spans = pairwise(accumulate(lengths, initial=0))
    rewritten = {name: edits[start:stop] for name, (start, stop) in zip(table["rewritten"], spans, strict=True)}
    if sum(lengths) != len(edits) or min(lengths, default=0) < 0:
        raise ValueError("not as many edits as lengths")
    apart: dict[str, str | bytes] = dict(zip(table["apart"], check_texts([*table["apart"].values()]), strict=True))
    if not rewritten.keys() <= rows.keys():
        raise ValueError("edits without a file")
    unknown = roots_of(rows.values()) - {*range(roots)}
    elsewhere = {name for name in rows if root_of(rows[name]) == ELSEWHERE} if unknown else set()
    if not (unknown <= {ELSEWHERE} and elsewhere <= apart.keys()):
        raise ValueError("a file without a path")
    return Mount(check_prefix(table["prefix"]), rows, apart, dict(rewritten), {}, check_needs(table["needs"]))


def _read_report(row: Any) -> Report:
    level, what, total, sentences = row
    if type(level) is not int or type(total) is not int:
        raise TypeError("not a report")
    (checked,) = check_texts([what])
    return Report(level, checked, total, check_texts(sentences))
