"""The installed package: whether it is intact, and no other distribution has the same import name.

Of the package, this module imports only `check` and what is as independent: it must run even if the rest cannot be
imported.
"""

import base64
import csv
import hashlib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from servestatic.django.checks.check import Check, Words
from servestatic.runtime.installation import MIXED, OURS, REMEDY, find_other

_MAX_NAMED = 5  # damaged files


def find_mixed() -> Iterator[Words]:
    """Find the distribution that overwrites our files, or whose files ours overwrite."""
    if other := find_other():
        yield other


def find_damaged() -> Iterator[Words]:
    """Find modules that are missing, or whose bytes differ from those that were installed."""
    ours = _distribution(OURS)
    damaged = [path for path, digest in _recorded(ours) if not _is_intact(ours, path, digest)] if ours else []
    if damaged:
        more = f" and {len(damaged) - _MAX_NAMED} more" if len(damaged) > _MAX_NAMED else ""
        yield {"files": ", ".join(damaged[:_MAX_NAMED]) + more, "ours": OURS}


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _recorded(ours: Distribution) -> Iterator[tuple[str, str]]:
    """Yield each module with its digest (PyPA's "Recording installed projects"): `files` leaves out what is missing."""
    for path, digest, _ in csv.reader((ours.read_text("RECORD") or "").splitlines()):
        if path.startswith("servestatic/") and path.endswith(".py") and digest:
            yield path, digest


def _is_intact(ours: Distribution, path: str, digest: str) -> bool:
    kind, _, expected = digest.partition("=")
    try:
        data = Path(str(ours.locate_file(path))).read_bytes()
    except OSError:
        return False
    return base64.urlsafe_b64encode(hashlib.new(kind, data).digest()).decode().rstrip("=") == expected


CHECKS = (
    Check(
        "E001",
        "another distribution called `servestatic` is installed",
        find_mixed,
        MIXED,
        REMEDY,
    ),
    Check(
        "E002",
        "modules of the package are missing or changed",
        find_damaged,
        "Files of the installed package are missing or changed: {files}.",
        "Another distribution with the same import name causes this, also when it is uninstalled. Run: pip install"
        " --force-reinstall --no-deps {ours}",
    ),
)
