"""The names that sources have, and what is near to one that they do not have. Nothing is read or digested for it."""

import re
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from unicodedata import normalize

from servestatic.assets.file import File
from servestatic.assets.names import path_of
from servestatic.django.checks.values import configured
from servestatic.django.holder import holder
from servestatic.django.source import sources

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_NEAREST = 3


def list_names() -> frozenset[str]:
    """List the logical paths of all sources, or of the sealed build that is served in their place."""
    found = configured()
    if found and found.build:
        return frozenset(holder.index())
    return frozenset(each.name for source in sources() for each in source if isinstance(each, File))


def is_missing(written: str, names: AbstractSet[str]) -> bool:
    """Tell whether a name as it is written means a file, and there is none. Folders and other hosts are no files."""
    name = path_of(written)
    if not name or name.endswith("/") or _ELSEWHERE.match(written):
        return False
    return normalize("NFC", name) not in names and normalize("NFC", written) not in names


def suggest(written: str, names: AbstractSet[str]) -> str:
    """Name the files that were probably meant: of the same name elsewhere, or spelled alike."""
    name = path_of(written).lstrip("/")
    last = name.rpartition("/")[2]
    near = sorted(each for each in names if each.rpartition("/")[2] == last)[:_NEAREST]
    near += [each for each in get_close_matches(name, names, n=_NEAREST, cutoff=0.75) if each not in near]
    return f"Did you mean {' or '.join(map(repr, near[:_NEAREST]))}?" if near else "No source has a name like it."
