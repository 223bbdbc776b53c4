"""Folders of files for a test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CSS = "a{background:url(b.svg)}" + "".join(f".c{number}{{color:#{number:06x}}}" for number in range(3000))
FILES: dict[str, str | bytes] = {
    "a.css": CSS,
    "b.svg": "<svg>" + "<path d='M0 0'/>" * 100 + "</svg>",
    "js/app.js": "import './dep.js';" + "console.log('hello');" * 100,
    "js/dep.js": "export default 1;" * 50,
    "big.js": "".join(f"var v{number}={number};" for number in range(18_000)),
    "random.bin": os.urandom(3000),
    "random.txt": os.urandom(3000),
}


def make_irregular(path: Path, kind: str) -> None:
    """Put something at a path that is not a regular file: a "fifo", a "device" or a "directory"."""
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        assert kind == "directory"
        path.mkdir()


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below `root` by their logical paths, and return `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root
