"""Write a build: content-named files, plain ones, the manifest, and the index last."""

import hashlib
import os
from collections.abc import Callable, Container, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from servestatic.assets.coding import ContentCoding, is_coded, name_object, worthwhile
from servestatic.disk.read import WHOLE, read_body
from servestatic.errors import BuildError
from servestatic.releases.build_files import Files, Permit, Sealed, permit_as_made
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import ABSENT, Coded
from servestatic.releases.contents import Content, group
from servestatic.releases.describe import describe, list_names, read_before, serve_plain, without_newer
from servestatic.releases.document import INDEX, MANIFEST, beneath, dump, manifest_hash, seal
from servestatic.releases.intact import Intact
from servestatic.releases.layout import Layout
from servestatic.releases.rows import Entry
from servestatic.runtime.threads import run_in_threads

if TYPE_CHECKING:
    from servestatic.store import Store

Encode = Callable[[bytes, ContentCoding, bytes], bytes]
Progress = Callable[[int, int], None]


def encode_best(digest: bytes, coding: ContentCoding, data: bytes) -> bytes:
    """Encode as small as is sensible; the digest of the data is for those who look the answer up instead."""
    return coding.best(data)


def write(
    catalog: Catalog,
    out: str | os.PathLike[str],
    *,
    codings: Callable[[], Sequence[ContentCoding]],
    keep_releases: int = 2,
    only: Container[str] | None = None,
    encode: Encode = encode_best,
    permit: Permit = permit_as_made,
    progress: Progress = lambda done, total: None,
    store: "Store | None" = None,
) -> Sealed:
    """Write a sealed build over what is there.

    Args:
        catalog: what to write.
        out: the directory; it is made if it is not there.
        codings: returns the content codings to write.
        keep_releases: how many earlier builds keep their fingerprinted files.
        only: logical paths of the files to write; None for all.
        encode: makes coded bytes.
        permit: gives a new file or folder, made with the process's umask, its owner and mode.
        progress: is told how many of how many contents are done.
        store: has codings that were made before, and remembers what is written: the next build need not read it.

    Raises:
        BuildError: the directory cannot be written, or a source changed meanwhile.
    """
    try:
        entries = [entry for entry in catalog.entries() if only is None or entry.name in only]
        writer = _Writer(Path(out), catalog.prefix, codings(), encode, permit, store)
        return writer.write(catalog, entries, keep_releases, progress)
    except OSError as error:
        raise BuildError(f"{out}: {error.strerror or error}. It must be a directory that can be written.") from error


