"""Fetch the corpus: the npm packages of package.json as they are published, and Django's admin as it is installed.

    python -m benchmarks.corpus.fetch

prints the folder. The packages are installed once into benchmarks/.cache/corpus, which git ignores, with the versions
and digests of package-lock.json; nothing of theirs is run. It needs npm.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.lib import environments

HERE = Path(__file__).resolve().parent
CACHE = environments.CACHE / "corpus"
LISTS = ("package.json", "package-lock.json")
PYTHON_PACKAGE = "django.contrib.admin"  # its static files are below `admin/`
OPTIONS = ("--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error")


def fetch() -> Path:
    """Return the folder of the npm packages, `node_modules`; install them if they are not those of the lists.

    Raises:
        CannotRunError: npm is missing, or fails.
    """
    installed, wanted = CACHE / "installed.json", (HERE / LISTS[1]).read_text("utf-8")
    if environments.is_made(installed, wanted):
        return CACHE / "node_modules"
    npm = shutil.which("npm")
    if npm is None:
        raise environments.CannotRunError("npm is missing: install Node.js, which brings it.")
    CACHE.mkdir(parents=True, exist_ok=True)
    installed.unlink(missing_ok=True)
    for name in LISTS:
        shutil.copyfile(HERE / name, CACHE / name)
    print("Fetching the packages of the corpus …", file=sys.stderr)
    try:
        subprocess.run([npm, "ci", *OPTIONS], cwd=CACHE, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise environments.CannotRunError(f"npm cannot install the packages: {error}") from error
    installed.write_text(wanted, "utf-8")
    return CACHE / "node_modules"


def find_admin() -> Path:
    """Return the folder of the admin's static files."""
    found = importlib.util.find_spec(PYTHON_PACKAGE)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "static"


if __name__ == "__main__":
    print(fetch())
