"""Releases that come along into a build from another place, so that an image serves the files of those before it."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from servestatic.errors import BuildError
from servestatic.releases.build_files import BuildFiles
from servestatic.releases.coding_table import MakeCoding
from servestatic.releases.document import CURRENT, MAX_CURRENT, Document, parse_ids, path_of
from servestatic.releases.format.file import hold_tables
from servestatic.releases.history import History
from servestatic.releases.known import MAX_DOCUMENT
from servestatic.releases.layout import Layout
from servestatic.releases.place import Place, open_place
from servestatic.releases.retain import Dated, list_dated
from servestatic.releases.take import take_or
from servestatic.runtime.log import get_log
from servestatic.runtime.threads import run_in_threads

_MAX_FILE = 1024 * 1024 * 1024  # bytes
_log = get_log()


class _Wanted(NamedTuple):
    """A file of a release: its path, SHA-256 and length."""

    path: str
    digest: bytes
    length: int


class Previous:
    """The releases of a place, for a build of another one.

    Its documents are not trusted: nothing is written over a file of the build, nor outside of it, and only bytes that
    have the SHA-256 that a document names.

    Attributes:
        dated: the releases, the newest first.

    Raises:
        BuildError: the place cannot be reached.
    """

    def __init__(self, place: Place, prefix: str) -> None:
        self._place = place
        self._history = History(place, None, prefix)
        try:
            self.dated = _list_in_order(place)
        except OSError as error:
            raise self._unreachable(error) from error
        if not self.dated:
            _log.warning("%s has no release, so none is copied", place.name)

    def take_or(self, encode: MakeCoding) -> MakeCoding:
        """Return a function that takes codings from the place, and makes the others."""
        return take_or(encode, history=self._history)

    def bring(self, release: str, files: BuildFiles, layout: Layout) -> bool:
        """Write the files of a release that it has, then its document; False if the document is damaged.

        Raises:
            BuildError: the place cannot be reached.
            OSError: the build cannot be written.
        """
        content = self._read(path_of(release), MAX_DOCUMENT) or b""
        try:
            document = Document(hold_tables(content, f"{self._place.name}/{path_of(release)}"))
            wanted = {each.path: each for each in _list_wanted(document)}
        except BuildError as error:
            _log.warning("release %s is not copied:  %s", release, error)
            return False
        if document.id != release:
            _log.warning("release %s is not copied:  its document is that of %s", release, document.id)
            return False
        free = [each for each in wanted.values() if files.has_room(each.path) and layout.has_room(each.path)]
        came = run_in_threads(lambda each: self._copy(each, files), free, self._place.at_once)
        if not all(came):
            lost = ", ".join(each.path for each, done in zip(free[:1000], came, strict=False) if not done)
            _log.warning("%d files of release %s are not copied: %.200s", came.count(False), release, lost)
        files.ensure_text(path_of(release), content, dict(self.dated)[release])
        return True

    def _copy(self, wanted: _Wanted, files: BuildFiles) -> bool:
        path, digest, length = wanted
        if files.find(path, digest):
            files.keep({path: length})
            return True
        data = self._read(path, min(length, _MAX_FILE))
        return data is not None and hashlib.sha256(data).digest() == digest and files.ensure(path, digest, data)

    def _read(self, path: str, limit: int) -> bytes | None:
        try:
            return self._place.read(path, limit)
        except OSError as error:
            raise self._unreachable(error) from error
        except BuildError:  # not a path below the place
            return None

    def _unreachable(self, error: OSError) -> BuildError:
        what = f"{self._place.name}: {error.strerror or error}."
        return BuildError(f"{what} Name another place to copy releases from, or none.")


def open_previous(setting: str) -> Place:
    """Open the place whose releases come along: a directory, or the URL of a bucket or of a site.

    Raises:
        SettingError: the bucket needs a package that is not installed.
    """
    if setting.startswith(("https://", "http://")):
        from servestatic.releases.site import SitePlace

        return SitePlace(setting)
    return open_place(setting)


def _list_in_order(place: Place) -> list[Dated]:
    """List the releases of a place: in the order that a build has them, the others by their age."""
    try:
        first = {release: number for number, release in enumerate(parse_ids(place.read(CURRENT, MAX_CURRENT) or b""))}
    except ValueError:  # damaged
        first = {}
    return sorted(list_dated(place), key=lambda dated: first.get(dated.id, len(first)))


def _list_wanted(document: Document) -> Iterator[_Wanted]:
    """Yield what the content-named URLs of a release serve, with the codings beside these files."""
    paths = set[str]()
    for path, row in document.list_public():
        paths.add(path)
        yield _Wanted(path, row.digest, row.stamp.size)
    for _, codings in document.codings.items():  # noqa: PERF102 - it is not a dictionary
        beside = (coded for coded in codings.values() if coded.length and coded.path.rpartition(".")[0] in paths)
        yield from (_Wanted(coded.path, coded.digest, coded.length) for coded in beside)
