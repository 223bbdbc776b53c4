"""Follow sources: a release whose rows are made on demand, and resources that keep nothing.

Nothing made for one request is remembered for the next, so that everything is always compared with the disk.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.http.message import Stamp
from servestatic.http.representation import Missing, Redirect, Resource, Target
from servestatic.pipeline.live.rescan import Rescans
from servestatic.pipeline.live.state import LiveFiles
from servestatic.releases.rows import Release
from servestatic.runtime.log import get_log
from servestatic.serving.draft import Draft
from servestatic.serving.resources import Resources
from servestatic.sources.directory import Directory

_log = get_log()


def follow(
    sources: Sequence[Iterable[File | Skipped]], prefix: str, policy: Policy
) -> tuple[Release, Callable[[], object]]:
    """Return a release that follows its sources, and a function to call at each look-up; no file is read yet."""
    started = time.monotonic()
    files = LiveFiles(sources, prefix, policy)
    directories = [source.root for source in sources if isinstance(source, Directory)]
    rescans = Rescans(files.rescan, directories if len(directories) == len(sources) else ())
    release = Release(files.identify, tuple(files.mounts.values()), files.roots)
    count = sum(len(mount.rows) for mount in release.mounts)
    _log.info("%d static files followed, ready in %.2f s", count, time.monotonic() - started)
    return release, rescans.ask


class LiveResources(Resources):
    """Resources that keep nothing, so that everything is looked up again."""

    def __init__(self, on_lookup: Callable[[], object], *parts: Any, **options: Any) -> None:
        super().__init__(*parts, **options)
        self._on_lookup = on_lookup

    def draft(self, path: str) -> Draft | Missing | Redirect | None:
        """Look up what a URL path offers now."""
        self._on_lookup()
        return super().draft(path)

    def renew(self, path: str, stamp: Stamp, digest: bytes) -> Resource | Missing:
        """Return what a path offers: its row already is that of the source's present state."""
        return self.refresh(path)

    def _remember(self, path: str, target: Target, generation: int) -> None:
        """Keep nothing."""
