"""Django's versions on every Python that is here: `nox`, or `nox -s 'django(3.13, Django 6.x)'` for one of them.

A Python is looked for on the path and among those of pyenv; one that is missing is skipped, and a line says so.
"""

import os
import shutil
import subprocess
from pathlib import Path

import nox

# What is installed, and the Pythons that it runs on by its own documentation; 6.x is the newest. 4.2 and 6.0 are here
# while they cost nothing.
DJANGO = {
    "4.2": ("django>=4.2,<5", ("3.11", "3.12")),
    "5.2": ("django>=5.2,<6", ("3.11", "3.12", "3.13", "3.14")),
    "6.0": ("django>=6.0,<6.1", ("3.12", "3.13", "3.14")),
    "6.x": ("django>=6.1,<7", ("3.12", "3.13", "3.14")),
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
TOOLS = ("click", "httpx", "hypothesis>=6.100", "pytest>=8.3", "rich", "uvicorn>=0.30")

nox.needs_version = ">=2024.10.9"
nox.options.envdir = ".make/nox"
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False


def find(version: str) -> str | None:
    """Return the program that is this Python: shims of pyenv exist for versions that they refuse to run."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *map(str, sorted(pyenv.glob(f"{version}.*/bin/python{version}")))]
    return next((each for each in candidates if each and _runs(each)), None)


def _runs(program: str) -> bool:
    return subprocess.run([program, "-c", "import venv"], capture_output=True, check=False).returncode == 0  # noqa: S603 - a Python of this machine


FOUND = {version: find(version) or version for version in PYTHONS}  # nox skips what it does not find, and says so


@nox.session
@nox.parametrize(
    ("python", "django"),
    [
        nox.param(FOUND[python], wanted, id=f"{python}, Django {name}")
        for name, (wanted, pythons) in DJANGO.items()
        for python in pythons
    ],
)
def django(session: nox.Session, django: str) -> None:
    """Run the tests of the Django part, and of its adapters."""
    session.install("-e", ".[zstd,gzip]", django, *TOOLS)
    session.run("python", "-c", "import django, sys; print('Django', django.__version__, 'Python', sys.version)")
    session.run("pytest", "-q", "tests/django", "tests/test_templates_check.py", *session.posargs)
    session.run("pytest", "-q", "tests/adapters", "-k", "django", *session.posargs)
