"""What `make` says before it starts anything."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys

import pytest

from tests.support.pages import ROOT

pytestmark = pytest.mark.skipif(
    not shutil.which("make") or not (ROOT / "Makefile").exists(), reason="needs make and a clone"
)


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = ["make", "--directory", str(ROOT), "--no-print-directory", f"python={sys.executable}", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def test_serve_looks_at_its_port_before_it_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = make("free-port", f"PORT={port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port}: Address already in use" in done.stderr
    assert "make serve PORT=8001" in done.stderr
    assert make("free-port", "PORT=0").returncode == 0
    told = make("--dry-run", "--assume-old=.make/serve", "serve").stdout
    assert 0 < told.index("socket.create_server") < told.index("manage.py demo --announce")
