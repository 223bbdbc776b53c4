"""Which files of a release are put into a place, by which names, in which form."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from servestatic.assets.coding import ContentCoding, is_coded, worthwhile
from servestatic.disk.read import read_blob
from servestatic.http.message import Blob, Fields, Memory
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import Coded, MakeCoding, encode_best
from servestatic.releases.describe import serve_plain
from servestatic.releases.document import beneath
from servestatic.releases.history import MAX_FETCHED
from servestatic.releases.rows import Entry
from servestatic.releases.upload import Served
from servestatic.runtime.threads import OnProgress, ignore_progress, run_in_threads


class Limits(NamedTuple):
    """What is put at most: the bytes of a file, and those of all files of a release."""

    file: int
    release: int


LIMITS = Limits(file=MAX_FETCHED, release=2**63)
KEPT_IN_STORE = Limits(file=8 * 1024 * 1024, release=512 * 1024 * 1024)


class Form(NamedTuple):
    """How files are put.

    Attributes:
        plain: whether plain names are put, too, besides those that change with the bytes.
        encoded: the coding of what a name itself serves, where that is worthwhile; codings are not put beside it then.
    """

    plain: bool = False
    encoded: ContentCoding | None = None


AS_IT_IS = Form()


class Selection(NamedTuple):
    """What is put.

    Attributes:
        files: by path.
        absent: paths of files that are left out.
        coded: what is put in a coding, by the SHA-256 of the bytes that it encodes.
    """

    files: dict[str, Served]
    absent: set[str]
    coded: Mapping[bytes, dict[str, Coded]]


def select(
    catalog: Catalog,
    entries: Iterable[Entry],
    limits: Limits = LIMITS,
    form: Form = AS_IT_IS,
    encode: MakeCoding = encode_best,
    progress: OnProgress = ignore_progress,
) -> Selection:
    """Select what is put of a release; the largest files are left out first."""
    files, absent, size = dict[str, Served](), set[str](), 0
    for path, served in sorted(_list(catalog, entries, form), key=lambda each: each[1].blob.length):
        size += served.blob.length
        if served.blob.length > limits.file or size > limits.release:
            absent.add(path)
        else:
            files[path] = served
    if form.encoded is None:
        return Selection(files, absent, {})
    made = _encode(files, form.encoded, encode, progress)
    coded = {files[path].blob.digest: {form.encoded.name: row} for path, (_, row) in made.items()}
    return Selection(files | {path: served for path, (served, _) in made.items()}, absent, coded)


def is_content_named(catalog: Catalog, entry: Entry) -> bool:
    """Return whether the public name of a file changes with its bytes: by a fingerprint, or by its bundler."""
    return entry.public != entry.name or bool(catalog.policy.immutable(entry.name))


def _list(catalog: Catalog, entries: Iterable[Entry], form: Form) -> Iterator[tuple[str, Served]]:
    for entry in entries:
        if not entry.served.digest:
            continue
        if is_content_named(catalog, entry):
            yield _serve(catalog, entry, entry.public, entry.served, fingerprinted=True)
        if form.plain and not catalog.policy.immutable(entry.name):
            yield _serve(catalog, entry, entry.name, serve_plain(catalog, entry), fingerprinted=False)


def _serve(catalog: Catalog, entry: Entry, name: str, blob: Blob, *, fingerprinted: bool) -> tuple[str, Served]:
    url = entry.mount + name
    metadata = catalog.policy.metadata(entry.name, url, utf8=entry.row.utf8, fingerprinted=fingerprinted)
    fields: Fields = (*metadata, *catalog.policy.fields(entry.name, url))
    return beneath(catalog.prefix, entry.mount) + name, Served(blob, fields)


def _encode(
    files: Mapping[str, Served], coding: ContentCoding, encode: MakeCoding, progress: OnProgress
) -> dict[str, tuple[Served, Coded]]:
    """Encode the files for which that is worthwhile; the coding takes the name of its file."""

    def make(path: str) -> tuple[Served, Coded] | None:
        blob, fields = files[path]
        data = read_blob(blob.body, blob.digest) or b""
        encoded = encode(blob.digest, coding, data) if data else b""
        if not encoded or not worthwhile(len(data), len(encoded)):
            return None
        digest = hashlib.sha256(encoded).digest()
        served = Served(Blob(Memory(encoded), len(encoded), digest), (*fields, ("Content-Encoding", coding.name)))
        return served, Coded(path, digest, len(encoded), coding.coder)

    wanted = [path for path in files if is_coded(path, files[path].blob.length)]
    made = zip(wanted, run_in_threads(make, wanted, progress=progress), strict=True)
    return {path: pair for path, pair in made if pair}
