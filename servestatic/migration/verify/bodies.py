"""Whether two texts are the same but for how they refer to other files. Nothing here opens a file."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from servestatic.assets.names import path_of, split_fingerprint
from servestatic.assets.references import SYNTAXES, extension, is_path, resolve

_BEFORE = re.compile(rb"""(?:url\(\s*)?["']?\Z""", re.IGNORECASE)
_AFTER = re.compile(rb"""["']?\s*\)?""")
# What Django takes for references within comments, or for a source map in the middle of a file.
_URL = re.compile(rb"""url\(\s*(["']?)([^"')]*)\1\s*\)""")
_FINGERPRINT = re.compile(rb"\.[0-9a-f]{12}(?=\.\w)")


class Normal(NamedTuple):
    """A text in parts: what is around its references, and the URL paths of their targets, without fingerprints."""

    rest: list[bytes]
    targets: list[str]


def normalise(name: str, data: bytes, url: str) -> Normal:
    """Return a text without what its references are written in: quotes, `url(…)`, fingerprints.

    Django writes quotes and `url(…)` of its own, and relative paths for absolute ones.
    """
    syntax = SYNTAXES.get(extension(name))
    rest, targets, past = [], [], 0
    for reference in syntax.find(data) if syntax else ():
        before = _BEFORE.sub(b"", data[past : reference.start])
        rest.append(_normalise_rest(before))
        targets.append(_name_target(reference.url, urlsplit(url).path))
        closing = _AFTER.match(data, reference.stop)
        past = closing.end() if closing else reference.stop
    return Normal([*rest, _normalise_rest(data[past:])], targets)


def _normalise_rest(data: bytes) -> bytes:
    return _FINGERPRINT.sub(b"", _URL.sub(rb"\2", data))


def _name_target(written: str, base: str) -> str:
    target = resolve(written, base) if is_path(written) else None
    if target is None:
        return written
    plain = split_fingerprint(target)
    return (plain[0] if plain else target) + written[len(path_of(written)) :]


_SHOWN = 24  # bytes on each side of the first difference


def show_difference(old: bytes, new: bytes) -> tuple[str, str]:
    """Return, of each of two texts, the piece in which they begin to differ, on one line."""
    pairs = enumerate(zip(old, new, strict=False))
    at = next((position for position, (one, other) in pairs if one != other), min(len(old), len(new)))
    return _cut(old, at), _cut(new, at)


def _cut(text: bytes, at: int) -> str:
    return " ".join(text[max(0, at - _SHOWN) : at + _SHOWN].decode("utf-8", "replace").split())
