"""Fetch the packages of the browser, once: `python vendor.py` needs npm; what it leaves in static/vendor does not.

The versions and digests are those of package-lock.json, and nothing of the packages is run.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE / "static" / "vendor"
FILES = (
    "@lit/reactive-element/css-tag.js",
    "@lit/reactive-element/reactive-element.js",
    "htmx.org/dist/htmx.esm.js",
    "lit-element/lit-element.js",
    "lit-html/is-server.js",
    "lit-html/lit-html.js",
    "lit/index.js",
)
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def fetch() -> None:
    """Install the packages aside, and copy what the pages import."""
    with tempfile.TemporaryDirectory() as aside:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, aside)
        subprocess.run(INSTALL, cwd=aside, check=True)
        for name in FILES:
            target = VENDOR / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(aside, "node_modules", name), target)


if __name__ == "__main__":
    fetch()
    print(f"{len(FILES)} files in {VENDOR}")
