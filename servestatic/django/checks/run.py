"""Run the rows of the tables, and report to Django."""

from collections.abc import Iterable, Iterator

from django.core import checks

from servestatic.django.checks.check import Check
from servestatic.django.checks.installation import CHECKS as INSTALLATION
from servestatic.runtime.log import get_log

_log = get_log("servestatic.django")
LABEL = "servestatic"
_LEVELS = {"E": checks.Error, "W": checks.Warning, "I": checks.Info}


def run_project() -> list[checks.CheckMessage]:
    """Check the settings; for a mixed or damaged package report only that, as imports of the rest may fail."""
    if found := list(run(INSTALLATION)):
        return found
    from servestatic.django.checks.table import PROJECT

    return found + list(run(PROJECT))


def log_not_installed() -> None:
    """Log that the app is not installed: without it, no checks are registered that could report it."""
    from servestatic.django.checks.table import NOT_INSTALLED

    for message in run((NOT_INSTALLED,)):
        _log.warning("%s %s (%s)", message.msg, message.hint, message.id)


def run_deployment() -> list[checks.CheckMessage]:
    """Check what takes longer; nothing if the package is damaged."""
    if any(run(INSTALLATION)):
        return []  # `run_project` reports it, and it must be repaired first
    from servestatic.django.checks.deployment import DEPLOYMENT

    return list(run(DEPLOYMENT))


def run(rows: Iterable[Check]) -> Iterator[checks.CheckMessage]:
    """Yield a message for each finding of each check."""
    for check in rows:
        for words in check.find():
            message, hint = check.message.format_map(words), check.hint.format_map(words)
            yield _LEVELS[check.id[0]](message, hint=hint or None, id=f"{LABEL}.{check.id}")
