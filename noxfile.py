"""The unit tests, and Django on every Python that is here: `nox`, or `nox -s 'units(3.13)'` for one of them.

`nox --tags ci` is what .ci/run does: the oldest two on the oldest Python that is here, and the newest on the newest.

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
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
IN_CI = {"4.2": 0, "5.2": 0, "6.x": -1}  # which of the Pythons that are here
TOOLS = (
    "click",
    "httpx",
    "hypothesis>=6.100",
    "jinja2",
    "obstore>=0.12,<1",
    "pytest>=8.3",
    "rich",
    "trio>=0.22",
    "uvicorn>=0.30",
)

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


FOUND = {version: find(version) for version in PYTHONS}


def tags(name: str, python: str) -> list[str]:
    """Tell whether .ci/run has this Django on this Python."""
    here = [version for version in DJANGO[name][1] if FOUND[version]]
    return ["ci"] if name in IN_CI and here and python == here[IN_CI[name]] else []


@nox.session
@nox.parametrize("python", [nox.param(FOUND[python] or python, id=python) for python in PYTHONS])
def units(session: nox.Session) -> None:
    """Run all tests that need no other programs, but those of types: what a type checker finds depends on no Python."""
    session.install("--upgrade", "pip>=25.1")
    session.install("-e", ".[standalone,zstd,gzip,cli,live]", "--group", "test")
    session.run("python", "-c", "import sys; print('Python', sys.version)")
    distributed = ("--numprocesses", "2", "--dist", "loadfile", "--no-loadscope-reorder")
    session.run("pytest", "-q", *distributed, "--ignore", "tests/typing", *session.posargs)


@nox.session
@nox.parametrize(
    ("python", "django"),
    [
        # nox skips what is not found, and says so
        nox.param(FOUND[python] or python, wanted, id=f"{python}, Django {name}", tags=tags(name, python))
        for name, (wanted, pythons) in DJANGO.items()
        for python in pythons
    ],
)
def django(session: nox.Session, django: str) -> None:
    """Run the tests of the Django part, and of its adapters."""
    session.install("-e", ".[zstd,gzip]", django, *TOOLS)
    session.run("python", "-c", "import django, sys; print('Django', django.__version__, 'Python', sys.version)")
    session.run("pytest", "-q", "tests/django", "tests/django/test_template_checks.py", *session.posargs)
    session.run("pytest", "-q", "tests/adapters", "-k", "django", *session.posargs)
