"""Management commands of a Django project, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def environment(**more: str) -> dict[str, str]:
    """Return the variables of a process that has the project's folder on its path, and to which warnings are errors."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return {**inherited, "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1", **more}


def manage(project: Path, *arguments: str, **more: str) -> str:
    """Return what a management command printed; its exit code is 0."""
    command = [sys.executable, "-X", "dev", "manage.py", *arguments]
    done = subprocess.run(command, cwd=project, env=environment(**more), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
