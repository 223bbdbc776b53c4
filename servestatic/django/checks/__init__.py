"""System checks: `table` has a row for each check; their conditions are in one module for each subject.

They run with `manage.py check`, before runserver and migrate; those that compile templates only with `check --deploy`.
Servers run none of them: their modules are imported only when they run.
"""

from typing import TYPE_CHECKING, Any

from django.core.checks import Tags, register

if TYPE_CHECKING:
    from django.core.checks import CheckMessage

TAG = "servestatic"  # manage.py check --tag servestatic


def register_checks() -> None:
    """Register the checks with Django."""
    register(check_project, TAG, Tags.staticfiles)
    register(check_deployment, TAG, Tags.staticfiles, deploy=True)


def check_project(**_: Any) -> "list[CheckMessage]":
    """Check the settings."""
    from servestatic.django.checks.run import run_project

    return run_project()


def check_deployment(**_: Any) -> "list[CheckMessage]":
    """Check what takes longer, or matters only in production."""
    from servestatic.django.checks.run import run_deployment

    return run_deployment()
