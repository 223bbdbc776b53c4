"""What is known of a file, and when it was last compared with the disk: alone, and with all that its references reach.

Most files reach few others, and are compared with them at each look-up. If they reach many, as the modules of a large
application do, a comparison counts for a moment, also for the files reached, so that each of a thousand modules in a
chain does not compare the rest of the chain again.
"""

import time
from collections.abc import Collection
from typing import NamedTuple

from servestatic.assets.asset import Asset
from servestatic.assets.file import File
from servestatic.disk.read import is_steady
from servestatic.http.message import Stamp

MANY = 64  # files that are compared at each look-up
_PAUSE = 0.2  # seconds for which a comparison of more files counts, at least


class KnownFile(NamedTuple):
    """What is known of a file, and the time before it was read (nanoseconds since 1970)."""

    asset: Asset
    at: int

    def is_of(self, file: File, stamp: Stamp | None) -> bool:
        """Return whether a file is still in this state; one without a stamp changes only when it is listed again."""
        same = self.asset.file[:2] == file[:2] and (stamp is None or stamp == self.asset.stamp)
        return same and (stamp is None or is_steady(stamp, self.at))

    def is_same(self, asset: Asset) -> bool:
        """Return whether a later reading found the same."""
        return self.asset._replace(file=asset.file, data=None) == asset._replace(data=None)


class Comparisons:
    """Until when comparisons count, by URL path; monotonic seconds."""

    def __init__(self) -> None:
        self._alone: dict[str, float] = {}
        self._whole: dict[str, float] = {}

    def note(self, path: str) -> None:
        """Note that a file has just been compared."""
        self._alone[path] = time.monotonic() + _PAUSE

    def note_whole(self, reached: Collection[str], started: float) -> None:
        """Note that files that reach only each other were compared; this counts for as long as it took, or longer."""
        if len(reached) > MANY:
            now = time.monotonic()
            self._whole.update(dict.fromkeys(reached, now + max(_PAUSE, now - started)))

    def is_recent(self, path: str) -> bool:
        """Return whether a file was compared a moment ago."""
        return time.monotonic() < self._alone.get(path, 0.0)

    def is_whole(self, path: str) -> bool:
        """Return whether a file was compared a moment ago, together with all that it reaches."""
        return time.monotonic() < self._whole.get(path, 0.0)

    def forget_whole(self) -> None:
        """Forget what was compared together: some of it has changed."""
        self._whole.clear()
