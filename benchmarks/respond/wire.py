"""Requests and answers as the interfaces have them in common."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from benchmarks.lib.chrome import Fields


class Answer(NamedTuple):
    """What an application sent, names of fields as it spelled them."""

    status: int
    fields: Fields
    body: bytes

    def get(self, name: str) -> str:
        """Return the value of a field, "" where it was not sent."""
        return next((value for spelled, value in self.fields if spelled.lower() == name), "")


class Laid(NamedTuple):
    """A request in one buffer: where its path and the names and values of its fields begin and end."""

    text: str
    raw: bytes
    path: slice
    fields: tuple[tuple[slice, slice], ...]


def lay(path: str, fields: Fields) -> Laid:
    """Lay a request into one buffer."""
    pieces = [path, *(text for pair in fields for text in pair)]
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    first, *rest = (slice(start, stop) for start, stop in pairwise(ends))
    text = "".join(pieces)
    return Laid(text, text.encode("latin-1"), first, tuple(zip(rest[::2], rest[1::2], strict=True)))


class Interface(Protocol):
    """One way to call an application."""

    def lay(self, path: str, fields: Fields) -> Laid:
        """Lay a GET request into one buffer."""

    def record(self, application: Any, laid: Laid) -> Answer:
        """Call an application once and keep what it sends."""

    def bare(self, answer: Answer) -> Any:
        """Return an application that sends a kept answer and does nothing else."""

    def time(self, application: Any, requests: Iterable[Laid]) -> int:
        """Call an application for each request; nanoseconds of CPU."""
