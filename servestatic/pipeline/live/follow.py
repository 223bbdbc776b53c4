"""An index that follows its sources: an `Index` like any other, whose rows are made when they are asked for.

Nothing that was made for one request is remembered for the next, so what is asked for is always compared with the disk.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence

from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.http.message import Stamp
from servestatic.http.representation import Missing, Resource, Target
from servestatic.pipeline.live.rescan import Rescans
from servestatic.pipeline.live.state import Following
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources
from servestatic.sources.directory import Directory

_log = logging.getLogger("servestatic")


def follow(sources: Sequence[Iterable[File | Skipped]], prefix: str, policy: Policy) -> Index:
    """Make an index that follows sources; nothing is read yet."""
    started = time.monotonic()
    following = Following(sources, prefix, policy)
    directories = [each.root for each in sources if isinstance(each, Directory)]
    rescans = Rescans(following.rescan, directories if len(directories) == len(sources) else ())
    index = Index(_Forgetful(following, policy, rescans.ask))
    _log.info("%d static files followed, ready in %.2f s", len(index), time.monotonic() - started)
    return index


class _Forgetful(Resources):
    """Resources that keep nothing, so that everything is looked up anew."""

    def __init__(self, following: Following, policy: Policy, on_look: Callable[[], object]) -> None:
        super().__init__(tuple(following.mounts.values()), following.places.roots, policy)
        self._on_look = on_look

    def _make(self, path: str) -> Target | None:
        """Return what a URL path has to offer now."""
        self._on_look()
        return super()._make(path)

    def renew(self, path: str, stamp: Stamp, digest: bytes) -> Resource | Missing:
        """Make anew what a path has to offer: its row tells by itself what the source is by now."""
        return self.refresh(path)

    def _remember(self, path: str, target: Target, generation: int) -> None:
        """Keep nothing."""
