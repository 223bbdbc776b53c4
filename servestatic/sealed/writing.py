"""Write a build: content-named files, plain ones, the manifest, and the index last."""

import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from servestatic.assets.codings import ContentCoding, codings, worthwhile
from servestatic.assets.index import Index
from servestatic.assets.media_types import media_type
from servestatic.assets.rows import Entry, Rewritten, Row, pack_rows, unpack_rows
from servestatic.disk import read_file, read_slice
from servestatic.errors import BuildError
from servestatic.http.message import Memory, Slice, Stamp
from servestatic.sealed.codings import NO_CODINGS, Coded, CodingsTable, pack_codings
from servestatic.sealed.document import FORMAT, INDEX, MANIFEST, beneath, dump, inside, manifest_hash, read_index, seal

_log = logging.getLogger("servestatic")

Encode = Callable[[bytes, ContentCoding, bytes], bytes]
Progress = Callable[[int, int], None]
Permit = Callable[[str], None]


class Sealed(NamedTuple):
    """What a build has: files, how many of them were written now, and the bytes of all."""

    files: int
    written: int
    size: int


class _Content(NamedTuple):
    """Bytes to write under some paths below OUT, with their SHA-256."""

    body: Memory | Slice
    digest: bytes
    paths: list[str]


def encode_best(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
    """Encode as small as is sensible; the digest of the data is for those who look the answer up instead."""
    return coding.best(data)


def permit_everybody(path: str) -> None:
    """Let everybody read a file, whatever the umask."""
    os.chmod(path, 0o644)


def write(
    index: Index,
    out: str | os.PathLike[str],
    *,
    keep_releases: int = 2,
    only: Container[str] | None = None,
    encode: Encode = encode_best,
    permit: Permit = permit_everybody,
    progress: Progress = lambda done, total: None,
) -> Sealed:
    """Write a sealed build over what is there.

    Args:
        index: what to write.
        out: the directory; it is made if it is not there.
        keep_releases: how many earlier builds keep their fingerprinted files.
        only: logical paths of the files to write; None for all.
        encode: makes coded bytes.
        permit: gives a new file, made with the process's umask, its owner and mode.
        progress: is told how many of how many contents are done.

    Raises:
        BuildError: the directory cannot be written, or a source changed meanwhile.
    """
    try:
        entries = [entry for entry in index.entries() if only is None or entry.name in only]
        for entry in [each for each in entries if each.mount == index.prefix and each.name in (INDEX, MANIFEST)]:
            _log.warning("%s is left out of the build, which has a file of its own that is called so", entry.name)
            entries.remove(entry)
        return _Writer(Path(out), index.prefix, encode, permit).write(index, entries, keep_releases, progress)
    except OSError as error:
        raise BuildError(f"{out}: {error.strerror or error}. It must be a directory that can be written.") from error


class _Writer:
    """Writes one build; knows the one that is there."""

    def __init__(self, out: Path, prefix: str, encode: Encode, permit: Permit) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._out = out
        self._encode = encode
        self._permit = permit
        self._before = _read_before(out, prefix)
        self._coded: dict[bytes, dict[str, Coded]] = {}
        self._taken: set[str] = set()  # paths of plain names: a.css.gz may be a file of the tree
        self._sizes: dict[str, int] = {}
        self._written = 0

    def write(self, index: Index, entries: list[Entry], keep_releases: int, progress: Progress) -> Sealed:
        def place(mount: str, name: str) -> str:
            return beneath(index.prefix, mount) + name

        named = _group(
            (entry.served, place(entry.mount, entry.public)) for entry in entries if entry.public != entry.name
        )
        self._taken = {place(entry.mount, entry.name) for entry in entries}
        plain = _group((_plain(index, entry), place(entry.mount, entry.name)) for entry in entries)
        done = 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for contents in (named, plain):
                for _ in pool.map(self._write_content, contents):
                    done += 1
                    progress(done, len(named) + len(plain))
        paths = {entry.name: entry.public for entry in entries if entry.mount == index.prefix}
        self._ensure(MANIFEST, dump({"hash": manifest_hash(paths), "paths": paths, "version": "1.1"}))
        public = _list_public(entries)
        earlier = _without_newer(public, self._before.releases)
        document = self._describe(index, entries) | {
            "public": _pack_tables(public),
            "releases": [_pack_tables(each) for each in earlier[:keep_releases]],
        }
        self._ensure(INDEX, seal(dump(document)[1:]))
        for release in earlier[keep_releases:]:
            self._remove(place(mount, name) for mount, names in release.items() for name in names)
        return Sealed(len(self._sizes), self._written, sum(self._sizes.values()))

    # ------------------------------------------------------------------------------------------------ files

    def _write_content(self, content: _Content) -> None:
        body, digest, paths = content
        data = body.data if isinstance(body, Memory) else read_slice(body)
        if data is None or hashlib.sha256(data).digest() != digest:
            raise BuildError(f"the source of {paths[0]} changed while the build was written. Write it again.")
        for path in paths:
            self._ensure(path, data)
        free = [path for path in paths if not any(path + coding.suffix in self._taken for coding in codings())]
        for coding in codings() if free and media_type(paths[0]).compressible else ():
            encoded = self._find_coded(digest, coding)
            if encoded is None:
                encoded = self._encode(digest, coding, data)
            if not worthwhile(len(data), len(encoded)):
                encoded = b""
            coded = Coded(free[0] + coding.suffix, hashlib.sha256(encoded).digest(), len(encoded), coding.coder)
            self._coded.setdefault(digest, {}).setdefault(coding.name, coded)
            for path in free if encoded else ():
                self._ensure(path + coding.suffix, encoded)

    def _find_coded(self, digest: bytes, coding: ContentCoding) -> bytes | None:
        """Read a coding that this build or the one before it has, if it is intact and of the same coder."""
        for table in (self._coded.get(digest), self._before.codings.find(digest)):
            each = (table or {}).get(coding.name)
            if each is None or each.coder != coding.coder:
                continue
            if not each.length:
                return b""
            with suppress(OSError, BuildError):
                reading = read_file(str(inside(self._out, each.path)))
                if reading.digest == each.digest:
                    return reading.data
        return None

    def _ensure(self, path: str, data: bytes) -> None:
        """Write a file unless it is there and intact."""
        self._sizes[path] = len(data)
        target = inside(self._out, path)
        with suppress(OSError):
            if read_file(str(target)).data == data:
                return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = f"{target.parent}/.{secrets.token_hex(8)}"
        try:
            with open(temporary, "xb") as file:
                file.write(data)
            self._permit(temporary)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        self._written += 1

    # ------------------------------------------------------------------------------------------------ index

    def _describe(self, index: Index, entries: Iterable[Entry]) -> dict[str, Any]:
        plain: _Tables = {}
        rewritten: _Tables = {}
        needs: dict[str, dict[str, list[str]]] = {}
        for entry in entries:
            held = _plain(index, entry)
            plain.setdefault(entry.mount, {})[entry.name] = _pack(entry.row, held)
            if entry.public != entry.name and entry.served.digest != held.digest:
                rewritten.setdefault(entry.mount, {})[entry.public] = _pack(entry.row, entry.served)
            if entry.needs:
                needs.setdefault(entry.mount, {})[entry.name] = [*entry.needs]
        return {
            "format": FORMAT,
            "prefix": index.prefix,
            "mounts": _pack_tables(plain),
            "rewritten": _pack_tables(rewritten),
            "needs": needs,
            "aliases": dict(index.bundles().aliases),
            "later": dict(index.bundles().later),
            "immutable": sorted({entry.name for entry in entries if index.policy.immutable(entry.name)}),
            "codings": pack_codings(self._coded, {coding.name: coding.suffix for coding in codings()}),
        }

    def _remove(self, paths: Iterable[str]) -> None:
        """Remove what earlier builds wrote under fingerprinted names that nothing keeps any more."""
        for path in paths:
            for suffix in ("", *(coding.suffix for coding in codings())):
                with suppress(OSError, BuildError):
                    inside(self._out, path + suffix).unlink()


_Tables: TypeAlias = dict[str, dict[str, bytes]]  # packed rows by mount and name


class _Before(NamedTuple):
    """What the build that is there says: the fingerprinted names of each release, and its codings."""

    releases: list[_Tables]
    codings: CodingsTable


def _read_before(out: Path, prefix: str) -> _Before:
    document = read_index(out)
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        if document:
            releases = [
                {prefix if mount == document["prefix"] else mount: unpack_rows(table) for mount, table in each.items()}
                for each in (document["public"], *document["releases"])
            ]
            return _Before(releases, CodingsTable(document["codings"]))
    return _Before([], NO_CODINGS)


def _list_public(entries: Iterable[Entry]) -> _Tables:
    public: _Tables = {}
    for entry in entries:
        if entry.public != entry.name:
            public.setdefault(entry.mount, {})[entry.public] = _pack(entry.row, entry.served)
    return public


def _pack(row: Row, held: Rewritten) -> bytes:
    return row._replace(digest=held.digest, stamp=Stamp(0, 0, held.length, 0, 0), root=0).pack()


def _pack_tables(tables: _Tables) -> dict[str, Any]:
    return {mount: pack_rows(rows) for mount, rows in tables.items()}


def _without_newer(newest: _Tables, releases: Iterable[_Tables]) -> list[_Tables]:
    """Leave to each earlier release what no newer one has; a release with nothing left is none."""
    seen = {mount: {*rows} for mount, rows in newest.items()}
    left: list[_Tables] = []
    for release in releases:
        own: _Tables = {}
        for mount, rows in release.items():
            own[mount] = {name: row for name, row in rows.items() if name not in seen.setdefault(mount, set())}
            seen[mount].update(rows)
        if any(own.values()):
            left.append(own)
    return left


def _plain(index: Index, entry: Entry) -> Rewritten:
    """Return what the plain name serves: the source, or the page with its references rewritten."""
    if index.policy.is_page(entry.name):
        return entry.served
    return Rewritten(entry.source, entry.row.stamp.size, entry.row.digest)


def _group(pairs: Iterable[tuple[Rewritten, str]]) -> list[_Content]:
    """Bring together the paths of equal bytes: they are read and encoded once; the longest come first."""
    contents: dict[bytes, _Content] = {}
    for (body, _, digest), path in sorted(pairs, key=lambda pair: -pair[0].length):
        contents.setdefault(digest, _Content(body, digest, [])).paths.append(path)
    return list(contents.values())


# ---------------------------------------------------------------------------------------------- reading a build
