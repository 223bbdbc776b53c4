"""Releases by name: a directory with a build, a bucket, or an id in the place of releases."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from servestatic.assets.names import insert_fingerprint
from servestatic.cli.place import read_release, unreachable
from servestatic.cli.report.comparison import Comparison, Shipped, Side, compare
from servestatic.cli.report.data import Report, Weight, find_copies, kind_of
from servestatic.errors import BuildError, SettingError
from servestatic.releases.document import RELEASES, Document, Sealed, beneath
from servestatic.releases.identity import check_id
from servestatic.releases.load import open_documents
from servestatic.releases.place import Place, open_place
from servestatic.releases.rows import Row


class Named(NamedTuple):
    """A release, what it was named by, and the place that has its files."""

    name: str
    place: Place
    document: Document

    def as_side(self) -> Side:
        """Return the release for a comparison.

        Raises:
            BuildError: the document is damaged.
        """
        listed = [*self._list()]
        files = {path: file for path, file, _ in listed}
        stored = {path: beneath(self.document.prefix, mount) + file.public for path, file, mount in listed}
        return Side(self.document.id, files, lambda path: self._read(stored[path], files[path]))

    def weigh(self) -> list[Weight]:
        """Return its files."""
        return [
            Weight(path, mount + file.public, self.name, kind_of(path, file.size), *file[3:], digest=file.digest)
            for path, file, mount in self._list()
        ]

    def _list(self) -> Iterator[tuple[str, Shipped, str]]:
        """Yield the files by the paths of a report, with their mounts."""
        for mount, sealed in self.document.mounts.items():
            for name, row in sealed.plain.items():
                path = name if mount == self.document.prefix else mount + name
                yield path, _describe(self.document, sealed, name, row), mount

    def _read(self, path: str, file: Shipped) -> bytes | None:
        data = self.place.read(path, file.size)
        return data if data is not None and hashlib.sha256(data).digest() == file.digest else None


def _describe(document: Document, sealed: Sealed, name: str, row: Row) -> Shipped:
    public = insert_fingerprint(name, row.fingerprint) if row.named else name
    served = (sealed.find_public(public) if row.named else None) or row
    size = served.stamp.size
    coded = ((coding, coded.length) for coding, coded in (document.codings.find(served.digest) or {}).items())
    coding, sent = min((pair for pair in coded if pair[1]), key=lambda pair: pair[1], default=("", size))
    return Shipped(row.digest, public, served.digest, size, sent, coding)


def find_release(name: str, where: str) -> Named:
    """Find a release: the current one of a build, the newest of a bucket, or the one with an id in the place `where`.

    Raises:
        BuildError: there is none, or the place cannot be reached.
        SettingError: an id is named, but no place.
    """
    if os.path.isdir(name):
        return Named(name, open_place(name), open_documents(Path(name))[0])
    if "://" in name:
        place = open_place(name)
        return Named(name, place, read_release(place, _find_newest(place)))
    try:
        check_id(name)
    except ValueError:
        raise BuildError(f"{name} is neither the directory of a build nor the id of a release.") from None
    if where in ("", "none"):
        raise SettingError(f"to find release {name}, name its place: pass --place, or set SERVESTATIC_RELEASES.")
    place = open_place(where)
    return Named(name, place, read_release(place, name))


def _find_newest(place: Place) -> str:
    try:
        listed = max(place.list(RELEASES), key=lambda each: each.modified, default=None)
    except OSError as error:
        raise unreachable(place, error) from error
    if listed is None:
        raise BuildError(f"there is no release in {place.name}. Name another place.")
    return listed.path.rpartition("/")[2]


def describe_release(named: Named, earlier: Named | None) -> Report:
    """Return the report of a release whose files are elsewhere: what its document knows of them.

    Raises:
        BuildError: a document is damaged, or the place cannot be reached.
    """
    files, document = named.weigh(), named.document
    comparison = compare_with(earlier, named.as_side()) if earlier else None
    copies = find_copies(files)
    return Report(document.id, document.prefix, [named.name], files, copies=copies, comparison=comparison)


def compare_with(earlier: Named, after: Side) -> Comparison:
    """Compare a release with an earlier one.

    Raises:
        BuildError: the place cannot be reached.
    """
    try:
        return compare(earlier.as_side(), after)
    except OSError as error:
        raise unreachable(earlier.place, error) from error
