"""Which existing name was probably meant, found by comparing only a few names, however many exist.

Names are kept in two orders: by folder and name, and by name read from its end. Similar names are neighbours in one of
them, unless they differ by one letter at the wrong position; such names are looked up.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from difflib import SequenceMatcher
from posixpath import relpath, splitext
from string import ascii_lowercase, digits
from urllib.parse import quote

from servestatic.assets.media_types import media_type
from servestatic.assets.names import path_of

MAX_ANSWERS = 1000  # wrong names for which one report has suggestions
_WINDOW = 16  # neighbours that are compared, on either side
_MAX_STEPS = 3  # how far away another folder may be, in segments of a relative path
_CUTOFF = 0.75  # how similar two names must be, of 1
_LETTERS = ascii_lowercase + digits + "-_"
_SPECIAL = re.compile(r"[^\w./~@+!$&*,;=:-]")
_CONFUSED = frozenset(("image", "font", "audio", "video"))  # types whose formats are mistaken for each other


def spell(target: str, written: str, base: str) -> str:
    """Return the URL of the file at URL path `target`, relative or absolute as `written` in the file at `base` is.

    Query and fragment are kept.
    """
    path = path_of(written)
    url = target if path.startswith("/") else relpath(target, base.rpartition("/")[0] or "/")
    url = f"./{url}" if path.startswith(".") and not url.startswith("../") else url
    return _SPECIAL.sub(lambda found: quote(found[0], errors="surrogateescape"), url) + written[len(path) :]


class Suggestions:
    """Finds the nearest of some names, which are sorted when the first wrong one comes.

    Args:
        names: `/`-separated paths that exist.
        home: returns what a name belongs to. Names of the same home may be meant for each other; a name of another home
            only in exactly the folder that was written.
        closed: returns whether files of a home refer only to each other, as those of an installed package do.
    """

    def __init__(
        self,
        names: Collection[str],
        home: Callable[[str], object] = lambda _: None,
        closed: Callable[[object], bool] = lambda _: False,
    ) -> None:
        self._names = names
        self._home = home
        self._closed = closed
        self._answers: dict[tuple[str, object], str] = {}
        self._by_folder: list[str] = []
        self._by_end: list[str] = []

    @property
    def is_spent(self) -> bool:
        """Whether further names get no suggestion."""
        return len(self._answers) >= MAX_ANSWERS

    def near(self, wrong: str, home: object = None) -> str:
        """Return the name nearest to a wrong one that was written at `home`; an empty text if none is near."""
        key = wrong, home
        if key not in self._answers and not self.is_spent:
            ranks = {name: self._rank(wrong, name, home) for name in sorted(self._find_candidates(wrong))}
            near = {name: rank for name, rank in ranks.items() if rank is not None}
            self._answers[key] = min(near, key=near.__getitem__, default="")
        return self._answers.get(key, "")

    def _find_candidates(self, wrong: str) -> set[str]:
        """Return the neighbours in both orders, and the names that differ only by a letter."""
        if not self._by_folder:
            self._by_end = sorted(self._names, key=_end_first)
            self._by_folder = sorted(self._by_end, key=_folder_first)  # set last, because other threads check it
        near = {name for name in _change_a_letter(wrong) if name in self._names}
        for names, key in ((self._by_folder, _folder_first), (self._by_end, _end_first)):
            at = bisect_left(names, key(wrong), key=key)
            near.update(names[max(0, at - _WINDOW) : at + _WINDOW])
        return near

    def _rank(self, wrong: str, name: str, home: object) -> float | None:
        """Return how far a name is from the wrong one; None if it is too far."""
        (folder, last), (its_folder, its_last) = _split(wrong), _split(name)
        if self._home(name) != home and (its_folder != folder or self._closed(home)):
            return None
        if its_folder == folder:
            return _compare(last, its_last)
        if last.lower() != its_last.lower():
            return None
        steps = relpath(f"/{its_folder}", f"/{folder}").count("/") + 1
        return steps if steps <= _MAX_STEPS else None


def _compare(last: str, other: str) -> float | None:
    """Return how far apart two names in one folder are, less than 1; None if they are too far apart."""
    (stem, extension), (its_stem, its_extension) = splitext(last.lower()), splitext(other.lower())
    if extension != its_extension:
        kinds = {media_type(name).essence.partition("/")[0] for name in (last, other)}
        return 1 - _CUTOFF if stem == its_stem and len(kinds) == 1 and kinds <= _CONFUSED else None
    matcher = SequenceMatcher(None, stem, its_stem)
    checks = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # the cheapest first
    return 1 - matcher.ratio() if all(check() >= _CUTOFF for check in checks) else None


def _change_a_letter(name: str) -> Iterator[str]:
    """Yield a path with a letter of its last segment removed, swapped with the next, replaced or inserted."""
    last = _split(name)[1]
    start = name[: len(name) - len(last)]
    for at in range(len(last) + 1):
        before, after = start + last[:at], last[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in _LETTERS:
            yield before + letter + after[1:]
            yield before + letter + after


def _split(name: str) -> tuple[str, str]:
    folder, _, last = name.rpartition("/")
    return folder, last


def _folder_first(name: str) -> str:
    """Return a text to sort by, since comparing pairs takes several times as long."""
    return "\0".join(name.lower().rpartition("/")[::2])


def _end_first(name: str) -> str:
    return name[::-1].lower()
