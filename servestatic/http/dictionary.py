"""Compression Dictionary Transport (RFC 9842): a client has an earlier file, and downloads the difference.

`dcz` alone is sent: Zstandard with the earlier file as its dictionary (§5).
"""

import binascii
import re
from base64 import b64encode

from servestatic.http.message import Fields

DELTA = "dcz"
OFFER = "Use-As-Dictionary"
ASKED = "available-dictionary"

_DIGEST = r":([A-Za-z0-9+/]{43}=):\Z"  # a byte sequence of 32 bytes, RFC 9651 §3.3.5
# What has a meaning in a URL Pattern (URL Pattern Standard §2.1), among the characters that a path holds as they are.
_PATTERN = re.compile(r"[+*?:(){}\\]")


def read_dictionary(text: str | None) -> bytes | None:
    """Return the SHA-256 of the dictionary that a client has (§2.2); None if the field is absent or malformed.

    Other spellings of a digest than the canonical one count as malformed, so that each has one text.
    """
    match = re.match(_DIGEST, text or "")
    digest = binascii.a2b_base64(match[1]) if match else b""
    return digest if digest and write_dictionary(digest) == text else None


def write_dictionary(digest: bytes) -> str:
    """Write Available-Dictionary, as a client does that has the file with this SHA-256."""
    return f":{b64encode(digest).decode()}:"


def offer_dictionary(before: str, after: str) -> Fields:
    """Offer a file as the dictionary for all whose URL differs in one part alone (§2.1).

    The pattern is relative, so it fits below any prefix and host. `before` and `after` are the last segment of the URL
    path, percent-encoded, without the part that differs. Before nothing but dots, it would match all files of a folder.
    """
    if not before.strip("."):
        return ()
    pattern = _escape(before) + "*" + _escape(after)
    quoted = pattern.replace("\\", "\\\\")  # a string, RFC 9651 §3.3.3; a percent-encoded path has no quotation mark
    return ((OFFER, f'match="{quoted}"'),)


def _escape(text: str) -> str:
    # Where a scheme can end, a backslash does not keep a colon from ending it.
    return _PATTERN.sub(lambda match: "{\\:}" if match[0] == ":" else f"\\{match[0]}", text)
