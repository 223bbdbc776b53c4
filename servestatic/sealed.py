"""Sealed builds: the index and all that it serves, written to a directory, for servers that only read.

    OUT/css/app.css  OUT/css/app.0123456789ab.css   what plain and fingerprinted names serve
    OUT/css/app.css.br  …                            their codings, as nginx's gzip_static and brotli_static want them
    OUT/.at/…                                        files mounted elsewhere than under the prefix, by URL path
    OUT/staticfiles.json                             plain name → fingerprinted name, as Django writes it
    OUT/servestatic.json                             the index

Content-named files are written first and the index last, each whole or not at all: a reader never sees half a build.
What is there already, and intact, is not written again. The fingerprinted files of earlier builds stay. Nothing in a
build depends on when, where or by whom it was made.
"""

import hashlib
import json
import logging
import os
import struct
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from servestatic.assets.codings import ContentCoding, FastEncoder, codings, represent, worthwhile
from servestatic.assets.file import insert_fingerprint
from servestatic.assets.index import Index
from servestatic.assets.media_types import media_type
from servestatic.assets.policy import Policy
from servestatic.assets.rows import Entry, Mount, Rewritten, Root, Row
from servestatic.disk import read_file, read_slice
from servestatic.errors import BuildError
from servestatic.http.message import Memory, Slice, Stamp
from servestatic.http.representation import Representation

INDEX = "servestatic.json"
MANIFEST = "staticfiles.json"
FORMAT = 1
_log = logging.getLogger("servestatic")

Encode = Callable[[bytes, ContentCoding, bytes], bytes]
Progress = Callable[[int, int], None]


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


def write(
    index: Index,
    out: str | os.PathLike[str],
    *,
    keep_releases: int = 2,
    encode: Encode = encode_best,
    progress: Progress = lambda done, total: None,
) -> Sealed:
    """Write a sealed build over what is there.

    Args:
        index: what to write.
        out: the directory; it is made if it is not there.
        keep_releases: how many earlier builds keep their fingerprinted files.
        encode: makes coded bytes.
        progress: is told how many of how many contents are done.

    Raises:
        BuildError: the directory cannot be written, or a source changed meanwhile.
    """
    try:
        return _Writer(Path(out), encode).write(index, keep_releases, progress)
    except OSError as error:
        raise BuildError(f"{out}: {error.strerror or error}. It must be a directory that can be written.") from error


