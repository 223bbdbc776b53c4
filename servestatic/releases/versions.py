"""Earlier versions of a file, by one of its public names and their SHA-256: what clients still have."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from servestatic.assets.names import insert_fingerprint, split_fingerprint, split_hash
from servestatic.disk.read import read_file
from servestatic.errors import BuildError
from servestatic.releases.document import Document, beneath, inside
from servestatic.releases.rows import Row


class Kept(NamedTuple):
    """What a name serves in one of the releases: `path` is that of the bytes in the place."""

    release: str
    path: str
    row: Row


class Versions(Protocol):
    """Finds and reads earlier versions of files; every method may read from disk."""

    def find_version(self, mount: str, public: str, digest: bytes) -> Kept | None:
        """Find the release in which a version of a content-named file has this SHA-256."""

    def read(self, kept: Kept) -> bytes | None:
        """Return the bytes, verified; None if they are unavailable.

        Raises:
            BlockingIOError: they are far away: `fetch` them first.
        """

    def fetch(self, kept: Kept) -> object:
        """Bring the bytes of a version near; return a truthy value once they are."""


def find_version(documents: Iterable[Document], prefix: str, mount: str, public: str, digest: bytes) -> Kept | None:
    """Find a version of a content-named file in some releases; `prefix` is that of the present one."""
    for document in documents:
        own = own_mount(document, prefix, mount)
        with suppress(BuildError):
            for name in _list_versions(document, own, public, digest):
                served = document.find_public(own, name)
                if served and served.digest == digest:
                    return Kept(document.id, beneath(document.prefix, own) + name, served)
    return None


def _list_versions(document: Document, mount: str, public: str, digest: bytes) -> Iterator[str]:
    """Yield what a file may be called in a release: by its fingerprint, or as its bundler names versions of it."""
    parts, sealed = split_fingerprint(public), document.mounts.get(mount)
    row = sealed.plain.get(parts[0]) if parts and sealed else None
    if parts and row and row.named:
        yield insert_fingerprint(parts[0], row.fingerprint)
    common = split_hash(public)
    if common and not (parts and row):
        names = (name for at, name in document.bundled.get(digest, ()) if at == mount)
        yield from (name for name in names if split_hash(name) == common)


def own_mount(document: Document, prefix: str, mount: str) -> str:
    """Return the mount of a document for one of ours: each release has its own prefix."""
    if mount == prefix:
        return document.prefix
    return mount if mount != document.prefix else ""


class BuildVersions:
    """The versions that a sealed build has."""

    def __init__(self, out: Path, prefix: str, documents: Iterable[Document]) -> None:
        self._out = out
        self._prefix = prefix
        self._documents = [*documents]

    def find_version(self, mount: str, public: str, digest: bytes) -> Kept | None:
        """Find the release in which a version of a content-named file has this SHA-256."""
        return find_version(self._documents, self._prefix, mount, public, digest)

    def fetch(self, kept: Kept) -> bool:
        """Return True: a build is on disk."""
        return True

    def read(self, kept: Kept) -> bytes | None:
        """Return the bytes, verified."""
        try:
            reading = read_file(inside(self._out, kept.path))
        except (OSError, BuildError):
            return None
        return reading.data if reading.digest == kept.row.digest else None
