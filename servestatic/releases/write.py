"""Write a build: content-named files, plain ones, the manifest, the document of the release, and that it is current."""

import hashlib
import os
from collections.abc import Callable, Container, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from servestatic.assets.coding import ContentCoding, is_coded, name_object, worthwhile
from servestatic.disk.read import WHOLE, read_body
from servestatic.errors import BuildError
from servestatic.releases.build_files import BuildFiles, Permit, Sealed, permit_as_made
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import ABSENT, Coded, MakeCoding, encode_best
from servestatic.releases.contents import Content, group
from servestatic.releases.describe import describe, serve_plain
from servestatic.releases.document import CURRENT, FOLDER, MANIFEST, beneath, dump, manifest_hash, path_of
from servestatic.releases.earlier import Earlier
from servestatic.releases.intact import Intact
from servestatic.releases.layout import Layout
from servestatic.releases.previous import Previous, open_previous
from servestatic.releases.retain import Retention, read_age
from servestatic.releases.rows import Entry
from servestatic.runtime.threads import OnProgress, ignore_progress, run_in_threads

if TYPE_CHECKING:
    from servestatic.store import Store


def write(
    catalog: Catalog,
    out: str | os.PathLike[str],
    *,
    codings: Callable[[], Sequence[ContentCoding]],
    keep_releases: int = 2,
    keep_for: float | str = "7d",
    previous: str = "",
    only: Container[str] | None = None,
    encode: MakeCoding = encode_best,
    permit: Permit = permit_as_made,
    progress: OnProgress = ignore_progress,
    store: "Store | None" = None,
) -> Sealed:
    """Write a sealed build, over an earlier one if there is one.

    Args:
        catalog: what to write.
        out: the directory; it is created if it does not exist.
        codings: returns the content codings to write.
        keep_releases: how many earlier releases keep their fingerprinted files in any case.
        keep_for: how long others keep them, too: seconds, or a text such as `7d`.
        previous: a directory, a bucket or a URL whose releases come along.
        only: logical paths of the files below the prefix to write; None for all. Files elsewhere always are.
        encode: makes coded bytes.
        permit: sets owner and mode of a new file or folder, which has those of the process and its umask.
        progress: called with the number of contents done, and of all.
        store: has earlier codings, and remembers the stamps of what is written, which the next build need not read.

    Raises:
        BuildError: the directory cannot be written, or a source changed meanwhile.
        SettingError: `keep_for` is not a time.
    """
    retention = Retention(keep_releases + 1, read_age(keep_for))
    try:
        before = Previous(open_previous(previous), catalog.prefix) if previous else None
        writer = _Writer(Path(out), catalog.prefix, codings(), encode, permit, store, before)
        return writer.write(catalog, only, retention, progress)
    except OSError as error:
        raise BuildError(f"{out}: {error.strerror or error}. It must be a directory that can be written.") from error


