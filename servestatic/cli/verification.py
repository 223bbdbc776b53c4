"""`servestatic migrate --verify`: shows what differs between the old way and ours, by reason."""

import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from servestatic.cli.output import amount, say
from servestatic.migration.convert import Migrated
from servestatic.migration.find import Project, usual_roots
from servestatic.migration.source import MigrationError
from servestatic.migration.verify.compare import Difference
from servestatic.migration.verify.project import locate
from servestatic.migration.verify.reasons import Reason
from servestatic.migration.verify.run import Old, Side, Verified, verify
from servestatic.migration.verify.texts import find_texts


def compare(target: str, found: Project, migrated: Sequence[Migrated], *, since: str, old_python: str) -> Verified:
    """Compare the project before its edits with the project after them.

    Raises:
        MigrationError: there is nothing to compare, or one of the two does not run.
    """
    texts = find_texts(found.sources, migrated, since)
    python = shutil.which(old_python or sys.executable)
    if not python:
        raise MigrationError(f"{old_python} is not an interpreter. Name one with --old-python, such as old/bin/python.")
    old = Old(texts.old, texts.package, os.path.abspath(python))
    return verify(locate(target, usual_roots()), old, texts.new)


def _group(differences: Sequence[Difference]) -> list[tuple[Reason, list[Difference]]]:
    """Return the differences by reason: unexplained ones first, then those of most files."""
    groups: dict[Reason, list[Difference]] = defaultdict(list)
    for difference in differences:
        groups[difference.reason].append(difference)
    return sorted(groups.items(), key=lambda group: (group[0].explained, -len(group[1])))


def count_open(verified: Verified) -> int:
    """Return the number of differences that are not explained."""
    return sum(not difference.reason.explained for difference in verified.differences)


def describe(verified: Verified) -> dict[str, Any]:
    """Return everything for other programs."""
    reasons = [
        {**reason._asdict(), "differences": [{"name": each.name, "old": each.old, "new": each.new} for each in group]}
        for reason, group in _group(verified.differences)
    ]
    sides = {which: _describe_side(side) for which, side in (("old", verified.old), ("new", verified.new))}
    return {**sides, "explained": not count_open(verified), "reasons": reasons}


def _describe_side(side: Side) -> dict[str, Any]:
    return side._asdict() | {"files": {name: answer._asdict() for name, answer in side.files.items()}}


def show(verified: Verified) -> None:
    """Print two lines for each reason, unexplained ones first, and a sentence for the whole."""
    groups = _group(verified.differences)
    for explained, title in ((False, "Not explained:"), (True, "Explained:")):
        chosen = [group for group in groups if group[0].explained == explained]
        if chosen:
            say(title, "bold" if explained else "bold red")
        for reason, differences in chosen:
            _show_reason(reason, differences)
    _show_notes(verified)
    compared, left = len(verified.old.files.keys() | verified.new.files.keys()), count_open(verified)
    said = f"{amount(left, 'difference')} not explained" if left else "every difference is explained"
    reasons = amount(len(groups), "reason")
    say(f"{amount(compared, 'file')} compared, {said if groups else 'no difference'} ({reasons}).", indent=2)


_INDENT = 8
_WITH_NAME = ("URL", "answer", "file")  # both values name the file


def _show_reason(reason: Reason, differences: Sequence[Difference]) -> None:
    count = f"{len(differences):{_INDENT - 2},}  "
    say(f"{count}{reason.what}: {reason.why}", indent=_INDENT)
    name, _, old, new = differences[0]
    change = f"{_shorten(old)} → {_shorten(new)}"
    example = change if reason.what in _WITH_NAME else f"{name}: {change}"
    say(f"{' ' * _INDENT}{example}", "dim", indent=_INDENT)


_LONGEST = 80


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _show_notes(verified: Verified) -> None:
    if verified.old.debug:
        say("DEBUG is on in these settings; it was turned off once they were read.", indent=2, stderr=True)
    if not verified.old.middleware:
        say(
            "No middleware serves files by the old settings, so URLs and bytes were compared, but not headers.",
            indent=2,
            stderr=True,
        )
