"""The documents of the releases in a place: those that are known, opened from the store or from the place."""

from collections.abc import Iterator
from contextlib import suppress
from heapq import nlargest

from servestatic.assets.keys import make_key
from servestatic.errors import BuildError
from servestatic.releases.coding_table import Coded
from servestatic.releases.document import RELEASES, Document, beneath, path_of
from servestatic.releases.format.file import TableFile, hold_tables, open_tables
from servestatic.releases.identity import check_id
from servestatic.releases.place import Listed, Place
from servestatic.releases.versions import Kept, find_version, own_mount
from servestatic.store import Store

MAX_DOCUMENT = 256 * 1024 * 1024  # bytes; that of a million files
_MAX_RELEASES = 20  # that are looked into: the newest


class KnownReleases:
    """The newest releases of a place, as of the last `update`. Only that reads the place."""

    def __init__(self, place: Place, store: Store | None, prefix: str) -> None:
        """Know none yet; `prefix` is that of the release that is served."""
        self._place = place
        self._store = store
        self._prefix = prefix
        self._documents: dict[str, Document] = {}
        self._damaged: set[str] = set()

    def __contains__(self, release: str) -> bool:
        return release in self._documents

    def find(self, mount: str, name: str) -> Kept | None:
        """Find the newest release that has a name made of content below a mount."""
        for release, document in self._documents.items():
            own = own_mount(document, self._prefix, mount)
            if row := document.find_public(own, name):
                return Kept(release, beneath(document.prefix, own) + name, row)
        return None

    def has(self, release: str, mount: str, name: str) -> bool:
        """Return whether a release has such a name."""
        document = self._documents.get(release)
        return document is not None and document.find_public(own_mount(document, self._prefix, mount), name) is not None

    def find_version(self, mount: str, public: str, digest: bytes) -> Kept | None:
        """Find the release in which a version of a content-named file has a digest."""
        return find_version([*self._documents.values()], self._prefix, mount, public, digest)

    def find_coded(self, digest: bytes, coding: str) -> Iterator[Coded]:
        """Yield what releases know of a coding of the bytes with a digest."""
        for document in self._documents.values():
            with suppress(BuildError):
                if coded := (document.codings.find(digest) or {}).get(coding):
                    yield coded

    def update(self) -> bool:
        """List the place, and open the documents that are new; return whether there are any.

        Raises:
            OSError: the place cannot be reached.
        """
        listed = nlargest(_MAX_RELEASES, self._list(), key=lambda each: (each.modified, each.path))
        releases = [each.path.rpartition("/")[2] for each in listed]
        opened = ((release, self._documents.get(release) or self._open(release)) for release in releases)
        before, self._documents = self._documents, {release: document for release, document in opened if document}
        return not self._documents.keys() <= before.keys()

    def _list(self) -> Iterator[Listed]:
        for each in self._place.list(RELEASES):
            with suppress(ValueError):  # not a document
                check_id(each.path.rpartition("/")[2])
                yield each

    def _open(self, release: str) -> Document | None:
        if release in self._damaged:
            return None
        try:
            document = Document(self._read(release))
            if document.id == release:
                return document
        except FileNotFoundError:  # removed meanwhile; it may be put again
            return None
        except BuildError:
            pass
        self._damaged.add(release)
        return None

    def _read(self, release: str) -> TableFile:
        """Open a document in the store, or read it from the place into the store."""
        key = make_key("document", self._place.name, release)
        with suppress(OSError, BuildError):
            if path := self._store and self._store.find_note(key):
                return open_tables(path)
        content = _read(self._place, release)
        written = self._store and self._store.save_note(key, content)
        return open_tables(written) if written else _hold(self._place, release, content)


def has_release(place: Place, release: str) -> bool:
    """Return whether a place has a release.

    Raises:
        OSError: the place cannot be reached.
    """
    return any(listed.path == path_of(release) for listed in place.list(RELEASES))


def read_document(place: Place, release: str) -> Document:
    """Read the document of a release from a place.

    Raises:
        OSError: the place cannot be reached; FileNotFoundError if it does not have the release.
        BuildError: the document is damaged.
    """
    return Document(_hold(place, release, _read(place, release)))


def _read(place: Place, release: str) -> bytes:
    content = place.read(path_of(release), MAX_DOCUMENT)
    if content is None:
        raise FileNotFoundError(release)
    return content


def _hold(place: Place, release: str, content: bytes) -> TableFile:
    return hold_tables(content, f"{place.name}/{path_of(release)}")
