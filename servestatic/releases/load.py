"""Load a build, and check one: what is on disk is believed only as far as its digest goes."""

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from servestatic.assets.bundles import Bundles
from servestatic.assets.policy import Policy
from servestatic.disk.read import read_file
from servestatic.errors import BuildError
from servestatic.http.message import Slice
from servestatic.http.representation import Representation
from servestatic.releases.coding_table import Coded, CodingsTable
from servestatic.releases.document import INDEX, beneath, inside, read_index, read_public, read_tables
from servestatic.releases.rows import Mount, Root, Row, check_needs, check_prefix, check_texts, unpack_rows
from servestatic.runtime.news import is_new
from servestatic.serving.compression.coders import represent
from servestatic.serving.compression.encoders import FastEncoder
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources

_log = logging.getLogger("servestatic")


def load(out: str | os.PathLike[str], policy: Policy, prefix: str) -> Index:
    """Make the index of a build, without a look at any file but its index: each is checked when it is first used.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    place = Path(os.path.realpath(out))  # "current" is a link to the release in many a deployment
    document = _read_document(place)
    try:
        named = {mount for tables in (document["mounts"], *document["releases"]) for mount in tables}
        own = [check_prefix(each) for each in (document["prefix"], *sorted(named - {document["prefix"]}))]
        immutable, aliases = check_texts(document["immutable"]), document["aliases"]
        check_texts([*aliases.values()])
        policy = policy.keep_names(immutable)
        mounts = tuple(_read_mount(document, each, number) for number, each in enumerate(own))
        roots = tuple(Root(f"{place}/{beneath(own[0], each)}", "") for each in own)
        mounts = (mounts[0]._replace(prefix=prefix), *mounts[1:])
        index = Index(resources := Resources(mounts, roots, policy, sealed=True))
        bundles = Bundles(frozenset(immutable), aliases, {}, check_needs(document["later"]))
        index.bundles = lambda: bundles
        resources.encoder = SealedEncoder(place, CodingsTable(document["codings"]))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BuildError(f"{place / INDEX} is damaged ({error!r}). Write the build again.") from error
    resources.within = lambda path: (str(place),)
    if prefix != document["prefix"]:
        _log.warning(
            "%s was built for URLs below %s, not %s: absolute references in its pages lead elsewhere."
            " Build it and serve it with the same prefix.",
            place,
            document["prefix"],
            prefix,
        )
    return index


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


def _read_mount(document: Mapping[str, Any], prefix: str, root: int) -> Mount:
    """Read the tables of a mount: what its plain names hold, then what fingerprinted names alone do."""

    def read(tables: Mapping[str, Any]) -> dict[str, bytes]:
        rows = unpack_rows(tables[prefix]) if prefix in tables else {}
        if any(row[-3:-1] != _NO_ROOT for row in rows.values()):
            raise ValueError("a file that is not of the build")
        return {name: Row.unpack(row)._replace(root=root).pack() for name, row in rows.items()} if root else rows

    kept: dict[str, bytes] = {}
    for tables in (*reversed(document["releases"]), document["rewritten"]):
        kept |= read(tables)
    return Mount(prefix, read(document["mounts"]), {}, {}, kept, check_needs(document["needs"].get(prefix, {})))


_NO_ROOT = b"\0\0"  # in a packed row: files of a build are all below OUT


class SealedEncoder(FastEncoder):
    """An encoder that has the codings of a build, each checked when it is first used."""

    def __init__(self, out: Path, table: CodingsTable) -> None:
        super().__init__()
        self._out = out
        self._table = table

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the codings of the build that are intact; None if it has none of these bytes."""
        row = None
        with suppress(ValueError):  # nobody wrote it like that
            row = self._table.find(digest)
        if row is None:
            return None
        found = (_find_intact(self._out, name, each) for name, each in row.items())
        return tuple(each for each in found if each is not None)


def _find_intact(out: Path, coding: str, coded: Coded) -> Representation | None:
    if not coded.length:
        return None
    with suppress(OSError, BuildError):
        reading = read_file(inside(out, coded.path))
        intact = reading.digest == coded.digest and reading.stamp.size == coded.length
        if is_new(("damaged", out, coded.path), None if intact else reading.digest):
            _log.warning("%s is not what the build's index says; it is not served", out / coded.path)
        if intact:
            body = Slice(str(out / coded.path), 0, coded.length, reading.stamp, fixed=True)
            return represent(coding, body, coded.length, coded.digest)
    return None


def check(out: str | os.PathLike[str]) -> list[str]:
    """Compare every file of a build with its index and say what is wrong.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    place = Path(out)
    document = _read_document(place)
    try:
        wanted = _list_files(document)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BuildError(f"{place / INDEX} is damaged ({error!r}). Write the build again.") from error
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
    coded = (each for _, row in codings.items() for each in row.values())
    wanted = {path: digest for path, digest in wanted.items() if path not in document.get("absent", ())}
    return wanted | {path: digest for path, digest, length, _ in coded if length}


def _compare(out: Path, path: str, digest: bytes) -> str | None:
    try:
        found = read_file(inside(out, path)).digest
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None if found == digest else f"{path}: not the bytes that the index names"
