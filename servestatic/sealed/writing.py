"""Write a build: content-named files, plain ones, the manifest, and the index last."""

import hashlib
import os
import secrets
from collections.abc import Callable, Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from servestatic.assets.codings import ContentCoding, codings, worthwhile
from servestatic.assets.index import Index
from servestatic.assets.media_types import media_type
from servestatic.assets.rows import Entry, Rewritten
from servestatic.disk import read_file, read_slice
from servestatic.errors import BuildError
from servestatic.http.message import Memory, Slice
from servestatic.sealed.document import FORMAT, INDEX, MANIFEST, dump, inside, manifest_hash, place, read_index, seal

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
        return _Writer(Path(out), encode, permit).write(index, entries, keep_releases, progress)
    except OSError as error:
        raise BuildError(f"{out}: {error.strerror or error}. It must be a directory that can be written.") from error


class _Writer:
    """Writes one build; knows the one that is there."""

    def __init__(self, out: Path, encode: Encode, permit: Permit) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._out = out
        self._encode = encode
        self._permit = permit
        self._before = read_index(out) or {}
        self._coded: dict[str, dict[str, list[Any]]] = {}
        self._sizes: dict[str, int] = {}
        self._written = 0

    def write(self, index: Index, entries: list[Entry], keep_releases: int, progress: Progress) -> Sealed:
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
        self._ensure(MANIFEST, dump({"hash": manifest_hash(paths), "paths": paths, "version": "1.1"}))
        document = self._describe(index, entries, keep_releases)
        self._ensure(INDEX, seal(dump(document)[1:]))
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

    def _describe(self, index: Index, entries: Iterable[Entry], keep_releases: int) -> dict[str, Any]:
        mounts: dict[str, dict[str, list[Any]]] = {}
        release: dict[str, list[Any]] = {}
        needs: dict[str, dict[str, list[str]]] = {}
        for mount, name, public, row, _, served, needed in entries:
            if needed:
                needs.setdefault(mount, {})[name] = [*needed]
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
            "needs": needs,
            "aliases": dict(index.bundles().aliases),
            "immutable": sorted({entry.name for entry in entries if index.policy.immutable(entry.name)}),
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
