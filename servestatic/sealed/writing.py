"""Write a build: content-named files, plain ones, the manifest, and the index last."""

import hashlib
import logging
import os
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from servestatic.assets.codings import ContentCoding, codings, is_coded, name_object, worthwhile
from servestatic.assets.index import Index
from servestatic.assets.rows import Entry, Rewritten
from servestatic.disk import WHOLE, read_slice
from servestatic.errors import BuildError
from servestatic.http.message import Memory, Slice
from servestatic.parallel import share
from servestatic.sealed.codings import Coded
from servestatic.sealed.describing import describe, list_public, read_before, serve_plain, without_newer
from servestatic.sealed.document import INDEX, MANIFEST, beneath, dump, manifest_hash, seal
from servestatic.sealed.files import Files, Permit, Sealed, permit_everybody, read_parts
from servestatic.sealed.intact import Intact

if TYPE_CHECKING:
    from servestatic.store import Store

_log = logging.getLogger("servestatic")

Encode = Callable[[bytes, ContentCoding, bytes], bytes]
Progress = Callable[[int, int], None]


class _Content(NamedTuple):
    """Bytes to write under some paths below OUT, with their length and SHA-256."""

    body: Memory | Slice
    length: int
    digest: bytes
    paths: list[str]

    def read(self) -> Iterator[bytes]:
        """Yield the bytes: in parts if they are too large to be held, else in one.

        Raises:
            BuildError: they are others by now.
        """
        digest = hashlib.sha256()
        for part in self._parts():
            digest.update(part)
            yield part
        if digest.digest() != self.digest:
            raise BuildError(f"the source of {self.paths[0]} changed while the build was written. Write it again.")

    def _parts(self) -> Iterable[bytes]:
        if isinstance(self.body, Memory):
            return (self.body.data,)
        return read_parts(self.body.path) if self.length > WHOLE else filter(None, (read_slice(self.body),))


