"""The example site on a loopback port, and a headless Chromium that visits it: `make browser`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, StorageState

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "django"
USER, PASSWORD = "keeper", "of the light"
READY_WITHIN = 60  # seconds from the start of the server to its first answer
CHROMIUM_FLAGS = [
    "--no-sandbox",  # Chromium refuses its sandbox to root, which containers are
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the example under uvicorn, with a database and an admin user of its own."""
    state = tmp_path_factory.mktemp("site")
    environment = os.environ | {
        "DEMO_STATE": str(state),
        "DEMO_USER": USER,
        "DEMO_PASSWORD": PASSWORD,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    subprocess.run([sys.executable, "manage.py", "demo"], cwd=EXAMPLE, env=environment, check=True)
    with run_server("config.asgi:application", EXAMPLE, environment, state / "server.log") as url:
        yield url


@contextmanager
def run_server(application: str, folder: Path, environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run uvicorn in a folder; yields the URL of the site when it answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with serve_at(listener, url, application, folder, environment, log):
            yield url


@contextmanager
def serve_at(
    listener: socket.socket, url: str, application: str, folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[None]:
    """Run uvicorn at a socket, which may serve another release before and after; returns when it answers."""
    with log.open("ab") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--fd", str(listener.fileno()), application],
            cwd=folder,
            env=environment,
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with server:
        try:
            wait_for(url, log)
            yield
        finally:
            server.terminate()


def wait_for(url: str, log: Path) -> None:
    """Return when the site answers. The socket listens already, so one request waits for it."""
    try:
        with urllib.request.urlopen(url, timeout=READY_WITHIN):
            return
    except (urllib.error.URLError, OSError) as error:
        pytest.fail(f"The example does not answer ({error}). It said:\n{log.read_text()}", pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium: the one $CHROMIUM names, else the one on PATH."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if chromium is None:
        pytest.fail(
            "Chromium is missing: apt-get install chromium, or set CHROMIUM to the path of one.",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def logged_in(browser: Browser, site: str) -> StorageState:
    """The cookies of a user who has logged into the admin through its form."""
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.goto("/admin/")
        page.get_by_label("Username").fill(USER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("/admin/")
        page.get_by_role("link", name="Lighthouses").first.wait_for()
        return context.storage_state()
