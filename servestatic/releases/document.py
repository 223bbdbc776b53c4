"""The documents of a build, its index and manifest: their names, their form, and the paths of the files they name."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from servestatic.assets.names import insert_fingerprint
from servestatic.disk.trust import read_bounded
from servestatic.errors import BuildError
from servestatic.releases.rows import Row, unpack_rows

INDEX = "servestatic.json"
MANIFEST = "staticfiles.json"
FORMAT = 3
MAX_INDEX = 2 * 1024 * 1024 * 1024  # bytes; the index of some million files

DAMAGED = (LookupError, TypeError, ValueError, AttributeError)  # errors of reading a damaged document

Tables: TypeAlias = dict[str, dict[str, bytes]]  # packed rows by mount and name


def beneath(prefix: str, mount: str) -> str:
    """Return the folder of a mount's files below OUT; `prefix` is that of the build."""
    return "" if mount == prefix else f".at{mount}"


def inside(out: Path, path: str) -> str:
    """Join a path from an index to OUT.

    Raises:
        BuildError: it leads out of OUT.
    """
    if path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise BuildError(f"{out / INDEX} names {path!r}, which is not below it. Write the build again.")
    return os.path.join(out, path)


def read_index(out: Path) -> dict[str, Any] | None:
    """Read the index of a build; None if it is missing, damaged, or in another format."""
    try:
        content = read_bounded(str(out / INDEX), MAX_INDEX)
        rest = memoryview(content)[len(_seal(b"")) :]
        loaded = json.loads(content) if content.startswith(_seal(rest)) else None
    except (OSError, ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) and loaded.get("format") == FORMAT else None


def read_tables(tables: Mapping[str, Any]) -> Tables:
    """Read the rows of some mounts.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: the document is damaged.
    """
    return {mount: unpack_rows(table) for mount, table in tables.items()}


def read_public(document: Mapping[str, Any], plain: Tables) -> Tables:
    """Read what the fingerprinted names of a build serve; `plain` is what its plain names serve.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: the document is damaged.
    """
    rewritten, unnamed = read_tables(document["rewritten"]), document["unnamed"]
    absent = {*document.get("absent", ())}
    public: Tables = {}
    for mount, rows in plain.items():
        without = {*unnamed.get(mount, ())}
        named = {name: row for name, row in rows.items() if name not in without}
        public[mount] = {insert_fingerprint(name, Row.unpack(row).fingerprint): row for name, row in named.items()}
        public[mount] |= rewritten.get(mount, {})
        below = beneath(document["prefix"], mount)
        public[mount] = {name: row for name, row in public[mount].items() if below + name not in absent}
    return public


def dump(document: Mapping[str, Any]) -> bytes:
    """Write a document as JSON: equal documents as equal bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def seal(rest: bytes) -> bytes:
    """Insert the SHA-256 of the rest as the first member of the JSON object."""
    return _seal(rest) + rest


def _seal(rest: bytes | memoryview) -> bytes:
    return b'{"digest":"%b",' % hashlib.sha256(rest).hexdigest().encode()


def manifest_hash(paths: Mapping[str, str]) -> str:
    """Return what Django calls `manifest_hash`: 12 hex digits that digest the manifest."""
    return hashlib.sha256(json.dumps(sorted(paths.items())).encode()).hexdigest()[:12]
