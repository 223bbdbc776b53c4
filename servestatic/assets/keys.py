"""Keys of what is not named by a digest of bytes: by what it is about."""

import hashlib


def make_key(*about: str) -> str:
    """Return the key of something, by all that it depends on: 64 hex digits.

    A path may have bytes that are not UTF-8.
    """
    return hashlib.sha256("\n".join(about).encode("utf-8", "surrogateescape")).hexdigest()
