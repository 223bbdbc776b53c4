"""Folders that the commands are tried on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.files import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One sound source."""
    write(tmp_path / "static", {"a.css": "a{background:url(b.svg)}" + "b{}" * 200, "b.svg": "<svg/>"})
    return tmp_path


@pytest.fixture
def troubled(tmp_path: Path) -> Path:
    """Two sources with everything that somebody may want to know of."""
    write(
        tmp_path / "one",
        {
            "index.html": '<link rel="stylesheet" href="/css/site.css"><p>home',
            "about.html": "<p>about",
            "404.html": "<p>nothing here",
            "css/site.css": '@import "base.css";\na{background:url(../img/a.svg)}\n'
            "b{background:url(../img/missing.svg)}",
            "css/base.css": "a{background:url(../img/a.svg)}" + "b{}" * 200,
            "css/same.css": "a{}",
            "img/a.svg": "<svg/>",
            "img/photo.jpg": os.urandom(40_000),
            "img/scan.tiff": b"\0" * 40_000,
            "docs/page.html": "<p>page",
            ".env": "secret",
        },
    )
    write(tmp_path / "two", {"css/base.css": "other", "css/same.css": "a{}", "only.txt": "only"})
    (tmp_path / "one/out.txt").symlink_to("/etc/hostname")
    return tmp_path
