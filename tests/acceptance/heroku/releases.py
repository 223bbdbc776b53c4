"""What Heroku does between a push and the first dyno, and what its owner does once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.acceptance.heroku.dynos import HONCHO, run
from tests.acceptance.heroku.slug import find_management
from tests.acceptance.heroku.visitors import PASSWORD, USER

if TYPE_CHECKING:
    from pathlib import Path


def collect(folder: Path, slug: Path) -> str:
    """Do the buildpack's last step: at another place than the dyno's, without a database and without config vars."""
    command = ["python3", find_management(slug), "collectstatic", "--noinput", "--traceback"]
    return run(folder, slug, command, mode="rw", place="/home", DATABASE_URL="", SECRET_KEY="", DYNO="")


def release(folder: Path, slug: Path) -> None:
    """Run the Procfile's `release`, and make a user, as `heroku run` would."""
    run(folder, slug, [*HONCHO, "release"])
    secret = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    user = ["--noinput", "--username", USER, "--email", f"{USER}@compass.example"]
    run(folder, slug, ["python3", "manage.py", "createsuperuser", *user], **secret)
