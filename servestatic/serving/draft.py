"""What a path offers: a target, or a draft of one, whose first request decides how it is made."""

from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeAlias

from servestatic.assets.names import split_fingerprint
from servestatic.http.message import Blob, Memory, Response, Slice, Stamp
from servestatic.http.representation import NO_ANSWERS, Missing, Redirect, Resource
from servestatic.releases.lookup import Found
from servestatic.releases.rows import Row


class Draft(NamedTuple):
    """A file that a path names and that has no resource yet: the first request decides how to make one.

    Attributes:
        served: what the path serves.
        untried: digest of the bytes whose codings were not made yet; None if they were, or if none is worthwhile.
        follows: see `Resource`.
    """

    path: str
    found: Found
    row: Row
    source: Memory | Slice
    served: Blob
    untried: bytes | None
    follows: Slice | None

    @property
    def answers(self) -> Mapping[Hashable, Response]:
        """Empty; see `Resource`."""
        return NO_ANSWERS


Offer: TypeAlias = Draft | Resource | Missing | Redirect


def logical_name(found: Found, path: str) -> str:
    """Return the logical path of what a URL path names; files of builds are also known by fingerprinted names."""
    parts = split_fingerprint(found.name) if found.fingerprinted and found.key == path else None
    return parts[0] if parts else found.name


def date_of(stamp: Stamp) -> int | None:
    """Return the date of the source in whole seconds, if HTTP can express it (years 1 to 9999).

    A date that was in the future when the file was written must not be sent (RFC 9110 §8.8.2.1). Reproducible builds
    give all files of all releases the first or second moment of 1970, which reveals nothing about their bytes.
    """
    seconds = stamp.mtime_ns // 1_000_000_000
    real = stamp.inode and -(2**63) < stamp.mtime_ns <= stamp.ctime_ns  # before: see `disk.read.stamp_of`
    return seconds if real and seconds not in (0, 1) and -62_135_596_800 <= seconds <= 253_402_300_799 else None
