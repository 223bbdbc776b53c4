"""Reports of a collection: as log lines, now and at the starts that find nothing changed."""

from collections.abc import Iterable
from typing import NamedTuple

from servestatic.runtime.log import get_log

MAX_LISTED = 20  # findings of a kind that are listed one by one

# Control characters in file names must not break log lines, which can only have what is UTF-8.
_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}

_log = get_log()


class Report(NamedTuple):
    """Findings of one kind, as one log line: how many there are, and sentences on the first of them."""

    level: int
    what: str
    total: int
    sentences: list[str]


def log(reports: Iterable[Report]) -> None:
    """Write a log line for each report."""
    for level, what, total, sentences in reports:
        more = [f"and {total - len(sentences)} more"] if total > len(sentences) else []
        _log.log(level, "%s (%d):%s", what, total, "".join(f"\n  {sentence}" for sentence in (*sentences, *more)))


def visible(text: str) -> str:
    """Return a text with control characters, and what is not UTF-8, as escapes."""
    return text.translate(_VISIBLE).encode("utf-8", "backslashreplace").decode()
