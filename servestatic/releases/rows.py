"""What a release is made of: rows, mounts, and entries."""

import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from servestatic.assets.names import DIGITS
from servestatic.http.message import Blob, Memory, Slice, Stamp

_PACKED = struct.Struct(f"<32s{DIGITS // 2}sQB")  # SHA-256, fingerprint, bytes, what is true of the file
_WHERE = struct.Struct("<HQQqq")  # root, and the rest of the stamp: on one machine alone
_UTF8, _NAMED = 1, 2
_NO_STAMP = (0, 0, 0, 0)


class Row(NamedTuple):
    """What a release knows of one file.

    Attributes:
        digest: SHA-256 of the source's bytes.
        fingerprint: hex digits, as in the URL.
        stamp: of the source's file; all zeros but the size if its bytes are held in memory, or in a build.
        root: number of the directory that the file is in: index into `Release.roots`.
        utf8: whether the bytes are valid UTF-8; also True where that was not checked.
        named: whether its public name has the fingerprint.
    """

    digest: bytes
    fingerprint: str
    stamp: Stamp
    root: int
    utf8: bool
    named: bool

    def pack(self, *, where: bool) -> bytes:
        """Return the row packed; `where` the file is, and its stamp, only help on the same machine."""
        device, inode, size, mtime_ns, ctime_ns = self.stamp
        flags = (_UTF8 if self.utf8 else 0) | (_NAMED if self.named else 0)
        packed = _PACKED.pack(self.digest, bytes.fromhex(self.fingerprint), size, flags)
        return packed + _WHERE.pack(self.root, device, inode, mtime_ns, ctime_ns) if where else packed

    @classmethod
    def unpack(cls, packed: bytes) -> "Row":
        """Undo `pack`; the root of a row without one is 0.

        Raises:
            ValueError: it is something else.
        """
        where = packed[_PACKED.size :]
        if len(packed) < _PACKED.size or len(where) not in (0, _WHERE.size):
            raise ValueError("not a row")
        digest, fingerprint, size, flags = _PACKED.unpack(packed[: _PACKED.size])
        root, device, inode, mtime_ns, ctime_ns = _WHERE.unpack(where) if where else (0, *_NO_STAMP)
        stamp = Stamp(device, inode, size, mtime_ns, ctime_ns)
        return cls(digest, fingerprint.hex(), stamp, root, bool(flags & _UTF8), bool(flags & _NAMED))


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


def find_none(_: str) -> None:
    """Find no row."""


class Mount(NamedTuple):
    """The files below one URL path.

    Attributes:
        prefix: the URL path, with both slashes.
        rows: by logical path.
        apart: by logical path, for the few files below no root: the path, or the bytes.
        rewritten: by logical path: the rewritten bytes, or the edits that make them on demand.
        needs: what a browser needs together with a file: names of this mount, or URL paths below others.
        longest: bytes of the longest name.
        public: in a sealed build, by fingerprinted name: what only that serves, as rewritten files.
        find_earlier: returns the row of a content-named file that only an earlier release has.
    """

    prefix: str
    rows: Mapping[str, Row]
    apart: Mapping[str, str | Memory]
    rewritten: Mapping[str, Blob | Edits]
    needs: Mapping[str, tuple[str, ...]]
    longest: int
    public: Mapping[str, Row] = MappingProxyType({})
    find_earlier: Callable[[str], Row | None] = find_none


class Details(NamedTuple):
    """What a mount has besides its rows, while it is made: see `Mount`."""

    apart: dict[str, str | Memory]
    rewritten: dict[str, Blob | Edits]
    needs: dict[str, tuple[str, ...]]


class Release(NamedTuple):
    """What one collection made.

    Attributes:
        identify: returns the id: hex digits that are the same for the same files, names and prefix on every machine.
        mounts: the files below each URL path, the prefix first.
        roots: the directories they are in.
        sealed: no file may ever change.
    """

    identify: Callable[[], str]
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
