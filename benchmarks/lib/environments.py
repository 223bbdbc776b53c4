"""The virtual environments of the benchmarks, made in .cache/, which git ignores, and the processes in them.

The peers have environments of their own, as one of them is imported by the same name as this package. There, a path
file makes `benchmarks` importable and comes after the installed packages, so `servestatic` is the peer. For the same
reason no process starts in the root of the repository.
"""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parent
CACHE = HERE / ".cache"
PEERS = HERE / "requirements-peers.txt"
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
_VERSIONS = (
    "import importlib.metadata, json\n"
    "print(json.dumps({found.name: found.version for found in importlib.metadata.distributions()}))"
)
# What a process does not inherit: settings of Python, this package, the sites, Django and the servers.
_KEPT_OUT = ("PYTHON", "SERVESTATIC_", "SITE_", "DJANGO_", "GRANIAN_", "GUNICORN_", "UVICORN_", "WEB_", "XDG_CACHE_")


class CannotRunError(Exception):
    """Something that a benchmark needs is missing or failed; the text says what, and what to do."""


def make_peers() -> Path:
    """Make the environment of the peers, unless it is up to date, and return its interpreter.

    Raises:
        CannotRunError: the packages cannot be installed.
    """
    return make_environment(CACHE / "peers", PEERS)


def make_environment(place: Path, *requirements: Path) -> Path:
    """Make an environment, unless it is up to date, and return its interpreter.

    Raises:
        CannotRunError: the packages cannot be installed.
    """
    scheme = {"base": str(place), "platbase": str(place)}
    scripts, packages = (Path(sysconfig.get_path(name, "venv", scheme)) for name in ("scripts", "purelib"))
    python, stamp = scripts / ("python.exe" if os.name == "nt" else "python"), place / "made-of"
    wanted = "\n".join([sys.version, str(ROOT), *(path.read_text("utf-8") for path in requirements)])
    if is_made(stamp, wanted):
        return python
    print(f"Making the environment {place.relative_to(CACHE)} …", file=sys.stderr)
    try:
        venv.create(place, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRunError(f"The environment {place} cannot be made: {error}.") from error
    install(python, *(word for path in requirements for word in ("-r", path)))
    (packages / "benchmarks.pth").write_text(f"{ROOT}\n", "utf-8")
    stamp.write_text(wanted, "utf-8")
    return python


def install(python: Path | str, *words: str | Path) -> None:
    """Run `pip install`.

    Raises:
        CannotRunError: it fails.
    """
    try:
        subprocess.run([python, *_PIP, *words], check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRunError(f"pip fails: {error}. Is the package index within reach?") from error


def is_made(stamp: Path, wanted: str) -> bool:
    """Return whether a stamp says that something is made of what is wanted."""
    return stamp.is_file() and stamp.read_text("utf-8") == wanted


def list_variables(group: str, **more: object) -> dict[str, str]:
    """Return the variables of a process, `more` added; only the group `ours` has this tree's package before others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_OUT)}
    ours = {"PYTHONPATH": str(ROOT)} if group == "ours" else {}
    return {**inherited, **ours, **{name: str(value) for name, value in more.items()}}


def run_module(
    python: Path | str, group: str, module: str, *arguments: str | Path, **variables: object
) -> "subprocess.CompletedProcess[str]":
    """Run a module of the benchmarks in an environment."""
    command, given = [python, "-m", f"benchmarks.{module}", *arguments], list_variables(group, **variables)
    return subprocess.run(command, cwd=CACHE, env=given, capture_output=True, text=True, check=False)


def read_output(run: "subprocess.CompletedProcess[str]") -> Any:
    """Return what a module printed, which is JSON.

    Raises:
        CannotRunError: it failed.
    """
    check_run(run)
    return json.loads(run.stdout)


def check_run(run: "subprocess.CompletedProcess[str]") -> None:
    """Check that a module succeeded.

    Raises:
        CannotRunError: it failed.
    """
    if run.returncode:
        raise CannotRunError(f"{' '.join(map(str, run.args))} failed:\n{run.stderr}")


def read_versions(python: Path) -> dict[str, str]:
    """Return the versions of the packages of an environment, by their names in lower case."""
    found: dict[str, str] = json.loads(subprocess.check_output([python, "-c", _VERSIONS], cwd=CACHE))
    return {name.lower(): version for name, version in found.items()}


def read_own_version() -> str:
    """Return the version of this tree's package."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return version
