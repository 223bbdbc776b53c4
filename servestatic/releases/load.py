"""Load a build, or check one: bytes on disk are trusted only if their digest is right."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from servestatic.assets.bundles import Bundles
from servestatic.disk.read import read_file
from servestatic.errors import BuildError
from servestatic.releases.coding_table import CodingsTable
from servestatic.releases.document import DAMAGED, INDEX, beneath, inside, read_index, read_public, read_tables
from servestatic.releases.rows import (
    Mount,
    Release,
    Root,
    Row,
    check_needs,
    check_prefix,
    check_texts,
    roots_of,
    unpack_rows,
)

_log = logging.getLogger("servestatic")


class Loaded(NamedTuple):
    """A build as its index describes it; `out` is its real path."""

    out: Path
    release: Release
    bundles: Bundles
    codings: CodingsTable


def load(out: str | os.PathLike[str], prefix: str) -> Loaded:
    """Load a build to be served below a prefix. Only the index is checked now; each file is on first use.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    path = Path(os.path.realpath(out))  # in many deployments, "current" is a link to the release
    document = _read_document(path)
    try:
        release = _read_release(document, path, prefix)
        immutable, aliases = check_texts(document["immutable"]), document["aliases"]
        check_texts([*aliases.values()])
        bundles = Bundles(frozenset(immutable), aliases, {}, check_needs(document["later"]))
        codings = CodingsTable(document["codings"])
    except DAMAGED as error:
        raise _damaged(path, error) from error
    if prefix != document["prefix"]:
        _log.warning(
            "%s was built for URLs below %s, not %s: absolute references in its pages lead elsewhere."
            " Build it and serve it with the same prefix.",
            path,
            document["prefix"],
            prefix,
        )
    return Loaded(path, release, bundles, codings)


def _read_document(place: Path) -> dict[str, Any]:
    document = read_index(place)
    if document is None and not (place / INDEX).exists():
        raise BuildError(
            f"there is no sealed build in {place}. Name another place, or write it: `servestatic build {place}`,"
            " in a Django project `python manage.py collectstatic` with that place as STATIC_ROOT."
        )
    if document is None:
        raise BuildError(f"{place / INDEX} is not the index of a sealed build. Write it: servestatic build {place}")
    return document


def _damaged(place: Path, error: Exception) -> BuildError:
    return BuildError(f"{place / INDEX} is damaged ({error!r}). Write the build again.")


def _read_release(document: Mapping[str, Any], out: Path, prefix: str) -> Release:
    """Read the mounts of a build; the first is served below `prefix`."""
    named = {mount for tables in (document["mounts"], *document["releases"]) for mount in tables}
    own = [check_prefix(mount) for mount in (document["prefix"], *sorted(named - {document["prefix"]}))]
    first, *others = (_read_mount(document, mount, number) for number, mount in enumerate(own))
    roots = tuple(Root(f"{out}/{beneath(own[0], mount)}", "") for mount in own)
    return Release((first._replace(prefix=prefix), *others), roots, sealed=True)


def _read_mount(document: Mapping[str, Any], prefix: str, root: int) -> Mount:
    """Read the tables of a mount: the files of its plain names, and those of fingerprinted names alone."""

    def read(tables: Mapping[str, Any]) -> dict[str, bytes]:
        rows = unpack_rows(tables[prefix]) if prefix in tables else {}
        if roots_of(rows.values()) - {_OUT}:
            raise ValueError("a file outside of the build")
        return {name: Row.unpack(row)._replace(root=root).pack() for name, row in rows.items()} if root else rows

    kept: dict[str, bytes] = {}
    for tables in (*reversed(document["releases"]), document["rewritten"]):
        kept |= read(tables)
    return Mount(prefix, read(document["mounts"]), {}, {}, kept, check_needs(document["needs"].get(prefix, {})))


_OUT = 0  # the root of all rows in an index


def check(out: str | os.PathLike[str]) -> list[str]:
    """Compare every file of a build with its index, and return the problems.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    place = Path(out)
    document = _read_document(place)
    try:
        wanted = _list_files(document)
    except DAMAGED as error:
        raise _damaged(place, error) from error
    return [problem for path, digest in sorted(wanted.items()) if (problem := _compare(place, path, digest))]


def _list_files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the SHA-256 of every file that a build has, by its path below OUT."""
    wanted: dict[str, bytes] = {}
    plain = read_tables(document["mounts"])
    for tables in (*map(read_tables, document["releases"]), read_public(document, plain), plain):
        for mount, rows in tables.items():
            below = beneath(document["prefix"], mount)
            wanted |= {below + name: Row.unpack(row).digest for name, row in rows.items()}
    codings = CodingsTable(document["codings"])
    coded = (coded for _, row in codings.items() for coded in row.values())
    wanted = {path: digest for path, digest in wanted.items() if path not in document.get("absent", ())}
    return wanted | {path: digest for path, digest, length, _ in coded if length}


def _compare(out: Path, path: str, digest: bytes) -> str | None:
    try:
        found = read_file(inside(out, path)).digest
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None if found == digest else f"{path}: not the bytes that the index names"
