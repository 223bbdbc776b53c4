"""The value that a source yields: one file of the tree, not yet read."""

import re
from collections.abc import Callable
from typing import BinaryIO, NamedTuple, TypeAlias
from unicodedata import normalize

from servestatic.http.message import Stamp

# A path, the bytes themselves, or a callable that opens a stream of them (files of zip packages, of storages).
Content: TypeAlias = str | bytes | Callable[[], BinaryIO]


class File(NamedTuple):
    """One file of a source.

    Attributes:
        name: logical path: relative to the mount, `/`-separated, NFC; see `logical`.
        content: where the bytes are.
        stamp: of the file at a path; None for other content.
        origin: the source, as reports name it.
        mount: URL path that the name is relative to, with both slashes; None for the prefix of the collection.
    """

    name: str
    content: Content
    stamp: Stamp | None
    origin: str
    mount: str | None = None

    @property
    def place(self) -> str:
        """Where the file is, for reports."""
        return self.content if isinstance(self.content, str) else f"{self.name} in {self.origin}"


class Skipped(NamedTuple):
    """Something in a source that was left out, and why; `whole` if it is the source itself."""

    place: str
    reason: str
    whole: bool = False


def logical(path: str) -> str:
    """Normalize a `/`-separated relative path as logical paths are: NFC, as URLs are typed (macOS lists NFD)."""
    return path if path.isascii() else normalize("NFC", path)


# ------------------------------------------------------------------------------------------ fingerprinted names

DIGITS = 12
MAX_SEGMENT = 255  # bytes in the name of a file: what ext4, XFS, APFS and most others hold
_FINGERPRINT = re.compile(rf"[0-9a-f]{{{DIGITS}}}\Z")


def insert_fingerprint(name: str, fingerprint: str) -> str:
    """Put a fingerprint before the last extension: `css/app.css` becomes `css/app.0123456789ab.css`."""
    folder, slash, last = name.rpartition("/")
    stem, dot, extension = last.rpartition(".")
    if not stem:
        stem, dot, extension = last, "", ""
    return f"{folder}{slash}{stem}.{fingerprint}{dot}{extension}"


def split_fingerprint(name: str) -> tuple[str, str] | None:
    """Undo `insert_fingerprint`: the plain name and the fingerprint, or None if no name and fingerprint give `name`.

    There is at most one such pair: a fingerprint comes last only where the plain name has no dot after its first
    character.
    """
    folder, slash, last = name.rpartition("/")
    rest, _, extension = last.rpartition(".")
    stem, _, fingerprint = rest.rpartition(".")
    if stem and _FINGERPRINT.match(fingerprint):
        return f"{folder}{slash}{stem}.{extension}", fingerprint
    if rest and "." not in rest[1:] and _FINGERPRINT.match(extension):
        return f"{folder}{slash}{rest}", extension
    return None


def has_room(name: str) -> bool:
    """Return whether a file system can hold the name with a fingerprint in it."""
    longest = MAX_SEGMENT - DIGITS - 1
    short = len(name) * 4 <= longest  # characters have at most four bytes
    return short or len(name.rpartition("/")[2].encode("utf-8", "surrogateescape")) <= longest
