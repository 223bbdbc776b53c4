"""A check is a row of the table; its condition yields the words that complete its sentences."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

Words: TypeAlias = Mapping[str, object]


class Check(NamedTuple):
    """A row of the table.

    Attributes:
        id: without the app's label; its first letter is the level, E (error), W (warning) or I (info).
        condition: what the check finds, for the documentation.
        find: yields the words for `message` and `hint`, once for each message; nothing if all is well.
        message: a sentence, as a format string.
        hint: the consequence and the remedy, as a format string.
    """

    id: str
    condition: str
    find: Callable[[], Iterable[Words]]
    message: str
    hint: str
