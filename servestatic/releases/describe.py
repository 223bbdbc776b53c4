"""The content of a release's document: what each of its names serves in a build."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from servestatic.http.message import Blob, Stamp
from servestatic.releases.catalog import Catalog
from servestatic.releases.coding_table import Coded, list_coders, pack_codings
from servestatic.releases.columns import encode, encode_bytes, encode_lists, encode_texts
from servestatic.releases.document import beneath
from servestatic.releases.format.file import Tables
from servestatic.releases.identity import identify
from servestatic.releases.rows import Entry, Row


class Described(NamedTuple):
    """A release's id, and its document."""

    id: str
    content: bytes


def describe(
    catalog: Catalog,
    entries: list[Entry],
    coded: Mapping[bytes, Mapping[str, Coded]],
    absent: Collection[str],
    suffixes: Mapping[str, str],
) -> Described:
    """Describe a release, or the part of it that `entries` are.

    `absent` has the paths below OUT at which names have no file; `suffixes` has those of codings by their names.
    """
    tables = Tables()
    mounts: dict[str, list[Entry]] = {catalog.prefix: []}
    for entry in sorted(entries, key=lambda entry: entry.name):
        mounts.setdefault(entry.mount, []).append(entry)
    for number, own in enumerate(mounts.values()):
        _add_mount(tables, catalog, number, own, absent)
    bundles, coders = catalog.bundles(), list_coders(coded, suffixes)
    immutable = {entry.name: "" for entry in entries if catalog.policy.immutable(entry.name)}
    tables.add("immutable", encode_texts(immutable))
    tables.add("aliases", encode_texts(bundles.aliases))
    tables.add("later", encode_lists({name: more for name, more in bundles.later.items() if more}))
    tables.add("codings", pack_codings(coded, coders))
    sources = ((mount, ((entry.name, entry.row) for entry in own)) for mount, own in mounts.items())
    made = identify(catalog.prefix, sources)
    return Described(made, tables.finish(id=made, mounts=[*mounts], absent=sorted(absent), coders=coders))


def _add_mount(tables: Tables, catalog: Catalog, number: int, entries: list[Entry], absent: Collection[str]) -> None:
    plain, public = list[tuple[bytes, bytes]](), dict[str, bytes]()
    for entry in entries:
        held = serve_plain(catalog, entry)
        named = entry.public != entry.name and bool(entry.served.digest)  # otherwise other releases may have the bytes
        plain.append((encode(entry.name), _pack(entry.row._replace(named=named), held)))
        path = beneath(catalog.prefix, entry.mount) + entry.name
        if named and (entry.served.digest != held.digest or path in absent):
            public[entry.public] = _pack(entry.row, entry.served)
    tables.add(f"{number} plain", plain)
    tables.add(f"{number} public", encode_bytes(public))
    tables.add(f"{number} needs", encode_lists({entry.name: entry.needs for entry in entries if entry.needs}))


def _pack(row: Row, held: Blob) -> bytes:
    return row._replace(digest=held.digest, stamp=Stamp(0, 0, held.length, 0, 0)).pack(where=False)


def serve_plain(catalog: Catalog, entry: Entry) -> Blob:
    """Return what the plain name serves: the source, or the page with its references rewritten."""
    if catalog.policy.is_page(entry.name):
        return entry.served
    return Blob(entry.source, entry.row.stamp.size, entry.row.digest)
