"""Subresource integrity: the SHA-384 of bytes, which are believed to be those of a file only by their SHA-256."""

import hashlib
from base64 import b64encode

from servestatic.disk.read import open_file
from servestatic.http.message import Blob, Memory

_MOST = 4096  # digests that are remembered; about a megabyte
_READ = 1024 * 1024  # bytes that are digested at a time


class Hasher:
    """Gives the SRI metadata of what is served, and remembers it by digest."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def hash(self, served: Blob) -> str | None:
        """Return `sha384-…` (SRI §3.5); None if the bytes with this digest are not to be had."""
        known = self._known.get(served.digest)
        if known is None:
            known = _digest(served)
            if len(self._known) >= _MOST:
                self._known.clear()
            if known:
                self._known[served.digest] = known
        return known


def _digest(served: Blob) -> str | None:
    """Read a body; a stamp would not do: in a sealed build nobody knows it."""
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
                while left and (chunk := file.read(min(left, _READ))):
                    left -= len(chunk)
                    sha256.update(chunk)
                    sha384.update(chunk)
        except OSError:
            return None
    if sha256.digest() != served.digest:
        return None
    return f"sha384-{b64encode(sha384.digest()).decode()}"
