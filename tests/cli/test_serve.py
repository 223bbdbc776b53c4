"""`serve`: a site of its own, by uvicorn, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.command import call
from tests.support.files import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST = 30.0  # seconds that a server may take to say that it is there

SITE = {
    "index.html": '<link rel="stylesheet" href="/app.css"><p>home',
    "about.html": "<p>about",
    "404.html": "<p>nothing here",
    "docs/index.html": "<p>docs",
    "app.css": "a{}" * 400,
}


@contextmanager
def served(folder: Path, *arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Start a server, wait for its first lines, and end it."""
    line = [sys.executable, "-u", "-m", "servestatic", "serve", *arguments, "--port", "0"]
    with subprocess.Popen(
        line,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, [process.stdout.readline(), process.stdout.readline()]
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=LONGEST)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site", SITE)
    return tmp_path


def test_a_site(site: Path) -> None:
    with served(site, "site") as (process, (first, second)):
        assert first == "Serving 5 files of site. Ctrl-C ends it.\n"
        assert second.startswith("  http://127.0.0.1:")
        with httpx.Client(base_url=second.strip(), headers={"Accept-Encoding": "br"}) as client:
            home = client.get("/")
            url = home.text.split('"')[3]
            assert url.startswith("/app.")
            asset = client.get(url)
            assert asset.headers["Cache-Control"] == "max-age=31536000, immutable"
            assert asset.headers["Content-Encoding"] == "br"
            assert "server" not in asset.headers
            assert client.get("/about").text == "<p>about"
            assert client.get("/docs").headers["Location"] == "./docs/"
            missing = client.get("/nowhere")
            assert (missing.status_code, missing.text) == (404, "<p>nothing here")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=LONGEST)
        assert process.returncode == 0
    assert said.splitlines()[0].startswith("5 static files ready in ")
    assert said.splitlines()[1:] == [
        "200 GET /",
        f"200 GET {url}",
        "200 GET /about",
        "308 GET /docs",
        "404 GET /nowhere",
    ]


def test_live(site: Path) -> None:
    with served(site, "site", "--reload", "--no-access-log") as (process, (first, second)):
        assert first == "Serving 5 files of site; the next request gets a changed file. Ctrl-C ends it.\n"
        with httpx.Client(base_url=second.strip()) as client:
            before = client.get("/")
            (site / "site/app.css").write_text("b{}")
            write(site / "site", {"new.txt": "new"})
            after = client.get("/")
            assert (client.get("/new.txt").text, client.get("/app.css").text) == ("new", "b{}")
            assert before.text != after.text
            assert client.get(after.text.split('"')[3]).text == "b{}"
            assert after.headers["Cache-Control"] == "no-cache"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=LONGEST)
    assert "GET" not in said


def test_for_machines(site: Path) -> None:
    with served(site, "site", "--json", "--host", "0.0.0.0") as (process, lines):
        assert process.stdout is not None
        text = "".join(lines)
        while not text.endswith("}\n"):
            text += process.stdout.readline()
        document = json.loads(text)
        assert (document["files"], document["sources"], document["live"]) == (5, ["site"], False)
        assert httpx.get(document["urls"][0]).text.endswith("<p>home")


def test_files_at_the_root(site: Path) -> None:
    write(site, {"static/a.txt": "a", "site/index.html": "<p>home"})
    with served(site, "static", "--root", "site") as (_, (first, second)):
        assert first == "Serving 6 files of static, site. Ctrl-C ends it.\n"
        with httpx.Client(base_url=second.strip()) as client:
            paths = ("/", "/about", "/static/a.txt", "/nowhere")
            assert [client.get(path).text for path in paths] == ["<p>home", "<p>about", "a", "<p>nothing here"]


def test_an_application(site: Path) -> None:
    text = "async def app(scope, receive, send):\n"
    text += "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
    text += "    await send({'type': 'http.response.body', 'body': b'the application'})\n"
    (site / "wrapped.py").write_text(text)
    with served(site, "site", "--application", "wrapped:app") as (_, (first, second)):
        assert first == "Serving 5 files of site in front of wrapped:app. Ctrl-C ends it.\n"
        with httpx.Client(base_url=second.strip()) as client:
            assert [client.get(path).text for path in ("/", "/static/app.css")] == ["the application", SITE["app.css"]]


def test_a_sealed_build(site: Path) -> None:
    call(site, "build", "out", "site")
    with served(site, "--build", "out") as (_, (first, second)):
        assert first == "Serving 5 files of the sealed build out. Ctrl-C ends it.\n"
        with httpx.Client(base_url=second.strip()) as client:
            assert client.get(client.get("/").text.split('"')[3]).text == SITE["app.css"]


def test_a_port_in_use(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = call(site, "serve", "site", "--port", port)
    remedy = "stop the program that uses it, or choose another with --port (0 for any free one)."
    assert done == (2, "", f"servestatic: port {port} of 127.0.0.1 is in use: {remedy}\n")


def test_the_application_is_reported_before_the_port(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = call(site, "serve", "site", "--port", port, "--application", "nowhere:app")
    assert done.err.startswith("servestatic: the application 'nowhere:app' cannot be imported")


def test_a_wsgi_application(site: Path) -> None:
    """Recognised without a setting: it would answer 500 to everything."""
    text = "def app(environ, start_response):\n"
    text += "    start_response('200 OK', [('Content-Type', 'text/plain')])\n"
    text += "    return [b'the application']\n"
    (site / "wrapped.py").write_text(text)
    with (
        served(site, "site", "--application", "wrapped:app") as (_, (_, second)),
        httpx.Client(base_url=second.strip()) as client,
    ):
        assert [client.get(path).text for path in ("/", "/static/app.css")] == ["the application", SITE["app.css"]]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_version_six(site: Path) -> None:
    with served(site, "site", "--host", "::1", "--prefix", "/docs/") as (_, (_, second)):
        assert second.startswith("  http://[::1]:")
        assert httpx.get(second.strip()).text.endswith("<p>home")
