"""What a process has served, and done for clients of other releases, in numbers."""

from typing import NamedTuple


class Statistics(NamedTuple):
    """What this process has served, and done for clients of other releases.

    Attributes:
        served: responses with a file, or a part of one (status 200 or 206).
        not_modified: responses without, as the client has the file (status 304).
        found: names that another release has, or that were kept of this one; each again when it was forgotten.
        missed: fingerprinted names that no release has.
        fetched: files that were read from the place into the store.
        size: bytes of these.
        failed: reads and lists of the place that failed.
        deltas: differences between versions of a file that it has started to send; each again when it was forgotten.
        saved: bytes that they save each time.
    """

    served: int = 0
    not_modified: int = 0
    found: int = 0
    missed: int = 0
    fetched: int = 0
    size: int = 0
    failed: int = 0
    deltas: int = 0
    saved: int = 0
