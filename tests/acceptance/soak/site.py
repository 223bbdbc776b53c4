"""The site of the soak: every file in three versions, and the bytes that each URL may serve.

What a fingerprinted stylesheet serves is worked out here, from its source and the name of the picture it refers to.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

import servestatic
from tests.support.files import write
from tests.support.tree import noise, prose

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic import Index

VERSIONS = 3
PAGE = "page.html"
_FINGERPRINT = re.compile(rb"\.[0-9a-f]{12}(?=\.)")
_STYLE = ".rule-%d { color: #123; margin: 0 auto }"
_SCRIPT = "export const value%d = () => document.title;"
_SCRIPTS = (1500, 6000, 20_000, 60_000, 120_000, 300_000)  # bytes
_MEDIA = (3000, 90_000, 300_000, 1_500_000)  # bytes
_PICTURES = 4
DELETED = ("js/0.js", "js/4.js", "css/3.css", "img/3.svg", "media/0.bin", "media/2.bin")  # from time to time

NAMES = (
    *(f"js/{number}.js" for number in range(len(_SCRIPTS))),
    *(f"{kind}/{number}.{kind}" for kind in ("css",) for number in range(_PICTURES)),
    *(f"img/{number}.svg" for number in range(_PICTURES)),
    *(f"media/{number}.bin" for number in range(len(_MEDIA))),
    PAGE,
)
LARGE = ("media/3.bin",)  # is read again at most once a second when it changes


def make_source(name: str, version: int) -> bytes:
    """Return a version of a file: all have one length but those of media, and little of a text differs."""
    kind, _, file = name.rpartition("/")
    number = int(file.partition(".")[0]) if kind else 0
    mark = b"/* version %d of %b */\n" % (version, name.encode())
    if kind == "js":
        return mark + prose(_SCRIPTS[number], _SCRIPT)
    if kind == "css":
        return mark + b".picture { background: url(../img/%d.svg) }\n" % number + prose(9000 + number, _STYLE)
    if kind == "img":
        return b"<svg><!-- %b -->" % mark + prose(2000 + number, "<path d='M%d 0'/>") + b"</svg>"
    if kind == "media":
        return noise(_MEDIA[number] + version)
    links = (f'<link href="{each}">' for each in NAMES if each != PAGE)
    return b"<!doctype html><!-- %b -->" % mark + "\n".join(links).encode()


def cut(data: bytes) -> bytes:
    """Return what is left of a file that is cut short."""
    return data[: len(data) // 2]


class Known(NamedTuple):
    """What the URLs of the site may serve.

    Attributes:
        plain: by name: the bytes of each state of a file, by their SHA-256.
        own: by URL: what the fingerprinted names of the first release serve.
        other: by URL: what those of all other releases do.
        names: by URL: which file it is.
        indexes: the releases, the first one first.
    """

    plain: dict[str, dict[bytes, bytes]]
    own: dict[str, bytes]
    other: dict[str, bytes]
    names: dict[str, str]
    indexes: list[Index]


def prepare(folder: Path) -> Known:
    """Collect a release for each combination of versions of pictures and of the rest."""
    known = Known({}, {}, {}, {}, [])
    for name in NAMES:
        sources = [make_source(name, version) for version in range(VERSIONS)]
        states = (*sources, *map(cut, sources))
        known.plain[name] = {hashlib.sha256(data).digest(): data for data in states}
        known.names[f"/{name}"] = name
    for files, pictures in itertools.product(range(VERSIONS), repeat=2):
        place = folder / f"{files}-{pictures}"
        contents = {name: make_source(name, pictures if name.startswith("img/") else files) for name in NAMES}
        index = servestatic.collect(write(place, contents), store="none", prefix="/", index_file="index.html")
        known.indexes.append(index)
        urls = known.other if files or pictures else known.own
        for name in NAMES:
            if name != PAGE and index.url(name) not in known.own:
                urls[index.url(name)] = _rewrite(name, contents[name], index)
                known.names[index.url(name)] = name
    return known


def _rewrite(name: str, source: bytes, index: Index) -> bytes:
    """Return what the fingerprinted name of a file serves."""
    if not name.startswith("css/"):
        return source
    picture = name.replace("css", "img", 1).replace("css", "svg").encode()
    assert picture in source
    return source.replace(picture, index.url(picture.decode()).removeprefix("/").encode())


def is_page(body: bytes, known: Known) -> bool:
    """Return whether this is a state of the page, with or without fingerprints in its links."""
    return hashlib.sha256(_FINGERPRINT.sub(b"", body)).digest() in known.plain[PAGE]
