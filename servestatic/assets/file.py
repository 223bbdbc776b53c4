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


# What Python cannot decode is a surrogate.
_UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def find_flaw(name: str) -> str | None:
    """Return what is wrong with a logical path, or a part of one, that no URL can have; None if it is right."""
    if not name.isprintable() and _UNSPEAKABLE.search(name):
        return f"the name {name!r} has control characters or is not UTF-8"
    slashed = f"/{name}/"
    if "//" in slashed or "/../" in slashed or "/./" in slashed:
        return f"the name {name!r} is not a relative path without empty parts, `.` and `..`"
    return None


def find_fault(file: File) -> str | None:
    """Return why a file cannot be taken into the tree: its name, mount or path; None if it can."""
    mount = file.mount
    if file.stamp is None and isinstance(file.content, str) and "\0" in file.content:
        return f"its path {file.content!r} has a NUL"
    if mount is None or mount == "/":
        return find_flaw(file.name)
    if mount[:1] != "/" or mount[-1:] != "/" or find_flaw(mount[1:-1]):
        return f"the mount {mount!r} is not a URL path with a slash at both ends, such as '/docs/'"
    return find_flaw(file.name)


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
