"""What a release is made of: packed rows, mounts, and entries."""

import struct
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from servestatic.assets.names import DIGITS
from servestatic.http.message import Blob, Memory, Slice, Stamp

_PACKED = struct.Struct(f"<32s{DIGITS // 2}sQQQqqH?")


class Row(NamedTuple):
    """What a release knows of one file.

    Attributes:
        digest: SHA-256 of the source's bytes.
        fingerprint: hex digits, as in the URL.
        stamp: of the source's file; all zeros but the size if its bytes are held in memory.
        root: number of the directory that the file is in: index into `Release.roots`.
        utf8: whether the bytes are valid UTF-8; also True where that was not checked.
    """

    digest: bytes
    fingerprint: str
    stamp: Stamp
    root: int
    utf8: bool

    def pack(self) -> bytes:
        """Return the row packed: a seventh of the memory."""
        return _PACKED.pack(self.digest, bytes.fromhex(self.fingerprint), *self.stamp, self.root, self.utf8)

    @classmethod
    def unpack(cls, packed: bytes) -> "Row":
        """Undo `pack`."""
        digest, fingerprint, device, inode, size, mtime_ns, ctime_ns, root, utf8 = _PACKED.unpack(packed)
        return cls(digest, fingerprint.hex(), Stamp(device, inode, size, mtime_ns, ctime_ns), root, utf8)


# Edits of a file's references, packed: see `servestatic.pipeline.rewrite`.
Edits: TypeAlias = bytes


class Root(NamedTuple):
    """Where the files of one source are: the file at `name` is `directory + name[len(under):]`."""

    directory: str
    under: str

    def path_of(self, name: str) -> str:
        """Return the path of the file at a logical path."""
        return self.directory + name[len(self.under) :]


ELSEWHERE = 0xFFFF  # the root of rows whose path is in `Mount.apart`


class Mount(NamedTuple):
    """The files below one URL path.

    Attributes:
        prefix: the URL path, with both slashes.
        rows: packed rows by logical path.
        apart: by logical path, for the few files below no root: the path, or the bytes.
        rewritten: by logical path: the rewritten bytes, or the edits that make them on demand.
        kept: in a sealed build, packed rows of what only fingerprinted names serve: rewritten files, earlier releases.
        needs: what a browser needs together with a file: names of this mount, or URL paths below others.
    """

    prefix: str
    rows: Mapping[str, bytes]
    apart: dict[str, str | bytes]
    rewritten: dict[str, Blob | Edits]
    kept: dict[str, bytes]
    needs: dict[str, tuple[str, ...]]


class Release(NamedTuple):
    """What one collection made.

    Attributes:
        mounts: the files below each URL path, the prefix first.
        roots: the directories they are in.
        sealed: no file may ever change.
    """

    mounts: tuple[Mount, ...]
    roots: tuple[Root, ...]
    sealed: bool = False


class Entry(NamedTuple):
    """One file of a release, unpacked.

    Attributes:
        mount: URL path that `name` is relative to.
        public: the name that pages use, fingerprinted or plain.
        row: digest and stamp are those of the source.
        source: the source's bytes.
        served: what the public name serves.
        needs: see `Mount`.
    """

    mount: str
    name: str
    public: str
    row: Row
    source: Memory | Slice
    served: Blob
    needs: tuple[str, ...]


def root_of(packed: bytes) -> int:
    """Return the root of a packed row, or of its last three bytes."""
    return int.from_bytes(packed[-3:-1], "little")


def roots_of(rows: Iterable[bytes]) -> set[int]:
    """Return the roots of packed rows."""
    return {*map(root_of, {row[-3:] for row in rows})}


# ------------------------------------------------------------------------------------------------ rows in JSON


def to_text(rows: Iterable[bytes]) -> str:
    """Return packed rows as a text for JSON, in base64."""
    return b2a_base64(b"".join(rows), newline=False).decode()


def check_texts(texts: Any) -> list[str]:
    """Return a list of texts that may be paths.

    Raises:
        TypeError: it is something else.
        ValueError: one has a NUL or a surrogate.
    """
    if type(texts) is not list or not {*map(type, texts)} <= {str}:
        raise TypeError("not a list of texts")
    if b"\0" in "".join(texts).encode():
        raise ValueError("a NUL in a text")
    return texts


def check_prefix(prefix: Any) -> str:
    """Return the URL path of a mount.

    Raises:
        TypeError, ValueError: it is something else.
    """
    check_texts([prefix])
    if not (prefix.startswith("/") and prefix.endswith("/")):
        raise ValueError("not the URL path of a mount")
    return str(prefix)


def check_needs(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what names need: lists of texts.

    Raises:
        AttributeError, TypeError, ValueError: it is something else.
    """
    return {name: tuple(check_texts(needed)) for name, needed in table.items()}


def pack_rows(rows: Mapping[str, bytes]) -> dict[str, Any]:
    """Return packed rows as a table for JSON: their names, and the rows in base64."""
    return {"names": [*rows], "rows": to_text(rows.values())}


def unpack_rows(table: Mapping[str, Any], size: int = _PACKED.size) -> dict[str, bytes]:
    """Undo `pack_rows`; `size` is the number of bytes of a row.

    Raises:
        KeyError, TypeError, ValueError: the table is damaged.
    """
    names, rows = check_texts(table["names"]), a2b_base64(table["rows"])
    packed = [rows[start : start + size] for start in range(0, len(rows), size)]
    if len(rows) != len(names) * size:
        raise ValueError("not as many rows as names")
    return dict(zip(names, packed, strict=True))
