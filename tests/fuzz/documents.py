"""Files of tables as text, so that changes of the text keep all digests right: the worst that somebody can write.

The first line is the head as JSON; each of the others has a table, a key and a value, both in hex digits.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from servestatic.releases.format.file import TableFile, Tables

if TYPE_CHECKING:
    from pathlib import Path


def write_text(file: TableFile) -> bytes:
    """Return the text of a file of tables."""
    head = {name: value for name, value in file.head.items() if name != "tables"}
    rows = (
        f"{name}\t{key.hex()}\t{value.hex()}\n".encode()
        for name in file.head["tables"]
        for key, value in file.table(name).items()
    )
    return json.dumps(head, sort_keys=True).encode() + b"\n" + b"".join(rows)


def read_text(text: bytes, **head: object) -> bytes:
    """Return the file of tables that a text describes, with parts of its head replaced; lines of another form count
    for nothing.
    """
    first, _, rest = text.partition(b"\n")
    tables: dict[str, dict[bytes, bytes]] = {}
    for line in rest.decode("utf-8", "replace").split("\n"):
        name, _, pair = line.partition("\t")
        try:
            key, value = map(bytes.fromhex, pair.split("\t"))
        except ValueError:
            continue
        tables.setdefault(name, {})[key] = value
    made = Tables()
    for name, pairs in tables.items():
        made.add(name, sorted(pairs.items()))
    return made.finish(**_read_head(first) | head)


def _read_head(line: bytes) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return {name: value for name, value in found.items() if name != "tables"} if isinstance(found, dict) else {}


def is_within(folder: Path, path: Path) -> bool:
    """Return whether a path that may not exist is below a folder."""
    return path.resolve().is_relative_to(folder.resolve())
