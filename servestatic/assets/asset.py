"""The value that the pipeline carries: a file, and what its steps have found out about it."""

from collections.abc import Sequence
from typing import NamedTuple

from servestatic.assets.file import File
from servestatic.assets.fingerprint import Edit, Link
from servestatic.assets.references import Reference
from servestatic.http.message import Stamp


class Asset(NamedTuple):
    """A file on its way into a release; every step of the pipeline returns it with more attributes set.

    Attributes:
        file: where it comes from.
        stamp: of the state that was read; all zeros but the size if the file has no path.
        digest: SHA-256 of its bytes.
        utf8: whether its bytes are UTF-8; True if its media type has no charset.
        references: what it refers to, in order.
        data: its bytes, if a later step needs them and they cannot be read again.
        links: references to other files of the tree.
        edits: what replaces its links.
        fingerprint: hex digits.
    """

    file: File
    stamp: Stamp
    digest: bytes
    utf8: bool
    references: Sequence[Reference]
    data: bytes | None = None
    links: Sequence[Link] = ()
    edits: Sequence[Edit] = ()
    fingerprint: str = ""
