"""Streamlit, whose pages Vite has built without a manifest: a browser loads each of its files once."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.acceptance.browser.conftest import run_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SCRIPT = """
import streamlit as st

st.title("Tides")
st.dataframe({"hour": [1, 2], "metres": [0.4, 1.7]})
st.line_chart({"metres": [0.4, 1.7, 2.1]})
st.graphviz_chart("digraph { moon -> tide }")
"""
SITE = """
from pathlib import Path

import streamlit
from streamlit.starlette import App

from servestatic import asgi, collect

files = collect(Path(streamlit.__file__).parent / "static", prefix="/", index_file="index.html")
application = asgi.ServeStatic(App("script.py"), files)
"""
FINGERPRINT = re.compile(r"\.[0-9a-f]{12}(?=\.\w+\Z)")
SHOWN = (
    "[data-testid=stDataFrame] canvas",
    "[data-testid=stVegaLiteChart]",
    "[data-testid=stGraphVizChart]",
)
MAX_MILLISECONDS = 60_000  # for one page, on a busy machine


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Streamlit application behind servestatic, as its documentation says."""
    folder = tmp_path_factory.mktemp("streamlit")
    (folder / "script.py").write_text(SCRIPT)
    (folder / "site_of_a_test.py").write_text(SITE)
    environment = os.environ | {"SERVESTATIC_STORE": str(folder / "store"), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "0"}
    with run_server("site_of_a_test:application", folder, environment, folder / "server.log") as url:
        yield url


def test_no_file_is_loaded_twice(url: str, browser: Browser) -> None:
    with browser.new_context(base_url=url) as context, context.new_page() as page:
        page.set_default_timeout(MAX_MILLISECONDS)
        asked: list[str] = []
        failed: list[str] = []
        page.on("response", lambda answer: asked.append(urlsplit(answer.url).path))
        page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
        page.goto("/")
        for selector in SHOWN:
            page.wait_for_selector(selector, state="attached")
        page.wait_for_load_state("networkidle")
    code = [path for path in asked if path.endswith((".js", ".css"))]
    assert len(code) > 100
    assert failed == []
    assert [path for path in code if not FINGERPRINT.search(path)] == []
    counts = Counter(FINGERPRINT.sub("", path) for path in code)
    assert {name: count for name, count in counts.items() if count > 1} == {}
