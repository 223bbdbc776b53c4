"""gunicorn's --max-requests, as docs/how-to/deploying.md describes it: a new worker collects, unless --preload did."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.files import write
from tests.support.ports import free_port
from tests.support.wire import ROOT, wait_until_open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("gunicorn")
APP = """
import os
import servestatic, servestatic.wsgi
index = servestatic.collect("static", store="store")

def page(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.getpid()} {index.url('a.css')}".encode()]

app = servestatic.wsgi.ServeStatic(page, index)
"""
IMMUTABLE = "max-age=31536000, immutable"
WITHIN = 30.0  # seconds, on a machine that is busy with other things


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[int]:
    """Run gunicorn with a worker that is replaced after three requests; yield its port."""
    port, log = free_port(), folder / "log"
    line = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--max-requests", "3", *options, "app:app"]
    variables = {"PYTHONPATH": str(ROOT), "PATH": ""}
    with log.open("wb") as output, subprocess.Popen(line, cwd=folder, env=variables, stderr=output) as server:
        try:
            wait_until_open(server, port, log)
            yield port
        finally:
            server.terminate()


def ask(port: int, path: str) -> tuple[int, str, str]:
    """Return status, text and Cache-Control; a worker that ends may refuse the first connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN)
    connection.request("GET", path, headers={"Connection": "close"})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), answer.getheader("Cache-Control", "")
    connection.close()
    return found


def ask_page(port: int) -> tuple[str, str]:
    """Return the process that answers, and the URL in its page."""
    process, _, url = ask(port, "/")[1].partition(" ")
    return process, url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, {"app.py": APP, "static/a.css": "one"})


def replace(folder: Path) -> None:
    write(folder, {"static/new": "two"})
    (folder / "static/new").replace(folder / "static/a.css")


def test_a_new_worker_has_the_new_file_and_keeps_the_old_one(folder: Path) -> None:
    with serving(folder) as port:
        _, old = ask_page(port)
        assert ask(port, old) == (200, "one", IMMUTABLE)
        ends = time.monotonic() + WITHIN
        while not [*(folder / "store/places").rglob("a.*.css")] and time.monotonic() < ends:
            time.sleep(0.05)
        replace(folder)
        new = "/static/a.css"
        while new in (old, "/static/a.css") and time.monotonic() < ends:
            _, new = ask_page(port)
        assert new not in (old, "/static/a.css")
        assert ask(port, new) == (200, "two", IMMUTABLE)
        assert ask(port, old) == (200, "one", IMMUTABLE)


def test_with_preload_new_workers_have_the_first_release(folder: Path) -> None:
    with serving(folder, "--preload") as port:
        _, old = ask_page(port)
        replace(folder)
        pages = [ask_page(port) for _ in range(12)]
    assert len({process for process, _ in pages}) > 2
    assert {url for _, url in pages} <= {old, "/static/a.css"}
