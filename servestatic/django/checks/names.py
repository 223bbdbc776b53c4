"""The names of all files, and those closest to a missing one. Files are listed for it, and not read."""

import re
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from unicodedata import normalize

from servestatic.assets.file import File
from servestatic.assets.names import path_of
from servestatic.django.checks.values import configured
from servestatic.django.finders import sources
from servestatic.django.holder import holder
from servestatic.pipeline.expand import expand
from servestatic.settings.model import Settings

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_MAX_SUGGESTIONS = 3


def list_names() -> frozenset[str]:
    """List the logical paths of all sources, or of the sealed build that is served in their place."""
    found = configured()
    if found and found.build:
        return frozenset(holder.index())
    listed = expand(sources(), found or Settings())
    return frozenset(file.name for source in listed for file in source if isinstance(file, File))


def is_missing(written: str, names: AbstractSet[str]) -> bool:
    """Return whether a name, as it is written, should be a file but is not; folders and other hosts do not count."""
    name = path_of(written)
    if not name or name.endswith("/") or _ELSEWHERE.match(written):
        return False
    return normalize("NFC", name) not in names and normalize("NFC", written) not in names


def suggest(written: str, names: AbstractSet[str]) -> str:
    """Suggest files: those of the same name in other folders, then those of a similar spelling."""
    name = path_of(written).lstrip("/")
    last = name.rpartition("/")[2]
    same = sorted(path for path in names if path.rpartition("/")[2] == last)
    similar = get_close_matches(name, names, n=_MAX_SUGGESTIONS, cutoff=0.75)
    near = [*dict.fromkeys([*same[:_MAX_SUGGESTIONS], *similar])][:_MAX_SUGGESTIONS]
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else "No source has a similar name."
