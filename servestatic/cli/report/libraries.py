"""Libraries that come twice, by the name and the version in the comment with which their files begin."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from servestatic.cli.inspection import read_served
from servestatic.cli.report.data import Library, Weight
from servestatic.disk.read import read_slice
from servestatic.http.message import Blob, Memory
from servestatic.releases.rows import Entry

_BANNER = re.compile(
    rb"/\*!?[\s*@]*(?:license[\s*]+)?(?P<name>[A-Za-z][A-Za-z0-9.-]+)(?:[ -][A-Za-z]+){0,3},?"
    rb"[\s*]+v?(?P<version>\d+\.\d+(?:\.\d+)?)\b",
    re.IGNORECASE,
)
_BANNER_WITHIN = 300  # bytes
_MIN_LIBRARY = 5_000  # bytes; shorter files are parts


_Versioned: TypeAlias = tuple[Weight, str]


def find_libraries(files: Iterable[tuple[Weight, Entry]]) -> list[Library]:
    """Return libraries that come in several versions, or from several places, unless they are copies of each other."""
    found: dict[str, dict[tuple[str, ...], list[_Versioned]]] = defaultdict(lambda: defaultdict(list))
    for file, entry in files:
        banner = _BANNER.match(_read_start(entry.served)) if _may_be_library(file) else None
        if banner:
            name, version = banner["name"].decode().lower().removesuffix(".js"), banner["version"].decode()
            place = (file.source, file.path.partition("/")[0], version)  # the parts of one library are in one
            found[f"{name} {file.kind}"][place].append((file, version))
    return [
        Library(key.partition(" ")[0], [min(each, key=lambda pair: len(pair[0].path)) for each in places.values()])
        for key, places in sorted(found.items())
        if len(places) > 1 and not _share_bytes(places.values())
    ]


def _may_be_library(file: Weight) -> bool:
    return file.kind in ("script", "style") and file.size >= _MIN_LIBRARY


def _share_bytes(places: Iterable[Iterable[_Versioned]]) -> bool:
    """Return whether a file of one place is in all others, too: then it is listed as a copy."""
    return bool(set.intersection(*({file.digest for file, _ in place} for place in places)))


def _read_start(served: Blob) -> bytes:
    body = served.body
    if isinstance(body, Memory) or body.fixed:
        return (read_served(served) or b"")[:_BANNER_WITHIN].lstrip()
    return (read_slice(body._replace(stop=min(body.stop, body.start + _BANNER_WITHIN))) or b"").lstrip()
