"""The two environments, with the same servers in both: one has this package's source, the other the peers."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

from benchmarks.lib.environments import CACHE, HERE, REQUIREMENTS, CannotRunError

PLACE = CACHE / "serve"
SERVERS = HERE / "requirements-servers.txt"
_REQUIRED = {"ours": (SERVERS,), "peers": (SERVERS, REQUIREMENTS)}
_TOLD = (
    "import importlib.metadata, json\n"
    "print(json.dumps({each.name.lower(): each.version for each in importlib.metadata.distributions()}))"
)


def make_environments() -> Mapping[str, Path]:
    """Make both environments, where they are not there yet, and return their interpreters.

    Raises:
        CannotRunError: the packages cannot be had.
    """
    return {group: _make(group, files) for group, files in _REQUIRED.items()}


def _make(group: str, files: tuple[Path, ...]) -> Path:
    place = PLACE / f"environment-{group}"
    python, stamp = place / "bin" / "python", place / "made-of"
    wanted = "\n".join([sys.version, *(each.read_text("utf-8") for each in files)])
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return python
    print(f"Making the environment of {group} …", file=sys.stderr)
    named = [word for each in files for word in ("-r", str(each))]
    try:
        venv.create(place, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *named]
        subprocess.run(pip, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRunError(f"{place} cannot be made ({error}). Is the package index within reach?") from error
    stamp.write_text(wanted, "utf-8")
    return python


def list_variables(group: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a server: nothing of ours is inherited, and the peers do not see our package."""
    own = ("PYTHON", "SERVESTATIC_", "SITE_", "DJANGO_", "GRANIAN_", "GUNICORN_", "UVICORN_", "WEB_CONCURRENCY")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    ours = {"PYTHONPATH": str(HERE.parent)} if group == "ours" else {}
    return {**inherited, **ours, **more}


def read_versions(python: Path) -> dict[str, str]:
    """Return the versions of what is installed beside an interpreter, by the name of the distribution."""
    versions: dict[str, str] = json.loads(subprocess.check_output([python, "-c", _TOLD]))
    return versions
