"""The releases that come before the one that is written: those of an existing build, and those of another place."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from servestatic.errors import BuildError
from servestatic.releases.build_files import BuildFiles
from servestatic.releases.coding_table import Coded
from servestatic.releases.document import INDEX_3, MAX_IDS, Document, open_document, path_of, read_ids
from servestatic.releases.layout import Layout
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.previous import Previous
from servestatic.releases.retain import Dated, Divided, Retention, divide


class Earlier:
    """The releases of an existing build, and those that come along into it.

    A release of the build whose document is damaged has unknown files, which stay.
    """

    def __init__(self, out: Path, previous: Previous | None) -> None:
        self._out = out
        self._previous = previous
        self._ids: list[str] = []
        with suppress(ValueError):  # damaged: as if there were none
            self._ids = read_ids(out)
        self._started = time.time()

    @cached_property
    def _documents(self) -> dict[str, Document]:
        documents: dict[str, Document] = {}
        for release in self._ids:
            with suppress(OSError, BuildError):
                documents[release] = open_document(self._out, release)
        return documents

    def find_codings(self, digest: bytes) -> Iterator[dict[str, Coded]]:
        """Yield what each release knows of the codings of some bytes."""
        for document in self._documents.values():
            with suppress(BuildError):
                if row := document.codings.find(digest):
                    yield row

    def divide(self, current: str, retention: Retention) -> Divided:
        """Decide which releases stay or come along; the current one is the newest of them.

        Raises:
            OSError: the directory cannot be read.
        """
        own = [Dated(release, self._find_time(release)) for release in self._ids if release != current]
        more = self._previous.dated if self._previous else ()
        others = [dated for dated in more if dated.id not in (current, *self._ids)]
        dated = [Dated(current, self._started), *own, *others]
        kept, dropped = divide(DirectoryPlace(self._out), dated, retention)
        return Divided(kept[:MAX_IDS], kept[MAX_IDS:] + dropped)

    def _find_time(self, release: str) -> float:
        with suppress(OSError):
            return os.lstat(self._out / path_of(release)).st_mtime
        return 0.0

    def bring(self, kept: Iterable[str], files: BuildFiles, layout: Layout) -> list[str]:
        """Write those releases of the other place that are kept, and return the ids of all that the build then has.

        Raises:
            BuildError: the place cannot be reached.
            OSError: the build cannot be written.
        """
        return [release for release in kept if release in self._ids or self._bring(release, files, layout)]

    def _bring(self, release: str, files: BuildFiles, layout: Layout) -> bool:
        return self._previous is not None and self._previous.bring(release, files, layout)

    def list_lost(self, kept: Iterable[str], dropped: Iterable[str]) -> set[str]:
        """Return the paths below OUT of what only dropped releases have, and of their documents."""
        needed = self._list_public(kept)
        lost = self._list_public(dropped) - needed
        return lost | {path_of(release) for release in dropped} | {INDEX_3}

    def _list_public(self, releases: Iterable[str]) -> set[str]:
        paths: set[str] = set()
        for release in releases:
            with suppress(BuildError):
                document = self._documents.get(release)
                paths |= {path for path, _ in document.list_public()} if document else set()
        return paths
