"""Suites that need other programs or packages than the rest. Each runs by name alone: `pytest tests/acceptance/caches`.

What a suite needs is a row of `NEEDS`: programs on PATH, or packages, which its requirements.txt installs.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).resolve().parent


class Needs(NamedTuple):
    """What a suite runs on."""

    packages: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    debian: str = ""  # packages with the programs
    root: bool = False


NEEDS = {
    "browser": Needs(("playwright",)),
    "caches": Needs(programs=("nginx", "varnishd"), debian="nginx libnginx-mod-http-brotli-static varnish"),
    "corpus": Needs(),
    "fleet": Needs(("obstore",), ("nginx",), debian="nginx"),
    "heroku": Needs(("honcho",), root=True),
    "linters": Needs(("httplint", "redbot")),
    "migration": Needs(("whitenoise",)),
    "mkdocs": Needs(("mkdocs", "material")),
    "projects": Needs(
        (
            "wagtail",
            "rest_framework",
            "drf_spectacular_sidecar",
            "unfold",
            "jazzmin",
            "gunicorn",
            "uvicorn",
            "playwright",
            "streamlit",
            "compressor",
            "cms",
            "sri",
            "django_weasyprint",
            "premailer",
            "xhtml2pdf",
        )
    ),
    "soak": Needs(("uvicorn", "gunicorn", "granian")),
    "release": Needs(("build", "cyclonedx_py", "packaging", "twine", "yaml")),
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Ignore a suite unless the command line names it or something in it; stop if what it needs is missing."""
    suite = next((HERE / name for name in NEEDS if collection_path.is_relative_to(HERE / name)), None)
    if suite is None:
        return None
    named = (config.invocation_params.dir / argument.split("::")[0] for argument in config.args)
    if not any(path.resolve().is_relative_to(suite) for path in named):
        return True
    check(suite.name, NEEDS[suite.name])
    return None


def check(suite: str, needs: Needs) -> None:
    """Raise a UsageError that says how to install what is missing."""
    if needs.root and (sys.platform != "linux" or os.geteuid() != 0):
        raise pytest.UsageError(f"{suite} has mounts and processes of its own: run it as root on Linux.")
    if missing := [name for name in needs.programs if shutil.which(name) is None]:
        raise pytest.UsageError(f"missing: {', '.join(missing)}. Install them: apt-get install {needs.debian}")
    if missing := [name for name in needs.packages if find_spec(name) is None]:
        requirements = f"tests/acceptance/{suite}/requirements.txt"
        raise pytest.UsageError(f"missing: {', '.join(missing)}. Install them: pip install -r {requirements}")
