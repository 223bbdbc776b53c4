"""The content of a build's index: what each name serves, in this build and in earlier ones."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from servestatic.http.message import Blob, Stamp
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import Coded, CodingsTable, pack_codings
from servestatic.releases.document import DAMAGED, FORMAT, Tables, beneath, read_index, read_public, read_tables
from servestatic.releases.rows import Entry, Row, pack_rows


def describe(
    catalog: Catalog,
    entries: list[Entry],
    releases: Iterable[Tables],
    coded: Mapping[bytes, Mapping[str, Coded]],
    absent: Collection[str],
    suffixes: Mapping[str, str],
) -> dict[str, Any]:
    """Describe a build, and the fingerprinted names of earlier releases in it.

    `absent` has the paths below OUT at which names have no file; `suffixes` has those of codings by their names.
    """
    return {
        "format": FORMAT,
        "prefix": catalog.prefix,
        **_describe_names(catalog, entries, absent),
        "absent": sorted(absent),
        "aliases": dict(catalog.bundles().aliases),
        "later": dict(catalog.bundles().later),
        "immutable": sorted({entry.name for entry in entries if catalog.policy.immutable(entry.name)}),
        "codings": pack_codings(coded, suffixes),
        "releases": [*map(_pack_tables, releases)],
    }


def _describe_names(catalog: Catalog, entries: list[Entry], absent: Collection[str]) -> dict[str, Any]:
    """Describe what names serve and need, by mount."""
    plain: Tables = {}
    rewritten: Tables = {}
    unnamed: dict[str, list[str]] = {}
    needs: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        held = serve_plain(catalog, entry)
        plain.setdefault(entry.mount, {})[entry.name] = _pack(entry.row, held)
        if entry.public == entry.name:
            unnamed.setdefault(entry.mount, []).append(entry.name)
        elif entry.served.digest != held.digest or beneath(catalog.prefix, entry.mount) + entry.name in absent:
            rewritten.setdefault(entry.mount, {})[entry.public] = _pack(entry.row, entry.served)
        if entry.needs:
            needs.setdefault(entry.mount, {})[entry.name] = [*entry.needs]
    return {"mounts": _pack_tables(plain), "rewritten": _pack_tables(rewritten), "unnamed": unnamed, "needs": needs}


class EarlierBuild(NamedTuple):
    """An existing build: the fingerprinted names of each release, and its codings."""

    releases: list[Tables]
    codings: dict[bytes, dict[str, Coded]]


def read_earlier(out: Path, prefix: str) -> EarlierBuild:
    """Read the existing build in a directory, moved below this prefix; empty if there is none, or it is damaged."""
    document = read_index(out)
    with suppress(*DAMAGED):
        if document:
            public = read_public(document, read_tables(document["mounts"]))
            releases = [public, *map(read_tables, document["releases"])]
            return EarlierBuild(
                [_move(tables, document["prefix"], prefix) for tables in releases],
                dict(CodingsTable(document["codings"]).items()),
            )
    return EarlierBuild([], {})


def _move(tables: Tables, before: str, prefix: str) -> Tables:
    """Move the names below the former prefix to the present one: their files stay where they are."""
    others = {mount: rows for mount, rows in tables.items() if mount not in (before, prefix)}
    return {prefix: tables.get(before, {})} | others


def list_names(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """List the plain and fingerprinted names of a build by their mounts."""
    names: dict[str, set[str]] = {}
    for entry in entries:
        names.setdefault(entry.mount, set()).update((entry.name, entry.public))
    return names


def _pack(row: Row, held: Blob) -> bytes:
    return row._replace(digest=held.digest, stamp=Stamp(0, 0, held.length, 0, 0), root=0).pack()


def _pack_tables(tables: Tables) -> dict[str, Any]:
    return {mount: pack_rows(rows) for mount, rows in tables.items()}


def without_newer(newest: Mapping[str, Iterable[str]], releases: Iterable[Tables]) -> list[Tables]:
    """Reduce earlier releases, newest first, to names that no newer one has; drop those left empty."""
    seen = {mount: {*names} for mount, names in newest.items()}
    left: list[Tables] = []
    for release in releases:
        own: Tables = {}
        for mount, rows in release.items():
            known = seen.setdefault(mount, set())
            own[mount] = {name: row for name, row in rows.items() if name not in known}
            known.update(rows)
        if any(own.values()):
            left.append(own)
    return left


def serve_plain(catalog: Catalog, entry: Entry) -> Blob:
    """Return what the plain name serves: the source, or the page with its references rewritten."""
    if catalog.policy.is_page(entry.name):
        return entry.served
    return Blob(entry.source, entry.row.stamp.size, entry.row.digest)
