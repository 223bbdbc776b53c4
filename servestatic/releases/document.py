"""The documents of a build: one for each release that it holds, and which of them is current.

OUT/.servestatic/releases/<id>   what the names of a release serve, and their codings
OUT/.servestatic/current         the ids of the releases, the current one first
OUT/staticfiles.json             plain name → fingerprinted name of the current release, as Django writes it
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from servestatic.assets.names import insert_fingerprint, split_fingerprint
from servestatic.disk.trust import read_bounded
from servestatic.errors import BuildError
from servestatic.releases.coding_table import CodingTable
from servestatic.releases.columns import open_lists, open_rows, open_texts
from servestatic.releases.format.column import Column
from servestatic.releases.format.file import DAMAGED, TableFile, open_tables
from servestatic.releases.identity import check_id, check_prefix
from servestatic.releases.rows import Row

FOLDER = ".servestatic"
RELEASES = f"{FOLDER}/releases"
PENDING = f"{FOLDER}/pending"  # a file for each release that is being put into a place
PRUNING = f"{FOLDER}/pruning"  # a file while releases are removed from a place
ALIVE = f"{FOLDER}/alive"  # a file for each release that a process serves, renewed each day
CURRENT = f"{FOLDER}/current"
MANIFEST = "staticfiles.json"
INDEX_3 = "servestatic.json"  # of builds in the format before this one
MAX_IDS = 100  # releases in a build
_MAX_BUNDLED = 20_000  # names of bundlers that may have deltas
MAX_CURRENT = 4096  # bytes


def path_of(release: str) -> str:
    """Return the path of a release's document below OUT."""
    return f"{RELEASES}/{release}"


def is_build(out: Path) -> bool:
    """Return whether a directory has a build, in this format or the one before."""
    return os.path.lexists(out / CURRENT) or os.path.lexists(out / INDEX_3)


def read_ids(out: Path) -> list[str]:
    """Read the ids of the releases in a build, the current one first; none if there is no build.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        return parse_ids(read_bounded(str(out / CURRENT), MAX_CURRENT))
    except OSError:
        return []


def parse_ids(content: bytes) -> list[str]:
    """Return the ids in the file that says which release is current.

    Raises:
        ValueError: it is damaged.
    """
    return [*map(check_id, content.decode().splitlines()[:MAX_IDS])]


def beneath(prefix: str, mount: str) -> str:
    """Return the folder of a mount's files below OUT; `prefix` is that of the build."""
    return "" if mount == prefix else f".at{mount}"


def inside(out: Path, path: str) -> str:
    """Join a path from a document to OUT.

    Raises:
        BuildError: it leads out of OUT.
    """
    if path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise BuildError(f"{out / FOLDER} names {path!r}, which is not below {out}. Write the build again.")
    return os.path.join(out, path)


class Sealed(NamedTuple):
    """The files of one mount in a document.

    Attributes:
        plain: what plain names serve, by these names.
        public: what fingerprinted names serve, by these names, where that is something else.
        needs: see `servestatic.releases.rows.Mount`.
    """

    plain: Column[Row]
    public: Column[Row]
    needs: Column[tuple[str, ...]]

    def find_public(self, name: str) -> Row | None:
        """Return the row of a fingerprinted name."""
        parts = split_fingerprint(name)
        if parts is None:
            return None
        if row := self.public.get(name):
            return row
        row = self.plain.get(parts[0])
        return row if row and row.named and row.fingerprint == parts[1] else None

    def list_public(self) -> Iterator[tuple[str, Row]]:
        """Yield the fingerprinted names with their rows."""
        named = ((insert_fingerprint(name, row.fingerprint), row) for name, row in self.plain.items() if row.named)
        yield from ((name, row) for name, row in named if name not in self.public)
        yield from self.public.items()


