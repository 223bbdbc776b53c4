"""The names of files: logical paths, fingerprints in them, and the part of a URL that is a path."""

import re
from urllib.parse import quote


def logical(path: str) -> str:
    """Return a `/`-separated relative path as a logical path: in NFC, as URLs are typed (macOS lists names in NFD)."""
    if path.isascii():
        return path
    from unicodedata import normalize  # importing it loads a library that few trees need

    return normalize("NFC", path)


# Python decodes bytes that are not UTF-8 as surrogates.
_UNSPEAKABLE = "[\x00-\x1f\x7f-\x9f\ud800-\udfff]"


def find_flaw(name: str) -> str | None:
    """Return why no URL can have a logical path, or a part of one; None if it can."""
    if not name.isprintable() and re.search(_UNSPEAKABLE, name):
        return f"the name {name!r} has control characters or is not UTF-8"
    slashed = f"/{name}/"
    if "//" in slashed or "/../" in slashed or "/./" in slashed:
        return f"the name {name!r} is not a relative path without empty parts, `.` and `..`"
    return None


def path_of(url: str) -> str:
    """Return what comes before the query and the fragment of a URL."""
    return url.partition("#")[0].partition("?")[0]


# What a path holds as it is besides letters, digits and `-._~`: RFC 3986 §3.3, and so does every browser.
_PLAIN = "/!$&'()*+,;=:@"


def encode(path: str) -> str:
    """Percent-encode a path in the one spelling that everything written has.

    A browser runs a module twice if two URLs of it are spelled differently, and leaves `@` in `./@scope/a.js` as it is.
    """
    return quote(path, _PLAIN, errors="surrogateescape")


# ------------------------------------------------------------------------------------------ fingerprinted names

DIGITS = 12
MAX_SEGMENT = 255  # bytes in the name of a file: the limit of ext4, XFS, APFS and most others
_FINGERPRINT = re.compile(rf"[0-9a-f]{{{DIGITS}}}\Z")


def insert_fingerprint(name: str, fingerprint: str) -> str:
    """Put a fingerprint before the last extension: `css/app.css` becomes `css/app.0123456789ab.css`."""
    folder, slash, last = name.rpartition("/")
    stem, dot, extension = last.rpartition(".")
    if not stem:
        stem, dot, extension = last, "", ""
    return f"{folder}{slash}{stem}.{fingerprint}{dot}{extension}"


def split_fingerprint(name: str) -> tuple[str, str] | None:
    """Undo `insert_fingerprint`: return the plain name and the fingerprint, or None if `name` has no fingerprint.

    At most one such pair exists: a fingerprint comes last only if the plain name has no dot after its first character.
    """
    folder, slash, last = name.rpartition("/")
    rest, _, extension = last.rpartition(".")
    stem, _, fingerprint = rest.rpartition(".")
    if stem and _FINGERPRINT.match(fingerprint):
        return f"{folder}{slash}{stem}.{extension}", fingerprint
    if rest and "." not in rest[1:] and _FINGERPRINT.match(extension):
        return f"{folder}{slash}{rest}", extension
    return None


# What bundlers insert: eight characters of base64 (Vite, Rollup, esbuild), or hex digits (webpack, Parcel).
_HASHED = r"(?s)(.*[-.])(?:[0-9A-Za-z_-]{8}|[0-9a-f]{16,64})(\.[^./]+)\Z"


def split_hash(name: str) -> tuple[str, str] | None:
    """Return what comes before and after the hash in a bundler's name: `index-DiwrgTda.js` is `index-` and `.js`."""
    match = re.match(_HASHED, name)
    return (match[1], match[2]) if match else None


def has_room(name: str) -> bool:
    """Return whether a name leaves room for a fingerprint within the limits of file systems."""
    longest = MAX_SEGMENT - DIGITS - 1
    short = len(name) * 4 <= longest  # characters have at most four bytes
    return short or len(name.rpartition("/")[2].encode("utf-8", "surrogateescape")) <= longest