class _Writer:
    """Writes one build; knows the one that is there."""

    def __init__(
        self,
        out: Path,
        prefix: str,
        codings: Sequence[ContentCoding],
        encode: Encode,
        permit: Permit,
        store: "Store | None",
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._codings = codings
        self._suffixes = {coding.name: coding.suffix for coding in codings}
        self._files = Files(out, permit, Intact(store, str(out)), [*self._suffixes.values()])
        self._layout = Layout(out, (INDEX, MANIFEST))
        self._prefix = prefix
        self._encode = encode
        self._before = read_before(out, prefix)
        self._store = store
        self._coded: dict[bytes, dict[str, Coded]] = {}

    def write(self, catalog: Catalog, entries: list[Entry], keep_releases: int, progress: Progress) -> Sealed:
        self._files.clean()
        entries = self._write_names(catalog, entries, progress)
        absent = self._layout.absent
        own = [each for each in entries if each.mount == self._prefix]
        paths = {each.name: each.name if each.public in absent else each.public for each in own}
        self._files.ensure_text(MANIFEST, dump({"hash": manifest_hash(paths), "paths": paths, "version": "1.1"}))
        earlier = without_newer(list_names(entries), self._before.releases)
        document = describe(catalog, entries, earlier[:keep_releases], self._coded, absent, self._suffixes)
        self._files.ensure_text(INDEX, seal(dump(document)[1:]))
        for release in earlier[keep_releases:]:
            self._files.remove(self._place(mount, name) for mount, names in release.items() for name in names)
        return self._files.finish()

    def _place(self, mount: str, name: str) -> str:
        return beneath(self._prefix, mount) + name

    def _write_names(self, catalog: Catalog, entries: list[Entry], progress: Progress) -> list[Entry]:
        """Write what names serve, with its codings; return the entries of which a name at least is written."""
        entries = [each for each in entries if self._layout.take(self._place(each.mount, each.name))]
        renamed = [each for each in entries if each.public != each.name]
        renamed = [each for each in renamed if self._layout.take(self._place(each.mount, each.public))]
        public = [(each.served, self._place(each.mount, each.public)) for each in renamed]
        plain = [(serve_plain(catalog, each), self._place(each.mount, each.name)) for each in entries]
        absent = self._layout.absent
        groups = [group(pair for pair in pairs if pair[1] not in absent) for pairs in (public, plain)]
        done, total = count(1), sum(map(len, groups))
        for each in groups:
            self._write_contents(each, lambda: progress(next(done), total))
        self._layout.leave_out(self._files.obstructed)
        self._layout.report()
        return [each for each in entries if not absent.issuperset(self._list_paths(each))]

    def _list_paths(self, entry: Entry) -> set[str]:
        return {self._place(entry.mount, name) for name in (entry.name, entry.public)}

    def _write_contents(self, contents: list[Content], done: Callable[[], None]) -> None:
        """Write what is not there; those that are not rewritten have codings of their fingerprinted names by now."""
        missing = [each for each in contents if not self._keep(each)]
        for _ in range(len(contents) - len(missing)):
            done()

        def write(content: Content) -> None:
            self._write_content(content)
            done()

        run_in_threads(write, missing)

    def _keep(self, content: Content) -> bool:
        """Keep all files of a content as they are, if stamps tell that nobody has touched them."""
        digest, find = content.digest, self._files.find
        if not all(find(path, digest) for path in content.paths):
            return False
        sizes = dict.fromkeys(content.paths, content.length)
        row: dict[str, Coded] = {}
        base, places = self._list_places(content)
        for coding, beside in places.items():
            coded = self._find_coded(digest, coding)
            if coded is None or (coded.length and not all(find(path, coded.digest) for path in beside)):
                return False
            sizes |= dict.fromkeys(beside, coded.length) if coded.length else {}
            if not coded.length or base + coding.suffix in beside:
                row[coding.name] = coded._replace(path=base + coding.suffix)
        self._files.keep(sizes)
        self._note(digest, row)
        return True

    def _write_content(self, content: Content) -> None:
        parts = content.read if content.length > WHOLE else [*content.read()].__iter__
        for path in content.paths:
            self._files.copy(path, content.digest, content.length, parts)
        row: dict[str, Coded] = {}
        base, places = self._list_places(content)
        data = b"".join(parts()) if places else b""
        for coding, beside in places.items():
            encoded = self._read_coded(content.digest, coding)
            if encoded is None:
                encoded = self._take(content.digest, coding)
            if encoded is None:
                encoded = self._encode(content.digest, coding, data)
            if not worthwhile(len(data), len(encoded)):
                encoded = b""
            coded = Coded(base + coding.suffix, hashlib.sha256(encoded).digest(), len(encoded), coding.coder)
            written = [path for path in beside if encoded and self._files.ensure(path, coded.digest, encoded)]
            if not encoded or coded.path in written:
                row[coding.name] = coded
        self._note(content.digest, row)

    def _list_places(self, content: Content) -> tuple[str, dict[ContentCoding, list[str]]]:
        """List the paths of each coding of what is worth it, and return the path beside which most of them go."""
        paths = content.paths
        if not is_coded(paths[0], content.length):
            return paths[0], {}
        room = self._layout.has_room
        places = {
            coding: [path + coding.suffix for path in paths if room(path + coding.suffix)] for coding in self._codings
        }
        base = max(paths, key=lambda path: sum(path + coding.suffix in beside for coding, beside in places.items()))
        return base, {coding: beside for coding, beside in places.items() if beside}

    def _note(self, digest: bytes, row: dict[str, Coded]) -> None:
        """Note the codings of some bytes, unless other paths have more of them."""
        if len(row) > len(self._coded.get(digest, ())):
            self._coded[digest] = row

    def _find_coded(self, digest: bytes, coding: ContentCoding) -> Coded | None:
        """Return what this build, or the one before it, says of a coding by the same coder."""
        for table in (self._coded, self._before.codings):
            each = table.get(digest, {}).get(coding.name)
            if each is not None and each.coder == coding.coder and each.digest != ABSENT:
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
        return read_body(stored.body) if stored else None
