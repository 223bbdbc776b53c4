"""Snapshots: a whole collection as an earlier start left it, for a start that finds every file as it was then.

Such a start looks at the files and does nothing else: no reference is followed and no row is made. Whether all is as it
was, the digest of a listing tells: every path with its stamp, in the order of the sources. The modules of this package
are listed, too: other code may make something else of the same files. Where anything is different, `recall` knows what
is not.
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
from servestatic.pipeline.report import Told
from servestatic.releases.rows import (
    ELSEWHERE,
    Mount,
    check_needs,
    check_prefix,
    check_texts,
    pack_rows,
    root_of,
    to_text,
    unpack_rows,
)
from servestatic.settings.model import Settings
from servestatic.sources.directory import Directory
from servestatic.store import Store

_PACKAGE = Directory(Path(__file__).parent.parent, ignore=("__pycache__",))
_STAMP = struct.Struct("<QQQqq")


class Snapshot(NamedTuple):
    """What a collection made, and what it told."""

    mounts: tuple[Mount, ...]
    told: list[Told]


class Snapshots:
    """The snapshot of one collection: of these sources, in this order, with these settings.

    There is none where something may change unseen: where a source is no directory, beside manifests of bundlers, and
    where this package is not files (but in a zip archive).
    """

    def __init__(self, store: Store | None, sources: list[Iterable[File | Skipped]], settings: Settings) -> None:
        directories = [each for each in sources if isinstance(each, Directory)]
        seen = len(directories) == len(sources) and not settings.manifests and os.path.isfile(__file__)
        self._store = store if seen else None
        self._sources = directories
        self._prefix = settings.prefix
        self._started = time.time_ns()  # before anything is looked at
        told = logging.getLogger("servestatic").getEffectiveLevel()  # what nobody reads is not told
        named = "\n".join((f"snapshot {told} {settings!r}", *(f"{each!r} {each.root}" for each in directories)))
        self._key = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()

    def find(self) -> Snapshot | None:
        """Return the snapshot if every file is as it was."""
        document = self._store.load(self._key) if self._store else None
        if not isinstance(document, dict) or document.get("listing") != digest(chain(*self._sources)):
            return None
        with suppress(LookupError, TypeError, ValueError, AttributeError):
            mounts = tuple(_read(table, len(self._sources)) for table in document["mounts"])
            if mounts[0].prefix == self._prefix:
                return Snapshot(mounts, [*map(_read_told, document["told"])])
        return None

    def keep(self, found: Iterable[File | Skipped], snapshot: Snapshot) -> None:
        """Keep what was made of all that was found, unless some of it is so new that it may change unseen."""
        stamps = (each.stamp for each in found if isinstance(each, File) and each.stamp)
        steady = all(is_steady(each, self._started) for each in stamps)
        plain = all(isinstance(each, bytes) for mount in snapshot.mounts for each in mount.rewritten.values())
        if self._store and plain and steady:
            mounts = [*map(_write, snapshot.mounts)]
            self._store.save(self._key, {"listing": digest(found), "told": snapshot.told, "mounts": mounts})


def digest(found: Iterable[File | Skipped]) -> str:
    """Digest a listing of files at paths, and of this package's modules: 64 hex digits."""
    made = hashlib.sha256()
    for each in chain(_PACKAGE, found):
        if isinstance(each, File) and isinstance(each.content, str) and each.stamp:
            made.update(_STAMP.pack(*each.stamp) + os.fsencode(each.content))
        else:
            made.update(repr(each).encode("utf-8", "surrogateescape"))
        made.update(b"\0")
    return made.hexdigest()


def _write(mount: Mount) -> dict[str, Any]:
    """Write a mount for JSON; `apart` has paths, and `rewritten` edits."""
    edits = [each for each in mount.rewritten.values() if isinstance(each, bytes)]
    return {
        **pack_rows(mount.rows),
        "prefix": mount.prefix,
        "apart": mount.apart,
        "rewritten": [*mount.rewritten],
        "lengths": [len(each) for each in edits],
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
        raise ValueError("edits of no file")
    unknown = {*map(root_of, {row[-3:] for row in rows.values()})} - {*range(roots)}
    elsewhere = {name for name in rows if root_of(rows[name]) == ELSEWHERE} if unknown else set()
    if not (unknown <= {ELSEWHERE} and elsewhere <= apart.keys()):
        raise ValueError("a file without a place")
    return Mount(check_prefix(table["prefix"]), rows, apart, dict(rewritten), {}, check_needs(table["needs"]))


def _read_told(row: Any) -> Told:
    level, what, total, sentences = row
    if type(level) is not int or type(total) is not int:
        raise TypeError("no log line")
    (checked,) = check_texts([what])
    return Told(level, checked, total, check_texts(sentences))
