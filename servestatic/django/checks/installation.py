"""The installed package: alone under its import name, and whole.

Imports nothing of the package but this folder's `finding`: it has to run where the rest cannot be imported.
"""

import base64
import csv
import hashlib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from servestatic.django.checks.finding import Check, Finding

DAMAGED = "E002"
OURS = "statictree"
OTHER = "servestatic"  # another project, whose package has the same import name
_MOST = 5  # damaged files that are named


def find_other() -> Iterator[Finding]:
    """Find the distribution that overwrites our files, or whose files ours overwrite."""
    if other := _distribution(OTHER):
        yield {"other": OTHER, "version": other.version, "ours": OURS}


def find_damaged() -> Iterator[Finding]:
    """Find modules that are gone or have other bytes than those that were installed."""
    ours = _distribution(OURS)
    damaged = [path for path, digest in _recorded(ours) if not _is_whole(ours, path, digest)] if ours else []
    if damaged:
        more = f" and {len(damaged) - _MOST} more" if len(damaged) > _MOST else ""
        yield {"files": ", ".join(damaged[:_MOST]) + more, "ours": OURS}


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


def _is_whole(ours: Distribution, path: str, digest: str) -> bool:
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
        find_other,
        "The distribution '{other}' {version} is installed beside '{ours}': both have a package called servestatic.",
        "They overwrite each other's files. Run: pip uninstall --yes {other} && pip install --force-reinstall --no-deps"
        " {ours}",
    ),
    Check(
        DAMAGED,
        "modules of the package are missing or changed",
        find_damaged,
        "Files of the installed package are missing or changed: {files}.",
        "Another distribution with the same import name does that, also when it is uninstalled. Run: pip install"
        " --force-reinstall --no-deps {ours}",
    ),
)
