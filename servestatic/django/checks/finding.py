"""What a check is: a row of the table; and what its condition finds: the words that its sentences lack."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

Finding: TypeAlias = Mapping[str, object]


class Check(NamedTuple):
    """A row of the table.

    Attributes:
        id: without the app's label; it begins with the level, E (error) or W (warning).
        condition: what has to be so, for the documentation.
        find: yields the words for `message` and `hint`, once for each message; nothing where all is well.
        message: a sentence, formatted.
        hint: what comes of it, and what to do, formatted.
    """

    id: str
    condition: str
    find: Callable[[], Iterable[Finding]]
    message: str
    hint: str
