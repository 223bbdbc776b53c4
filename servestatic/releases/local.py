"""What a collection made, in one file: as it is served at once, and as the store keeps it for the next start.

It has the stamps and directories of files, so it is of use on the same machine alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from servestatic.http.message import Blob, Memory
from servestatic.releases.columns import (
    encode,
    encode_bytes,
    encode_lists,
    encode_texts,
    open_bytes,
    open_lists,
    open_rows,
    open_texts,
)
from servestatic.releases.format.file import DAMAGED, TableFile, Tables, hold_tables
from servestatic.releases.identity import check_id, check_prefix, identify
from servestatic.releases.rows import ELSEWHERE, Edits, Mount, Release, Root, Row


def list_held(mounts: Iterable[Mount]) -> dict[str, Mount]:
    """Return the mounts that have bytes in memory, which no file of a release has."""
    values = {mount.prefix: (*mount.apart.values(), *mount.rewritten.values()) for mount in mounts}
    return {
        mount.prefix: mount
        for mount in mounts
        if any(isinstance(value, (Blob, Memory)) for value in values[mount.prefix])
    }


def pack(mounts: Sequence[Mount], held: Mapping[str, Mount], **head: Any) -> bytes:
    """Return the file of some mounts, with more in its head; what is `held` is not in it."""
    tables = Tables()
    ordered = [(mount.prefix, sorted(mount.rows.items())) for mount in mounts]
    for number, (mount, (_, rows)) in enumerate(zip(mounts, ordered, strict=True)):
        tables.add(f"{number} rows", ((encode(name), row.pack(where=True)) for name, row in rows))
        tables.add(f"{number} needs", encode_lists(mount.needs))
        if mount.prefix not in held:
            tables.add(f"{number} apart", encode_texts(cast("Mapping[str, str]", mount.apart)))
            tables.add(f"{number} rewritten", encode_bytes(cast("Mapping[str, Edits]", mount.rewritten)))
    made = identify(mounts[0].prefix, ordered)
    return tables.finish(**head, id=made, mounts=[mount.prefix for mount in mounts])


def hold(mounts: Sequence[Mount], roots: Sequence[Root]) -> Release:
    """Return the release of some mounts, in memory."""
    held = list_held(mounts)
    return unpack(hold_tables(pack(mounts, held), "the release"), roots, held)


def unpack(file: TableFile, roots: Sequence[Root], held: Mapping[str, Mount]) -> Release:
    """Return the release of a file whose rows name `roots`.

    Raises:
        BuildError: the file is damaged.
    """
    try:
        made = check_id(file.head["id"])
        prefixes = [*map(check_prefix, file.head["mounts"])]
        mounts = tuple(_open_mount(file, prefix, number, len(roots), held) for number, prefix in enumerate(prefixes))
        if not mounts:
            raise ValueError("a release without mounts")
    except DAMAGED as error:
        raise file.damaged(error) from error
    return Release(lambda: made, mounts, tuple(roots))


def _open_mount(file: TableFile, prefix: str, number: int, roots: int, held: Mapping[str, Mount]) -> Mount:
    apart: Mapping[str, str | Memory]
    rewritten: Mapping[str, Blob | Edits]
    if prefix in held:
        apart, rewritten = held[prefix].apart, held[prefix].rewritten
    else:
        apart, rewritten = open_texts(file, f"{number} apart"), open_bytes(file, f"{number} rewritten")

    def place(name: str, row: Row) -> Row:
        if row.root >= roots and not (row.root == ELSEWHERE and name in apart):
            raise ValueError("a file without a path")
        return row

    rows = open_rows(file, f"{number} rows", place)
    return Mount(prefix, rows, apart, rewritten, open_lists(file, f"{number} needs"), rows.longest)
