"""Slugs: what Heroku's buildpack makes of the example, by the same commands in the same order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs/examples/heroku"
PACKAGES = ".heroku/python"
USER = 65534  # `nobody` of enter.sh
PYTHON = f"/opt/bin/python{sys.version_info[0]}.{sys.version_info[1]}"  # where enter.sh has it
ONE_TIME = 315532801  # seconds: the beginning of 1980, which Cloud Native Buildpacks give to every file
TWINS = {"a": 40 * "main { color: red }  \n", "b": 40 * "main { color: blue } \n"}  # of one length


def make_slug(slug: Path) -> None:
    """Copy the example and install what it requires: servestatic from the working tree, the rest as the file says."""
    shutil.copytree(EXAMPLE, slug, ignore=shutil.ignore_patterns("__pycache__", "staticfiles", ".ruff_cache"))
    install(slug, str(ROOT), "-r", str(slug / "requirements.txt"))
    honcho = find_spec("honcho")
    assert honcho
    assert honcho.submodule_search_locations
    shutil.copytree(honcho.submodule_search_locations[0], slug / PACKAGES / "honcho")
    for name, text in TWINS.items():
        (slug / f"static/css/{name}.css").write_text(text)


def install(slug: Path, *requirements: str) -> None:
    """Install into a slug.

    Compiled modules are compared by content, as Cloud Native Buildpacks have it: times of files tell nothing there.
    """
    packages = slug / PACKAGES
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--target", str(packages)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(ONE_TIME)}
    subprocess.run([*pip, *requirements], check=True, env=environment)
    for script in (packages / "bin").iterdir():
        script.write_text(re.sub("^#!.*", f"#!{PYTHON}", script.read_text()))


def copy_slug(slug: Path, copy: Path) -> Path:
    """Copy a slug, for the user who builds in it."""
    subprocess.run(["cp", "--archive", slug, copy], check=True)
    subprocess.run(["chown", "--recursive", f"{USER}:{USER}", copy], check=True)
    return copy


def set_one_time(slug: Path) -> None:
    """Give every file one time."""
    subprocess.run(["find", slug, "-exec", "touch", "--no-dereference", f"--date=@{ONE_TIME}", "{}", "+"], check=True)


def choose_server(slug: Path, server: str) -> None:
    """Take the Procfile's line that has a server, which may be a comment."""
    procfile = slug / "Procfile"
    lines = procfile.read_text().splitlines()
    chosen = [re.sub("^# web:", "web:", line) for line in lines if re.match(f"(# )?web: {server} ", line)]
    assert len(chosen) == 1, lines
    others = [line for line in lines if not re.match("(# )?web:", line)]
    procfile.write_text("\n".join((*others, *chosen, "")))


def find_management(slug: Path) -> str:
    """Find manage.py as the buildpack does: the first within three levels."""
    found = sorted(slug.glob("manage.py")) + sorted(slug.glob("*/manage.py")) + sorted(slug.glob("*/*/manage.py"))
    return str(found[0].relative_to(slug))
