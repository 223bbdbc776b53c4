"""Runs the table for Django."""

import logging
from collections.abc import Iterable, Iterator

from django.core import checks

from servestatic.django.checks.finding import Check
from servestatic.django.checks.installation import CHECKS as INSTALLATION
from servestatic.django.checks.installation import DAMAGED

_log = logging.getLogger("servestatic.django")
LABEL = "servestatic"
_LEVELS = {"E": checks.Error, "W": checks.Warning}


def run_project() -> list[checks.CheckMessage]:
    """Check the settings; of a damaged package only that it is, as the rest may fail to be imported."""
    found = list(run(INSTALLATION))
    if any(each.id == f"{LABEL}.{DAMAGED}" for each in found):
        return found
    from servestatic.django.checks.table import PROJECT

    return found + list(run(PROJECT))


def say_not_installed() -> None:
    """Log what no check can say, as the app that registers them is missing."""
    from servestatic.django.checks.table import NOT_INSTALLED

    for message in run((NOT_INSTALLED,)):
        _log.warning("%s %s (%s)", message.msg, message.hint, message.id)


def run_deployment() -> list[checks.CheckMessage]:
    """Check what takes longer; nothing of a damaged package."""
    if any(run(INSTALLATION)):
        return []  # said by `run_project`, and to be put right first
    from servestatic.django.checks.deployment import DEPLOYMENT

    return list(run(DEPLOYMENT))


def run(rows: Iterable[Check]) -> Iterator[checks.CheckMessage]:
    """Yield a message for each finding of each check."""
    for check in rows:
        for words in check.find():
            message, hint = check.message.format_map(words), check.hint.format_map(words)
            yield _LEVELS[check.id[0]](message, hint=hint or None, id=f"{LABEL}.{check.id}")