class Document:
    """What a build knows of one release.

    Raises:
        BuildError: it is damaged; also from what goes through columns.
    """

    def __init__(self, file: TableFile) -> None:
        head = file.head
        try:
            self.id = check_id(head["id"])
            prefixes = [*map(check_prefix, head["mounts"])]
            self.prefix = prefixes[0]
            self.absent = frozenset(map(str, head["absent"]))
            self.codings = CodingTable(file.table("codings"), head["coders"])
        except DAMAGED as error:
            raise file.damaged(error) from error
        self.mounts = {prefix: _open(file, number) for number, prefix in enumerate(prefixes)}
        self.immutable = open_texts(file, "immutable")
        self.aliases = open_texts(file, "aliases")
        self.later = open_lists(file, "later")

    @cached_property
    def bundled(self) -> Mapping[bytes, Sequence[tuple[str, str]]]:
        """The mounts and names of files that bundlers have named, by the SHA-256 of their bytes."""
        names: dict[bytes, list[tuple[str, str]]] = {}
        for name in islice(self.immutable, _MAX_BUNDLED):
            for mount, sealed in self.mounts.items():
                if row := sealed.plain.get(name):
                    names.setdefault(row.digest, []).append((mount, name))
        return names

    def find_public(self, mount: str, name: str) -> Row | None:
        """Return the row of a content-named file: fingerprinted, or named by its bundler."""
        sealed = self.mounts.get(mount)
        row = sealed.find_public(name) if sealed else None
        return row or (sealed.plain.get(name) if sealed and name in self.immutable else None)

    def list_public(self) -> Iterator[tuple[str, Row]]:
        """Yield the paths below OUT of content-named files, with their rows."""
        for mount, sealed in self.mounts.items():
            bundled = ((name, sealed.plain.get(name)) for name in self.immutable)
            own = ((name, row) for name, row in bundled if row and not row.named)
            paths = ((beneath(self.prefix, mount) + name, row) for name, row in chain(sealed.list_public(), own))
            yield from ((path, row) for path, row in paths if path not in self.absent)

    def list_paths(self) -> set[str]:
        """Return the paths in a place of all files that it names, plain names included."""
        below = {mount: beneath(self.prefix, mount) for mount in self.mounts}
        plain = {below[mount] + name for mount, sealed in self.mounts.items() for name in sealed.plain}
        return plain | {path for path, _ in self.list_public()}

    def list_files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the paths below OUT of all its files, with their SHA-256."""
        for mount, sealed in self.mounts.items():
            paths = ((beneath(self.prefix, mount) + name, row) for name, row in sealed.plain.items())
            yield from ((path, row.digest) for path, row in paths if path not in self.absent)
        yield from ((path, row.digest) for path, row in self.list_public())
        coded = chain.from_iterable(row.values() for _, row in self.codings.items())
        yield from ((coding.path, coding.digest) for coding in coded if coding.length)


def _open(file: TableFile, number: int) -> Sealed:
    place = partial(_place, number)
    plain, public = (open_rows(file, f"{number} {table}", place) for table in ("plain", "public"))
    return Sealed(plain, public, open_lists(file, f"{number} needs"))


def _place(number: int, _: str, row: Row) -> Row:
    return row._replace(root=number)


def open_document(out: Path, release: str) -> Document:
    """Open the document of a release.

    Raises:
        OSError: it cannot be read.
        BuildError: it is damaged, or that of another release.
    """
    document = Document(open_tables(str(out / path_of(release))))
    if document.id != release:
        raise BuildError(f"{out / path_of(release)} is the document of release {document.id}. Write the build again.")
    return document


def dump(document: Mapping[str, object]) -> bytes:
    """Write a document as JSON: equal documents as equal bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def manifest_hash(paths: Mapping[str, str]) -> str:
    """Return what Django calls `manifest_hash`: 12 hex digits that digest the manifest."""
    return hashlib.sha256(json.dumps(sorted(paths.items())).encode()).hexdigest()[:12]
