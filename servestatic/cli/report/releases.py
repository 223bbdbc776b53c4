"""Releases by name: a directory with a build, a bucket, or an id in the place of releases."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from servestatic.cli.report.comparison import Shipped, compare, list_shipped
from servestatic.cli.report.data import Report, Weight, find_copies, kind_of
from servestatic.errors import BuildError, SettingError
from servestatic.releases.document import RELEASES, Document
from servestatic.releases.identity import check_id
from servestatic.releases.known import read_document
from servestatic.releases.load import open_documents
from servestatic.releases.place import Place, open_place


class Named(NamedTuple):
    """A release, and what it was named by."""

    name: str
    document: Document

    def list_files(self) -> tuple[str, Mapping[str, Shipped]]:
        """Return the id of the release, and its files."""
        return self.document.id, list_shipped(self.document)


def find_release(name: str, where: str) -> Named:
    """Find a release: the current one of a build, the newest of a bucket, or the one with an id in the place `where`.

    Raises:
        BuildError: there is none, or the place cannot be reached.
        SettingError: an id is named, but no place.
    """
    if os.path.isdir(name):
        return Named(name, open_documents(Path(name))[0])
    if "://" in name:
        place = open_place(name)
        return Named(name, _read(place, _find_newest(place)))
    try:
        check_id(name)
    except ValueError:
        raise BuildError(f"{name} is neither the directory of a build nor the id of a release.") from None
    if where in ("", "none"):
        raise SettingError(f"no place is named that has release {name}: pass --place, or set SERVESTATIC_RELEASES.")
    return Named(name, _read(open_place(where), name))


def _find_newest(place: Place) -> str:
    try:
        listed = max(place.list(RELEASES), key=lambda each: each.modified, default=None)
    except OSError as error:
        raise _unreachable(place, error) from error
    if listed is None:
        raise BuildError(f"there is no release in {place.name}. Name another place.")
    return listed.path.rpartition("/")[2]


def _read(place: Place, release: str) -> Document:
    try:
        return read_document(place, release)
    except FileNotFoundError as error:
        raise BuildError(f"{place.name} has no release {release}: see `servestatic releases list`.") from error
    except OSError as error:
        raise _unreachable(place, error) from error


def _unreachable(place: Place, error: OSError) -> BuildError:
    return BuildError(f"{place.name}: {error.strerror or error}. Name another place, or correct its credentials.")


def describe_release(named: Named, earlier: Named | None) -> Report:
    """Return the report of a release whose files are elsewhere: what its document knows of them."""
    document, shipped = named.document, list_shipped(named.document)
    others = [mount for mount in document.mounts if mount != document.prefix]
    files = []
    for path, file in shipped.items():
        url = next((mount for mount in others if path.startswith(mount)), document.prefix) + file.public
        kind = kind_of(path, file.size)
        files.append(Weight(path, url, named.name, kind, file.size, file.sent, file.coding, file.digest))
    comparison = compare(*earlier.list_files(), document.id, shipped) if earlier else None
    copies = find_copies(files)
    return Report(document.id, document.prefix, [named.name], files, copies=copies, comparison=comparison)
