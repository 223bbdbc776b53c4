"""A mount's own URL without its slash leads into the mount, whatever it is called, and never out of it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest

import servestatic
from tests.http.conformance import APPLICATION
from tests.support.drivers import DRIVERS
from tests.support.interfaces.wsgi import environ_of
from tests.support.judge import Sent

ADAPTERS = ["wsgi", "asgi"]  # RSGI has no root path, and Django takes the two URLs for one
# the mount, what is sent → status, and where a redirect leads or what is answered
ROWS = [
    ("/docs", "/docs", 308, "/docs/"),
    ("/docs", "/docs?a=//b", 308, "/docs/?a=//b"),
    ("/docs", "/docs/", 200, "home"),
    ("/docs", "/docs/sub", 308, "/docs/sub/"),
    ("/docs", "/docs/sub/", 200, "sub"),
    ("/docs/", "/docs/", 200, "home"),
    ("/a/b", "/a/b", 308, "/a/b/"),
    ("/a b", "/a%20b", 308, "/a%20b/"),
    ("/ü:x", "/%C3%BC:x", 308, "/%C3%BC:x/"),
]


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize(("root", "target", "status", "leads"), ROWS)
def test_without_its_slash(tmp_path: Path, adapter: str, root: str, target: str, status: int, leads: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text("home")
    (tmp_path / "sub/index.html").write_text("sub")
    index = servestatic.collect(tmp_path, prefix="/", index_file="index.html")
    for method in ("GET", "HEAD"):
        done = DRIVERS[adapter](index, Sent(method, target, (), root))
        assert done.status == status
        if status == 308:
            location = dict(done.fields)["location"]
            assert location.startswith("./")
            assert urljoin(target, location) == leads
        elif method == "GET":
            assert done.body.decode() == leads


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_mount_without_a_page(tmp_path: Path, adapter: str) -> None:
    (tmp_path / "a.txt").write_text("a")
    index = servestatic.collect(tmp_path, prefix="/", index_file="index.html")
    assert DRIVERS[adapter](index, Sent("GET", "/docs", (), "/docs")).status == APPLICATION


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_another_prefix(tmp_path: Path, adapter: str) -> None:
    """The mount's own URL is the application's where files have URLs of their own below it."""
    (tmp_path / "index.html").write_text("home")
    index = servestatic.collect(tmp_path, prefix="/static/", index_file="index.html")
    assert DRIVERS[adapter](index, Sent("GET", "/docs", (), "/docs")).status == APPLICATION
    done = DRIVERS[adapter](index, Sent("GET", "/docs/static", (), "/docs"))
    assert urljoin("/docs/static", dict(done.fields)["location"]) == "/docs/static/"


def test_an_empty_path_is_the_root(tmp_path: Path) -> None:
    """RFC 9110 §4.2.3; PEP 3333 lets a server pass two empty variables."""
    (tmp_path / "index.html").write_text("home")
    index = servestatic.collect(tmp_path, prefix="/", index_file="index.html")
    assert environ_of(Sent("GET", "", ()))["PATH_INFO"] == ""
    assert DRIVERS["asgi"](index, Sent("GET", "", ())).body == b"home"
