"""The value that the pipeline carries: one file, and what each step has found out about it."""

from collections.abc import Sequence
from typing import NamedTuple

from servestatic.assets.file import File
from servestatic.assets.fingerprint import Edit, Link
from servestatic.assets.references import Reference
from servestatic.http.message import Stamp


class Asset(NamedTuple):
    """One file on its way into a release; each step returns it with more.

    Attributes:
        file: where it comes from.
        stamp: of the state that was read; zeros except the size where the file has no path.
        digest: SHA-256 of its bytes.
        utf8: whether its bytes are UTF-8; True where its media type has no charset.
        references: what it refers to, in order.
        data: its bytes, where a later step needs them and they cannot be read again.
        links: references to other files of the tree.
        edits: what is written in place of links.
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
