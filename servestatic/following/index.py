"""An index that follows its sources: an `Index` like any other, whose rows are made when they are asked for.

Nothing that was made for one request is remembered for the next, so what is asked for is always compared with the disk.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from servestatic.assets.file import File, Skipped
from servestatic.assets.index import Index
from servestatic.assets.policy import Policy
from servestatic.assets.resources import Resources
from servestatic.following.rescans import Rescans
from servestatic.following.rows import Following
from servestatic.sources.directory import Directory

_log = logging.getLogger("servestatic")


def follow(sources: Sequence[Iterable[File | Skipped]], prefix: str, policy: Policy) -> Index:
    """Make an index that follows sources; nothing is read yet."""
    started = time.monotonic()
    following = Following(sources, prefix, policy)
    directories = [each.root for each in sources if isinstance(each, Directory)]
    rescans = Rescans(following.rescan, directories if len(directories) == len(sources) else ())
    mounts = tuple(following.mounts.values())
    memory = partial(_Forgetful, rescans.ask)
    index = Index(Resources(mounts, following.places.roots, policy, make_memory=memory))
    _log.info("%d static files followed, ready in %.2f s", len(index), time.monotonic() - started)
    return index


class _Forgetful(dict[str, Any]):
    """A dictionary that keeps nothing, so that everything is looked up anew."""

    def __init__(self, on_get: Callable[[], object]) -> None:
        super().__init__()
        self._on_get = on_get

    def get(self, _: str, default: Any = None) -> Any:
        """Find nothing."""
        self._on_get()
        return default

    def __setitem__(self, *_: object) -> None:
        """Keep nothing."""
