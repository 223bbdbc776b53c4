"""What a report shows, as values. Nothing here opens a file.

All lengths are bytes. `size` is the identity, `sent` the best coding: what a browser downloads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from servestatic.assets.coding import is_coded
from servestatic.assets.media_types import media_type
from servestatic.cli.report.comparison import Comparison
from servestatic.cli.report.page import Page

KINDS = ("script", "style", "page", "image", "font", "film", "data", "map", "other")
LARGEST = 50  # files in the list of the largest
MIN_KNOWN = 2_000  # bytes; what shorter files waste is not worth a line

_BY_ESSENCE = {
    "text/javascript": "script",
    "application/wasm": "script",
    "text/css": "style",
    "text/html": "page",
    "application/xhtml+xml": "page",
    "application/json": "data",
    "application/xml": "data",
    "text/csv": "data",
    "application/manifest+json": "data",
}
_BY_TYPE = {"image": "image", "video": "film", "audio": "film", "text": "other"}


class Weight(NamedTuple):
    """A file, and what it weighs.

    Attributes:
        path: logical path; below another mount than the prefix, the URL path.
        url: URL path, not encoded.
        source: where it comes from, as a label.
        kind: one of `KINDS`.
        coding: the best content coding; empty if that is the identity.
        digest: SHA-256 of what is served.
    """

    path: str
    url: str
    source: str
    kind: str
    size: int
    sent: int
    coding: str
    digest: bytes

    def describe(self) -> dict[str, Any]:
        """Return the file for JSON."""
        return self._asdict() | {"digest": self.digest.hex()}


class Copies(NamedTuple):
    """Files with the same bytes."""

    files: Sequence[Weight]

    @property
    def wasted(self) -> int:
        """What is downloaded twice if pages use all of the files."""
        return self.files[0].sent * (len(self.files) - 1)


class Library(NamedTuple):
    """A library that several folders have: its files, each with the version in its banner."""

    name: str
    files: Sequence[tuple[Weight, str]]


class Note(NamedTuple):
    """What is worth a look: a position, such as `css/a.css:3:7`, and a sentence."""

    place: str
    message: str


class Report(NamedTuple):
    """All that a report shows.

    Attributes:
        what: the sources, or the build, as labels.
        uncompressed: files that are sent as they are, though a coding would save a third.
        copies: files with the same bytes, those that waste most first.
        libraries: libraries that several folders have.
        hidden: files that others hide.
        broken: references that name no file.
        left_out: files that are not served.
        page: what a page loads, if one was named.
        comparison: what changed since another release, if one was named.
    """

    release: str
    prefix: str
    what: Sequence[str]
    files: Sequence[Weight]
    uncompressed: Sequence[Note] = ()
    copies: Sequence[Copies] = ()
    libraries: Sequence[Library] = ()
    hidden: Sequence[Note] = ()
    broken: Sequence[Note] = ()
    left_out: Sequence[Note] = ()
    page: Page | None = None
    comparison: Comparison | None = None

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def sent(self) -> int:
        """The bytes of all files as they are downloaded."""
        return sum(file.sent for file in self.files)

    def largest(self) -> list[Weight]:
        """Return the files that take longest to download, the largest first."""
        return sorted(self.files, key=lambda file: (-file.sent, file.path))[:LARGEST]

    def kinds(self) -> list["Share"]:
        """Return what each kind of file weighs, the heaviest first."""
        by_kind: dict[str, list[Weight]] = defaultdict(list)
        for file in self.files:
            by_kind[file.kind].append(file)
        shares = [Share(kind, len(files), *_weigh(files)) for kind, files in by_kind.items()]
        return sorted(shares, key=lambda share: (-share.sent, share.kind))

    def describe(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "release": self.release,
            "prefix": self.prefix,
            "sources": [*self.what],
            "total": {"files": len(self.files), "size": self.size, "sent": self.sent},
            "kinds": [share._asdict() for share in self.kinds()],
            "files": [file.describe() for file in self.files],
            "uncompressed": _describe(self.uncompressed),
            "copies": [
                {"paths": [file.path for file in each.files], "size": each.files[0].size, "wasted": each.wasted}
                for each in self.copies
            ],
            "libraries": [
                {"name": each.name, "files": [{"path": file.path, "version": version} for file, version in each.files]}
                for each in self.libraries
            ],
            "hidden": _describe(self.hidden),
            "broken": _describe(self.broken),
            "left_out": _describe(self.left_out),
            "page": self.page.describe() if self.page else None,
            "comparison": self.comparison.describe() if self.comparison else None,
        }


class Share(NamedTuple):
    """What the files of one kind weigh."""

    kind: str
    files: int
    size: int
    sent: int


def _weigh(files: Iterable[Weight]) -> tuple[int, int]:
    weights = [(file.size, file.sent) for file in files]
    return sum(size for size, _ in weights), sum(sent for _, sent in weights)


def _describe(notes: Iterable[Note]) -> list[dict[str, str]]:
    return [note._asdict() for note in notes]


def kind_of(name: str, length: int) -> str:
    """Return the kind of a file by its name and length."""
    kind = media_type(name)
    if name.lower().endswith(".map") or (kind.essence == "video/mp2t" and is_coded(name, length)):  # or TypeScript
        return "map"
    if kind.font:
        return "font"
    essence = kind.essence
    return _BY_ESSENCE.get(essence) or _BY_TYPE.get(essence.partition("/")[0], "other")


def find_copies(files: Iterable[Weight]) -> list[Copies]:
    """Return files with the same bytes, those that waste most first."""
    by_digest: dict[bytes, list[Weight]] = defaultdict(list)
    for file in files:
        if file.size >= MIN_KNOWN:
            by_digest[file.digest].append(file)
    found = [Copies(group) for group in by_digest.values() if len(group) > 1]
    return sorted(found, key=lambda copies: (-copies.wasted, copies.files[0].path))
