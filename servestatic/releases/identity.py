"""The id of a release: the same on every machine for the same files, names and prefix."""

import hashlib
import re
from collections.abc import Iterable

from servestatic.releases.rows import Row

_FORMAT = b"servestatic release id 1\n"
ID_DIGITS = 16
_ID = rf"[0-9a-f]{{{ID_DIGITS}}}\Z"


def identify(prefix: str, mounts: Iterable[tuple[str, Iterable[tuple[str, Row]]]]) -> str:
    """Return the id of a release: hex digits.

    It covers the names of all files and, by the SHA-256 of each and its fingerprint, the bytes they serve.

    Args:
        prefix: of the release.
        mounts: the prefix of each, and the rows of its sources by logical path, in order.
    """
    made = hashlib.sha256(_FORMAT + prefix.encode() + b"\0")
    for mount, rows in mounts:
        parts = (b"%b\0%b%b%d" % (name.encode(), row.digest, row.fingerprint.encode(), row.named) for name, row in rows)
        made.update(mount.encode() + b"\0" + b"".join(parts))
    return made.hexdigest()[:ID_DIGITS]


def check_id(text: object) -> str:
    """Return the id of a release, read from a document.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(text, str) or not re.match(_ID, text):
        raise ValueError("not the id of a release")
    return text


def check_prefix(text: object) -> str:
    """Return the URL path of a mount, read from a document.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(text, str) or not text.startswith("/") or not text.endswith("/") or "\0" in text:
        raise ValueError("not the URL path of a mount")
    text.encode()  # a lone surrogate is a ValueError, too
    return text