def encode_best(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
    """Encode as small as is sensible; the digest of the data is for those who look the answer up instead."""
    return coding.best(data)


def write(
    index: Index,
    out: str | os.PathLike[str],
    *,
    keep_releases: int = 2,
    only: Container[str] | None = None,
    encode: Encode = encode_best,
    permit: Permit = permit_everybody,
    progress: Progress = lambda done, total: None,
    store: "Store | None" = None,
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
        store: has codings that were made before, and remembers what is written: the next build need not read it.

    Raises:
        BuildError: the directory cannot be written, or a source changed meanwhile.
    """
    try:
        entries = [entry for entry in index.entries() if only is None or entry.name in only]
        for entry in [each for each in entries if each.mount == index.prefix and each.name in (INDEX, MANIFEST)]:
            _log.warning("%s is left out of the build, which has a file of its own that is called so", entry.name)
            entries.remove(entry)
        writer = _Writer(Path(out), index.prefix, encode, permit, store)
        return writer.write(index, entries, keep_releases, progress)
    except OSError as error:
        raise BuildError(f"{out}: {error.strerror or error}. It must be a directory that can be written.") from error


class _Writer:
    """Writes one build; knows the one that is there."""

    def __init__(self, out: Path, prefix: str, encode: Encode, permit: Permit, store: "Store | None") -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._files = Files(out, permit, Intact(store, str(out)))
        self._encode = encode
        self._before = read_before(out, prefix)
        self._store = store
        self._coded: dict[bytes, dict[str, Coded]] = {}
        self._taken: set[str] = set()  # paths of plain names: a.css.gz may be a file of the tree

    def write(self, index: Index, entries: list[Entry], keep_releases: int, progress: Progress) -> Sealed:
        def place(mount: str, name: str) -> str:
            return beneath(index.prefix, mount) + name

        named = _group(
            (entry.served, place(entry.mount, entry.public)) for entry in entries if entry.public != entry.name
        )
        self._taken = {place(entry.mount, entry.name) for entry in entries}
        plain = _group((serve_plain(index, entry), place(entry.mount, entry.name)) for entry in entries)
        done, total = count(1), len(named) + len(plain)
        for contents in (named, plain):
            self._write_contents(contents, lambda: progress(next(done), total))
        paths = {entry.name: entry.public for entry in entries if entry.mount == index.prefix}
        self._files.ensure_text(MANIFEST, dump({"hash": manifest_hash(paths), "paths": paths, "version": "1.1"}))
        public = list_public(entries)
        earlier = without_newer(public, self._before.releases)
        document = describe(index, entries, public, earlier[:keep_releases], self._coded)
        self._files.ensure_text(INDEX, seal(dump(document)[1:]))
        for release in earlier[keep_releases:]:
            self._files.remove(place(mount, name) for mount, names in release.items() for name in names)
        return self._files.finish()

    def _write_contents(self, contents: list[_Content], done: Callable[[], None]) -> None:
        """Write what is not there; those that are not rewritten have codings of their fingerprinted names by now."""
        missing = [each for each in contents if not self._keep(each)]
        for _ in range(len(contents) - len(missing)):
            done()

        def write(content: _Content) -> None:
            self._write_content(content)
            done()

        share(write, missing)

    def _keep(self, content: _Content) -> bool:
        """Keep all files of a content as they are, if stamps tell that nobody has touched them."""
        digest, find = content.digest, self._files.find
        if not all(find(path, digest) for path in content.paths):
            return False
        sizes = dict.fromkeys(content.paths, content.length)
        free = self._list_free(content)
        codeds: dict[str, Coded] = {}
        for coding in codings() if free else ():
            coded = self._find_coded(digest, coding)
            if coded is None:
                return False
            beside = [path + coding.suffix for path in free]
            codeds[coding.name] = coded if coded.path == beside[0] else coded._replace(path=beside[0])
            if not coded.length:
                continue
            if not all(find(path, coded.digest) for path in beside):
                return False
            sizes |= dict.fromkeys(beside, coded.length)
        self._files.keep(sizes)
        if codeds:
            self._coded.setdefault(digest, codeds)
        return True

    def _write_content(self, content: _Content) -> None:
        parts = content.read if content.length > WHOLE else [*content.read()].__iter__
        for path in content.paths:
            self._files.copy(path, content.digest, content.length, parts)
        free = self._list_free(content)
        data = b"".join(parts()) if free else b""
        for coding in codings() if free else ():
            encoded = self._read_coded(content.digest, coding)
            if encoded is None:
                encoded = self._take(content.digest, coding)
            if encoded is None:
                encoded = self._encode(content.digest, coding, data)
            if not worthwhile(len(data), len(encoded)):
                encoded = b""
            coded = Coded(free[0] + coding.suffix, hashlib.sha256(encoded).digest(), len(encoded), coding.coder)
            self._coded.setdefault(content.digest, {}).setdefault(coding.name, coded)
            for path in free if encoded else ():
                self._files.ensure(path + coding.suffix, coded.digest, encoded)

    def _list_free(self, content: _Content) -> list[str]:
        """List the paths beside which codings go: of what is worth it, where no coding would be another file."""
        if not is_coded(content.paths[0], content.length):
            return []
        return [
            path for path in content.paths if self._taken.isdisjoint([path + coding.suffix for coding in codings()])
        ]

    def _find_coded(self, digest: bytes, coding: ContentCoding) -> Coded | None:
        """Return what this build, or the one before it, says of a coding by the same coder."""
        for table in (self._coded, self._before.codings):
            each = table.get(digest, {}).get(coding.name)
            if each is not None and each.coder == coding.coder:
                return each
        return None

    def _read_coded(self, digest: bytes, coding: ContentCoding) -> bytes | None:
        """Read a coding that is there, if it is intact."""
        coded = self._find_coded(digest, coding)
        if coded is None or not coded.length:
            return None if coded is None else b""
        return self._files.read(coded.path, coded.digest)

    def _take(self, digest: bytes, coding: ContentCoding) -> bytes | None:
        """Take a coding from the store, where a process that serves may have put it."""
        stored = self._store.get(name_object(digest, coding)) if self._store else None
        return read_slice(stored.body) if stored else None


def _group(pairs: Iterable[tuple[Rewritten, str]]) -> list[_Content]:
    """Bring together the paths of equal bytes: they are read and encoded once; the longest come first."""
    contents: dict[bytes, _Content] = {}
    for (body, length, digest), path in sorted(pairs, key=lambda pair: -pair[0].length):
        contents.setdefault(digest, _Content(body, length, digest, [])).paths.append(path)
    return list(contents.values())
