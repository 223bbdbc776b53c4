"""Runs by name alone: `python -m pytest tests/acceptance/caches`, with Debian's nginx and Varnish."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PROGRAMS = ("nginx", "varnishd")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass this directory by unless the command line names it or something in it."""
    named = (config.invocation_params.dir / argument.split("::")[0] for argument in config.args)
    if not any(path.resolve().is_relative_to(HERE) for path in named):
        return True
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        packages = "nginx libnginx-mod-http-brotli-static varnish"
        raise pytest.UsageError(f"missing: {', '.join(missing)}. Install them: apt-get install {packages}")
    return None
