"""What collectstatic has left in STATIC_ROOT, as a store of coded bytes: it saves work, and decides nothing.

Which files there are and what is in them, the sources say. Only where the build has codings of the very same bytes, by
their digest, are they taken from there, each checked when it is first used.
"""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from servestatic.http.representation import Representation
from servestatic.releases.coding_table import CodingsTable
from servestatic.releases.document import INDEX, read_index
from servestatic.releases.load import SealedEncoder
from servestatic.serving.compression.background import StoringEncoder
from servestatic.serving.compression.encoders import Encoder
from servestatic.serving.resources import Resources

_log = logging.getLogger("servestatic.django")


def adopt_codings(resources: Resources, static_root: str | os.PathLike[str]) -> None:
    """Let resources take codings from a build in STATIC_ROOT, if there is one."""
    place = Path(os.path.realpath(static_root))
    document = read_index(place)
    if document is None:
        return
    try:
        table = CodingsTable(document["codings"])
        counts = {digest: sum(1 for each in row.values() if each.length) for digest, row in table.items()}
    except (LookupError, TypeError, ValueError, AttributeError):
        _log.warning("%s is damaged; the codings beside it are not used", place / INDEX)
        return
    encoder = resources.encoder
    if isinstance(encoder, StoringEncoder):
        encoder.elsewhere = counts
    resources.encoder = AdoptingEncoder(SealedEncoder(place, table), counts, encoder)


class AdoptingEncoder:
    """An encoder that takes what a build has whole and intact, and leaves the rest to another encoder."""

    def __init__(self, build: SealedEncoder, counts: Mapping[bytes, int], otherwise: Encoder) -> None:
        self._build = build
        self._counts = counts
        self._otherwise = otherwise

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the finished row."""
        found = self._build.adopt(digest)
        if found is not None and len(found) == self._counts[digest]:
            return found
        return self._otherwise.adopt(digest)

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Make a row of what the build does not have."""
        return self._otherwise.encode(digest, data)

    def has_room(self) -> bool:
        """Return whether more codings may be made."""
        return self._otherwise.has_room()

    def drop(self, digest: bytes) -> None:
        """Give back the room of a row."""
        self._otherwise.drop(digest)