class _Writer:
    """Writes one build; knows the one that is there."""

    def __init__(self, out: Path, encode: Encode) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._out = out
        self._encode = encode
        self._before = read_index(out) or {}
        self._coded: dict[str, dict[str, list[Any]]] = {}
        self._sizes: dict[str, int] = {}
        self._written = 0

    def write(self, index: Index, keep_releases: int, progress: Progress) -> Sealed:
        entries = list(index.entries())
        named = _group(
            (entry.served, place(index, entry.mount, entry.public)) for entry in entries if entry.public != entry.name
        )
        plain = _group((_plain(index, entry), place(index, entry.mount, entry.name)) for entry in entries)
        done = 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for contents in (named, plain):
                for _ in pool.map(self._write_content, contents):
                    done += 1
                    progress(done, len(named) + len(plain))
        paths = {entry.name: entry.public for entry in entries if entry.mount == index.prefix}
        self._ensure(MANIFEST, _dump({"hash": _hash(paths), "paths": paths, "version": "1.1"}))
        document = self._describe(index, entries, keep_releases)
        self._ensure(INDEX, _seal(_dump(document)[1:]))
        self._remove_old(document)
        return Sealed(len(self._sizes), self._written, sum(self._sizes.values()))

    # ------------------------------------------------------------------------------------------------ files

    def _write_content(self, content: _Content) -> None:
        body, digest, paths = content
        data = body.data if isinstance(body, Memory) else read_slice(body)
        if data is None or hashlib.sha256(data).digest() != digest:
            raise BuildError(f"the source of {paths[0]} changed while the build was written. Write it again.")
        for path in paths:
            self._ensure(path, data)
        for coding in codings() if media_type(paths[0]).compressible else ():
            encoded = self._find_coded(digest, coding)
            if encoded is None:
                encoded = self._encode(digest, coding, data)
            if not worthwhile(len(data), len(encoded)):
                encoded = b""
            entry = [paths[0] + coding.suffix, hashlib.sha256(encoded).hexdigest(), len(encoded), coding.coder]
            self._coded.setdefault(digest.hex(), {}).setdefault(coding.name, entry)
            for path in paths if encoded else ():
                self._ensure(path + coding.suffix, encoded)

    def _find_coded(self, digest: bytes, coding: ContentCoding) -> bytes | None:
        """Read a coding that this build or the one before it has, if it is intact and of the same coder."""
        for table in (self._coded, self._before.get("codings", {})):
            with suppress(KeyError, TypeError, ValueError, OSError, BuildError):
                path, known, length, coder = table[digest.hex()][coding.name]
                if coder != coding.coder:
                    continue
                data = read_file(str(inside(self._out, path))).data if length else b""
                if data is not None and hashlib.sha256(data).hexdigest() == known:
                    return data
        return None

    def _ensure(self, path: str, data: bytes) -> None:
        """Write a file unless it is there and intact."""
        self._sizes[path] = len(data)
        target = inside(self._out, path)
        with suppress(OSError):
            if read_file(str(target)).data == data:
                return
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".", dir=target.parent)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        self._written += 1

    # ------------------------------------------------------------------------------------------------ index

    def _describe(self, index: Index, entries: Iterable[Entry], keep_releases: int) -> dict[str, Any]:
        mounts: dict[str, dict[str, list[Any]]] = {}
        release: dict[str, list[Any]] = {}
        for mount, name, public, row, _, served in entries:
            digest, length = served.digest.hex(), served.length
            rewritten = [digest, length] if served.digest != row.digest else None
            described = [row.fingerprint, row.digest.hex(), row.stamp.size, row.utf8, rewritten]
            mounts.setdefault(mount, {})[name] = described
            if public != name:
                release[place(index, mount, public)] = [mount, public, row.fingerprint, digest, length, row.utf8]
        before = [each for each in self._before.get("releases", []) if each != release]
        return {
            "format": FORMAT,
            "prefix": index.prefix,
            "mounts": mounts,
            "codings": self._coded,
            "releases": [release, *before][: keep_releases + 1],
        }

    def _remove_old(self, document: Mapping[str, Any]) -> None:
        """Remove what earlier builds wrote under fingerprinted names that nothing keeps any more."""
        kept = {path for release in document["releases"] for path in release}
        for path in {path for release in self._before.get("releases", []) for path in release} - kept:
            for suffix in ("", *(coding.suffix for coding in codings())):
                with suppress(OSError, BuildError):
                    inside(self._out, path + suffix).unlink()


def _plain(index: Index, entry: Entry) -> Rewritten:
    """Return what the plain name serves: the source, or the page with its references rewritten."""
    if index.policy.is_page(entry.name):
        return entry.served
    return Rewritten(entry.source, entry.row.stamp.size, entry.row.digest)


def _group(pairs: Iterable[tuple[Rewritten, str]]) -> list[_Content]:
    """Bring together the paths of equal bytes: they are read and encoded once."""
    contents: dict[bytes, _Content] = {}
    for (body, _, digest), path in pairs:
        contents.setdefault(digest, _Content(body, digest, [])).paths.append(path)
    return list(contents.values())


# ---------------------------------------------------------------------------------------------- reading a build


def place(index: Index, mount: str, name: str) -> str:
    """Return where a file is, below OUT."""
    return name if mount == index.prefix else f".at{mount}{name}"


def inside(out: Path, path: str) -> Path:
    """Join a path that an index gives to OUT.

    Raises:
        BuildError: it leads out of it.
    """
    if path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise BuildError(f"{out / INDEX} names {path!r}, which is not below it. Write the build again.")
    return out / path


def read_index(out: Path) -> dict[str, Any] | None:
    """Read the index of a build; None if there is none, it is of another format, or it is damaged."""
    try:
        content = (out / INDEX).read_bytes()
        loaded = json.loads(content)
    except (OSError, ValueError):
        return None
    intact = content == _seal(content[content.find(b",") + 1 :])
    return loaded if intact and isinstance(loaded, dict) and loaded.get("format") == FORMAT else None


