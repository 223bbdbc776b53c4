"""What a path offers: a target, or a draft of one, whose first request decides how it is made."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, TypeAlias

from servestatic.http.message import Blob, Memory, Response, Slice
from servestatic.http.representation import Missing, Redirect, Resource
from servestatic.releases.lookup import Found
from servestatic.releases.rows import Row


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A file that a path names and that has no resource yet: the first request decides how to make one.

    Attributes:
        served: what the path serves.
        untried: digest of the bytes whose codings were not made yet; None if they were, or if none is worthwhile.
        follows: see `Resource`.
        answers: empty; see `Resource`.
    """

    path: str
    found: Found
    row: Row
    source: Memory | Slice
    served: Blob
    untried: bytes | None
    follows: Slice | None
    answers: ClassVar[Mapping[Hashable, Response]] = MappingProxyType({})


Offer: TypeAlias = Draft | Resource | Missing | Redirect
