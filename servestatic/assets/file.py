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
_FINGERPRINTED = re.compile(rf"(?P<stem>.*)\.(?P<fingerprint>[0-9a-f]{{{DIGITS}}})(?P<extension>\.[^./]+)?\Z", re.S)


def insert_fingerprint(name: str, fingerprint: str) -> str:
    """Put a fingerprint before the last extension: `css/app.css` becomes `css/app.0123456789ab.css`."""
    folder, slash, last = name.rpartition("/")
    stem, dot, extension = last.rpartition(".")
    if not stem:
        stem, dot, extension = last, "", ""
    return f"{folder}{slash}{stem}.{fingerprint}{dot}{extension}"


def split_fingerprint(name: str) -> tuple[str, str] | None:
    """Undo `insert_fingerprint`: the plain name and the fingerprint, or None if there is none to see."""
    match = _FINGERPRINTED.match(name)
    return (match["stem"] + (match["extension"] or ""), match["fingerprint"]) if match else None
