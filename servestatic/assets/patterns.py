"""Shell patterns for files (`fnmatch`): without a slash they match names, with one the path below the source."""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate


def is_pattern(written: str) -> bool:
    """Return whether a text may be a shell pattern."""
    return any(sign in written for sign in "*?[")


def compile_patterns(patterns: Iterable[str]) -> Callable[[str], object]:
    """Return a function that tests paths; a pattern that begins with `!` makes an exception."""
    patterns = tuple(patterns)
    on_path = _match_any(pattern for pattern in patterns if "/" in pattern)
    on_name = _match_any(pattern for pattern in patterns if "/" not in pattern)
    return lambda path: on_name(path.rpartition("/")[2]) or on_path(path)


def _match_any(patterns: Iterable[str]) -> Callable[[str], object]:
    kinds: tuple[list[str], list[str]] = ([], [])
    for pattern in patterns:
        kinds[pattern.startswith("!")].append(translate(pattern.removeprefix("!")))
    if not kinds[False]:
        return lambda _: None
    ignored, excepted = ("|".join(kind) or "(?!)" for kind in kinds)
    return re.compile(f"(?!{excepted})(?:{ignored})").match