class _Writer:
    """Writes one build, over the existing one."""

    def __init__(
        self,
        out: Path,
        prefix: str,
        codings: Sequence[ContentCoding],
        encode: MakeCoding,
        permit: Permit,
        store: "Store | None",
        previous: Previous | None,
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._codings, self._suffixes = codings, {coding.name: coding.suffix for coding in codings}
        self._files = BuildFiles(out, permit, Intact(store, str(out)), [*self._suffixes.values()])
        self._layout = Layout(out, MANIFEST, FOLDER)
        self._prefix = prefix
        self._encode = previous.take_or(encode) if previous else encode
        self._earlier = Earlier(out, previous)
        self._store = store
        self._coded: dict[bytes, dict[str, Coded]] = {}

    def write(
        self, catalog: Catalog, only: Container[str] | None, retention: Retention, progress: OnProgress
    ) -> Sealed:
        self._files.clean()
        own = self._prefix
        entries = [each for each in catalog.entries() if only is None or each.mount != own or each.name in only]
        entries = self._write_names(catalog, entries, progress)
        absent = self._layout.absent
        below = [entry for entry in entries if entry.mount == own]
        paths = {entry.name: entry.name if entry.public in absent else entry.public for entry in below}
        self._files.ensure_text(MANIFEST, dump({"hash": manifest_hash(paths), "paths": paths, "version": "1.1"}))
        document = describe(catalog, entries, self._coded, absent, self._suffixes)
        (_, *kept), dropped = self._earlier.divide(document.id, retention)
        self._files.ensure_text(path_of(document.id), document.content)
        kept = self._earlier.bring(kept, self._files, self._layout)
        self._files.ensure_text(CURRENT, "".join(f"{release}\n" for release in (document.id, *kept)).encode())
        self._files.remove(self._earlier.list_lost(kept, dropped))
        return self._files.finish()

    def _locate(self, mount: str, name: str) -> str:
        """Return the path of a name below OUT."""
        return beneath(self._prefix, mount) + name

    def _write_names(self, catalog: Catalog, entries: list[Entry], progress: OnProgress) -> list[Entry]:
        """Write the bytes of all names, and their codings; return the entries of which at least one name is written."""
        entries = sorted(entries, key=lambda entry: entry.row.root)  # the files of the first source come first
        entries = [entry for entry in entries if self._layout.take(self._locate(entry.mount, entry.name))]
        renamed = [entry for entry in entries if entry.public != entry.name]
        renamed = [entry for entry in renamed if self._layout.take(self._locate(entry.mount, entry.public))]
        public = [(entry.served, self._locate(entry.mount, entry.public)) for entry in renamed]
        plain = [(serve_plain(catalog, entry), self._locate(entry.mount, entry.name)) for entry in entries]
        absent = self._layout.absent
        groups = [group(pair for pair in pairs if pair[1] not in absent) for pairs in (public, plain)]
        done, total = count(1), sum(map(len, groups))
        for contents in groups:
            self._write_contents(contents, lambda: progress(next(done), total))
        self._layout.leave_out(self._files.obstructed)
        self._layout.report()
        return [entry for entry in entries if not absent.issuperset(self._list_paths(entry))]

    def _list_paths(self, entry: Entry) -> set[str]:
        return {self._locate(entry.mount, name) for name in (entry.name, entry.public)}

    def _write_contents(self, contents: list[Content], done: Callable[[], None]) -> None:
        """Write contents that are not intact. Fingerprinted names come first, so plain ones find the same codings."""
        missing = [content for content in contents if not self._keep(content)]
        for _ in range(len(contents) - len(missing)):
            done()

        run_in_threads(self._write_content, missing, progress=lambda *_: done())

    def _keep(self, content: Content) -> bool:
        """Keep all files of a content if they are untouched, as known by their stamps."""
        digest, find = content.digest, self._files.find
        if not all(find(path, digest) for path in content.paths):
            return False
        sizes = dict.fromkeys(content.paths, content.length)
        row: dict[str, Coded] = {}
        base, paths = self._list_coded_paths(content)
        for coding, beside in paths.items():
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
        base, paths = self._list_coded_paths(content)
        data = b"".join(parts()) if paths else b""
        for coding, beside in paths.items():
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

    def _list_coded_paths(self, content: Content) -> tuple[str, dict[ContentCoding, list[str]]]:
        """Return the path that has most codings beside it, and the paths of each coding."""
        paths = content.paths
        if not is_coded(paths[0], content.length):
            return paths[0], {}
        room = self._layout.has_room
        coded = {
            coding: [path + coding.suffix for path in paths if room(path + coding.suffix)] for coding in self._codings
        }
        base = max(paths, key=lambda path: sum(path + coding.suffix in beside for coding, beside in coded.items()))
        return base, {coding: beside for coding, beside in coded.items() if beside}

    def _note(self, digest: bytes, row: dict[str, Coded]) -> None:
        """Note the codings of bytes, unless other paths have more of them."""
        if len(row) > len(self._coded.get(digest, ())):
            self._coded[digest] = row

    def _find_coded(self, digest: bytes, coding: ContentCoding) -> Coded | None:
        """Find a coding by the same coder in this build, or the one before it."""
        for row in (self._coded.get(digest), *self._earlier.find_codings(digest)):
            coded = row.get(coding.name) if row else None
            if coded is not None and coded.coder == coding.coder and coded.digest != ABSENT:
                return coded
        return None

    def _read_coded(self, digest: bytes, coding: ContentCoding) -> bytes | None:
        """Read an existing coding, if it is intact."""
        coded = self._find_coded(digest, coding)
        if coded is None or not coded.length:
            return None if coded is None else b""
        return self._files.read(coded.path, coded.digest)

    def _take(self, digest: bytes, coding: ContentCoding) -> bytes | None:
        """Take a coding from the store, where a process that serves may have put it."""
        stored = self._store.get(name_object(digest, coding)) if self._store else None
        return read_body(stored.body) if stored else None