def load(out: str | os.PathLike[str], policy: Policy, prefix: str) -> Index:
    """Make the index of a build, without a look at any file but its index: each is checked when it is first used.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    place = Path(out).absolute()
    document = read_index(place)
    if document is None:
        raise BuildError(f"{place / INDEX} is not the index of a sealed build. Write it: servestatic build {place}")
    try:
        mounts = {document["prefix"]: prefix} | {
            each: each for each in document["mounts"] if each != document["prefix"]
        }
        rows = {own: Mount(served, {}, {}, {}, {}) for own, served in mounts.items()}
        roots = {own: Root(f"{place}/" + ("" if own == document["prefix"] else f".at{own}"), "") for own in mounts}
        for number, (own, mount) in enumerate(rows.items()):
            _fill(mount, number, document["mounts"].get(own, {}), policy)
        for release in reversed(document["releases"][1:]):
            for own, public, fingerprint, digest, length, utf8 in release.values():
                kept = Row(bytes.fromhex(digest), fingerprint, Stamp(0, 0, length, 0, 0), list(rows).index(own), utf8)
                rows[own].kept[public] = kept.pack()
        index = Index(tuple(rows.values()), tuple(roots.values()), policy, sealed=True)
    except (KeyError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise BuildError(f"{place / INDEX} is damaged ({error!r}). Write the build again.") from error
    index.encoder = SealedEncoder(place, document["codings"])
    return index


def _fill(mount: Mount, root: int, files: Mapping[str, list[Any]], policy: Policy) -> None:
    for name, (fingerprint, digest, length, utf8, rewritten) in files.items():
        if rewritten and policy.is_page(name):
            digest, length = rewritten
        elif rewritten:
            served = Row(bytes.fromhex(rewritten[0]), fingerprint, Stamp(0, 0, rewritten[1], 0, 0), root, utf8)
            mount.kept[insert_fingerprint(name, fingerprint)] = served.pack()
        row = Row(bytes.fromhex(digest), fingerprint, Stamp(0, 0, length, 0, 0), root, utf8)
        mount.rows[name] = row.pack()


class SealedEncoder(FastEncoder):
    """An encoder that has the codings of a build, each checked when it is first used."""

    def __init__(self, out: Path, table: Mapping[str, Mapping[str, list[Any]]]) -> None:
        super().__init__()
        self._out = out
        self._table = table

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the codings of the build that are intact; None if it has none of these bytes."""
        row = self._table.get(digest.hex())
        if row is None:
            return None
        found = (_find_intact(self._out, name, entry) for name, entry in row.items())
        return tuple(each for each in found if each is not None)


def _find_intact(out: Path, coding: str, entry: list[Any]) -> Representation | None:
    with suppress(OSError, BuildError, ValueError, TypeError):
        path, known, length, _ = entry
        if not length:
            return None
        reading = read_file(str(inside(out, path)))
        if reading.digest.hex() == known:
            return represent(coding, Slice(str(out / path), 0, length, reading.stamp), length, reading.digest)
        _log.warning("%s is not what the build's index says; it is not served", out / path)
    return None


def check(out: str | os.PathLike[str]) -> list[str]:
    """Compare every file of a build with its index and say what is wrong.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    place = Path(out)
    document = read_index(place)
    if document is None:
        raise BuildError(f"{place / INDEX} is not the index of a sealed build. Write it: servestatic build {place}")
    wanted = {path: entry[3] for release in document["releases"] for path, entry in release.items()}
    for mount, files in document["mounts"].items():
        below = "" if mount == document["prefix"] else f".at{mount}"
        for name, (_, digest, _, _, rewritten) in files.items():
            page = rewritten and below + name not in wanted and media_type(name).page
            wanted[below + name] = rewritten[0] if page else digest
    coded = (entry for row in document["codings"].values() for entry in row.values())
    wanted |= {path: digest for path, digest, length, _ in coded if length}
    return [problem for path, digest in sorted(wanted.items()) if (problem := _compare(place, path, digest))]


def _compare(out: Path, path: str, digest: str) -> str | None:
    try:
        found = read_file(str(inside(out, path))).digest.hex()
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None if found == digest else f"{path}: not the bytes that the index names"


def _dump(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _seal(rest: bytes) -> bytes:
    """Put the SHA-256 of what follows in front of it, as the first member of the JSON object."""
    return b'{"digest":"' + hashlib.sha256(rest).hexdigest().encode() + b'",' + rest


def _hash(paths: Mapping[str, str]) -> str:
    """Return what Django calls `manifest_hash`: 12 hex digits of what the manifest says."""
    return hashlib.sha256(json.dumps(sorted(paths.items())).encode()).hexdigest()[:12]
