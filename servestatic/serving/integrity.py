"""Subresource integrity: the SHA-384 of bytes whose SHA-256 is right."""

import hashlib
from base64 import b64encode

from servestatic.disk.read import open_file
from servestatic.http.message import Blob, Memory

_MAX_KNOWN = 4096  # digests that are remembered, in about a megabyte
_PART = 1024 * 1024  # bytes that are digested at a time


class Hasher:
    """Computes SRI metadata, and remembers it by the SHA-256 of the bytes."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def hash(self, served: Blob) -> str | None:
        """Return `sha384-…` (SRI §3.5); None if the bytes with this digest are unavailable."""
        known = self._known.get(served.digest)
        if known is None:
            known = _digest(served)
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            if known:
                self._known[served.digest] = known
        return known


def _digest(served: Blob) -> str | None:
    """Read and digest a body; its stamp proves nothing, since a sealed build does not have it."""
    sha256, sha384 = hashlib.sha256(), hashlib.sha384()
    body = served.body
    if isinstance(body, Memory):
        sha256.update(body.data)
        sha384.update(body.data)
    else:
        try:
            with open_file(body.path) as file:
                file.seek(body.start)
                left = body.stop - body.start
                while left and (chunk := file.read(min(left, _PART))):
                    left -= len(chunk)
                    sha256.update(chunk)
                    sha384.update(chunk)
        except OSError:
            return None
    if sha256.digest() != served.digest:
        return None
    return f"sha384-{b64encode(sha384.digest()).decode()}"
