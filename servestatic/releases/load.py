"""Load a build, or check one: bytes on disk are trusted only if their digest is right."""

import os
from functools import partial
from pathlib import Path
from typing import NamedTuple

from servestatic.assets.bundles import Bundles
from servestatic.disk.read import read_file
from servestatic.errors import BuildError
from servestatic.releases.document import (
    CURRENT,
    INDEX_3,
    Document,
    beneath,
    inside,
    open_document,
    read_ids,
)
from servestatic.releases.rows import Mount, Release, Root, Row
from servestatic.runtime.log import get_log

_log = get_log()


class Loaded(NamedTuple):
    """A build as its documents describe it, that of the current release first; `out` is its real path."""

    out: Path
    release: Release
    bundles: Bundles
    documents: list[Document]


def load(out: str | os.PathLike[str], prefix: str) -> Loaded:
    """Load a build to be served below a prefix. Only heads of documents are read now; all else is on first use.

    Raises:
        BuildError: there is no build, or the document of its current release is damaged.
    """
    path = Path(os.path.realpath(out))  # in many deployments, "current" is a link to the release
    current, *earlier = open_documents(path)
    if prefix != current.prefix:
        _log.warning(
            "%s was built for URLs below %s, not %s: absolute references in its pages lead elsewhere."
            " Build it and serve it with the same prefix.",
            path,
            current.prefix,
            prefix,
        )
    bundles = Bundles(current.immutable, current.aliases, {}, current.later)
    return Loaded(path, _read_release(path, prefix, current, earlier), bundles, [current, *earlier])


def open_documents(out: Path) -> list[Document]:
    """Open the documents of a build: the current release, then the earlier ones that are intact.

    Raises:
        BuildError: there is no build, or the document of its current release is damaged.
    """
    try:
        ids = read_ids(out)
    except ValueError as error:
        raise BuildError(f"{out / CURRENT} is damaged: {error}. Write the build again.") from error
    if not ids:
        raise _missing(out)
    try:
        documents = [open_document(out, ids[0])]
    except OSError as error:
        raise BuildError(f"{error.filename or out}: {error.strerror or error}. Write the build again.") from error
    for release in ids[1:]:
        try:
            documents.append(open_document(out, release))
        except (OSError, BuildError) as error:
            _log.warning("an earlier release of the build is not served: %s", error)
    return documents


def _missing(out: Path) -> BuildError:
    if (out / INDEX_3).exists():
        return BuildError(f"the build in {out} was written by an earlier version of servestatic. Write it again.")
    return BuildError(
        f"there is no sealed build in {out}. Name another place, or write it: `servestatic build {out}`,"
        " in a Django project `python manage.py collectstatic` with STATIC_ROOT set to it."
    )


def _read_release(out: Path, prefix: str, current: Document, earlier: list[Document]) -> Release:
    """Read the mounts of a build; the first is served below `prefix`, whatever it was built for."""
    before = {mount for document in earlier for mount in document.mounts if mount != document.prefix}
    own = [*current.mounts, *sorted(before - current.mounts.keys())]
    first, *others = (_read_mount(mount, number, current, earlier) for number, mount in enumerate(own))
    roots = tuple(Root(f"{out}/{beneath(current.prefix, mount)}", "") for mount in own)
    return Release(lambda: current.id, (first._replace(prefix=prefix), *others), roots, sealed=True)


def _read_mount(prefix: str, number: int, current: Document, earlier: list[Document]) -> Mount:
    """Read the files of a mount: those of the current release, and fingerprinted ones of earlier releases."""
    named = ((document, _find_mount(document, prefix, own=number == 0)) for document in earlier)
    before = [(document, mount) for document, mount in named if mount in document.mounts]
    sealed = [current.mounts.get(prefix), *(document.mounts[mount] for document, mount in before)]
    longest = max(each.plain.longest for each in sealed if each)
    mount = Mount(prefix, {}, {}, {}, {}, longest, find_earlier=partial(_find_earlier, before, number))
    if own := current.mounts.get(prefix):
        return mount._replace(rows=own.plain, needs=own.needs, public=own.public)
    return mount


def _find_mount(document: Document, prefix: str, *, own: bool) -> str:
    """Return the mount of an earlier release for one of the build: each release has its own prefix."""
    if own:
        return document.prefix
    return "" if prefix == document.prefix else prefix


def _find_earlier(before: list[tuple[Document, str]], number: int, name: str) -> Row | None:
    for document, mount in before:
        if row := document.find_public(mount, name):
            return row._replace(root=number)
    return None


def check(out: str | os.PathLike[str]) -> list[str]:
    """Compare every file of a build with its documents, and return the problems.

    Raises:
        BuildError: there is no build, or a document is damaged.
    """
    place = Path(out)
    current, *earlier = open_documents(place)
    wanted = {path: row.digest for document in reversed(earlier) for path, row in document.list_public()}
    wanted |= current.list_files()
    return [problem for path, digest in sorted(wanted.items()) if (problem := _compare(place, path, digest))]


def _compare(out: Path, path: str, digest: bytes) -> str | None:
    try:
        found = read_file(inside(out, path)).digest
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None if found == digest else f"{path}: not the bytes that the build's document names"
