"""The examples, started by the two commands of their READMEs, and fetched as a browser would."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.wire import STARTS_WITHIN, wait_until_open

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs/examples"
NAMES = ["flask", "quart", "starlette", "fastapi", "litestar"]
# What each program calls the address to listen at.
LISTEN = {
    "flask": "--port {port}",
    "quart": "--port {port}",
    "uvicorn": "--port {port}",
    "litestar": "--port {port}",
    "gunicorn": "--bind 127.0.0.1:{port}",
    "hypercorn": "--bind 127.0.0.1:{port}",
}


class Command(NamedTuple):
    """A line of a README: environment variables, and the words after them."""

    variables: dict[str, str]
    words: list[str]


def commands(example: str) -> list[Command]:
    """Read development's and production's command: the last indented block."""
    blocks = re.findall(r"(?:^    .+\n)+", (EXAMPLES / example / "README.md").read_text("utf-8"), re.MULTILINE)
    return [parse(line) for line in blocks[-1].splitlines()]


def parse(line: str) -> Command:
    words = shlex.split(line)
    variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    return Command(variables, words[len(variables) :])


@contextmanager
def running(command: Command, folder: Path, log: Path) -> Iterator[httpx.Client]:
    """Start a server in a session of its own, as some start others to reload them; yields a client."""
    port = free_port()
    line = [sys.executable, "-m", *command.words, *LISTEN[command.words[0]].format(port=port).split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **command.variables}
    with log.open("wb") as output:
        process = subprocess.Popen(
            line, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_until_open(process, port, log)
        fields = {"Accept-Encoding": "gzip, br"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=fields, timeout=STARTS_WITHIN) as client:
            yield client
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / request.param, tmp_path / request.param))


class Page(NamedTuple):
    """The answers to a page's stylesheet, script and icon, and to what these refer to in turn."""

    style: httpx.Response
    image: httpx.Response
    script: httpx.Response
    module: httpx.Response
    icon: httpx.Response


def fetch(client: httpx.Client) -> Page:
    html = client.get("/").raise_for_status().text

    def follow(pattern: str, text: str, base: str = "") -> httpx.Response:
        found = re.search(pattern, text)
        assert found, text
        return client.get(urljoin(base, found[1])).raise_for_status()

    style = follow('rel="stylesheet" href="(.*?)"', html)
    script = follow('type="module" src="(.*?)"', html)
    return Page(
        style,
        follow(r"url\((.*?)\)", style.text, str(style.url)),
        script,
        follow('from "(.*?)"', script.text, str(script.url)),
        follow('rel="icon" href="(.*?)"', html),
    )


@pytest.mark.parametrize("copy", NAMES, indirect=True)
def test_production(copy: Path, tmp_path: Path) -> None:
    _, production = commands(copy.name)
    with running(production, copy, tmp_path / "log") as client:
        page = fetch(client)
        for answer in page:
            assert re.search(r"\.[0-9a-f]{12}\.(css|svg|js)$", str(answer.url))
            assert answer.headers["cache-control"] == "max-age=31536000, immutable"
            again = client.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        assert page.style.headers["content-encoding"] == "br"
        assert page.image.url == page.icon.url
        plain = client.get("/static/css/site.css")
        assert (plain.headers["cache-control"], plain.text) == (
            "max-age=60",
            (copy / "static/css/site.css").read_text("utf-8"),
        )
        unknown = client.get("/static/css/site.0123456789ab.css")
        assert (unknown.status_code, unknown.headers["cache-control"]) == (404, "no-store")
        assert client.get("/static/css/nowhere.css").status_code == 404
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("copy", NAMES, indirect=True)
def test_development(copy: Path, tmp_path: Path) -> None:
    development, _ = commands(copy.name)
    with running(development, copy, tmp_path / "log") as client:
        before = fetch(client)
        assert {answer.headers["cache-control"] for answer in before} == {"no-cache"}
        for name in ("img/rose.svg", "js/compass.js"):
            with (copy / "static" / name).open("a") as file:
                file.write("\n")
        after = fetch(client)
        for old, new in zip(before, after, strict=True):
            assert old.url != new.url
        assert after.image.text == before.image.text + "\n"
        assert after.module.text == before.module.text + "\n"
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_the_examples_have_the_same_static_files() -> None:
    """They differ in what a framework wants, and in nothing else."""
    trees = [
        {path.relative_to(EXAMPLES / name): path.read_bytes() for path in (EXAMPLES / name / "static").rglob("*.*")}
        for name in NAMES
    ]
    first, *others = [{str(path): data for path, data in tree.items()} for tree in trees]
    assert len(first) == 4
    assert all(other == first for other in others)
