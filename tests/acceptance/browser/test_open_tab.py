"""A tab that was opened under one release, and loads a module after the next one is out."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.browser.conftest import serve_at
from tests.support.files import write

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Browser

PAGE = """<!doctype html><title>opened</title><script type=module src=main.js></script>"""
MAIN = "window.later = async () => { const part = await import('./lazy.js'); document.title = part.release }"


def files(release: str) -> dict[str, str]:
    """The files of a release: the lazy module, and so the one that names it, differ."""
    return {"index.html": PAGE, "main.js": MAIN, "lazy.js": f"import './deep.js'; export const release = '{release}'"}


@pytest.mark.parametrize("releases", ["", "place"], ids=["the store", "a directory"])
def test_a_lazy_module_of_the_release_before(browser: Browser, tmp_path: Path, releases: str) -> None:
    environment = os.environ | {
        "SERVESTATIC_SOURCES": str(tmp_path / "site"),
        "SERVESTATIC_PREFIX": "/",
        "SERVESTATIC_INDEX_FILE": "index.html",
        "SERVESTATIC_STORE": str(tmp_path / "store"),
        "SERVESTATIC_RELEASES": str(tmp_path / releases) if releases else "",
    }
    with socket.create_server(("127.0.0.1", 0)) as listener, browser.new_context() as context:
        url = f"http://localhost:{listener.getsockname()[1]}/"
        page = context.new_page()

        def serve(release: str, deep: str) -> AbstractContextManager[None]:
            write(tmp_path / "site", {**files(release), "deep.js": f"window.deep = '{deep}'"})
            return serve_at(listener, url, "servestatic:app", tmp_path, environment, tmp_path / "log")

        with serve("before", "1"):
            page.goto(url)
            page.wait_for_function("window.later")
        with serve("after", "2"):
            page.evaluate("window.later()")
            page.wait_for_function("document.title != 'opened'")
            assert (page.title(), page.evaluate("window.deep")) == ("before", "1"), "each file is of the tab's release"
            fresh = context.new_page()
            fresh.goto(url)
            fresh.wait_for_function("window.later")
            fresh.evaluate("window.later()")
            fresh.wait_for_function("document.title != 'opened'")
            assert (fresh.title(), fresh.evaluate("window.deep")) == ("after", "2")
