"""Fetch the corpus: the npm packages of package.json as they are published, and Django's admin as it is installed.

    python -m benchmarks.corpus.fetch

prints the folder. The packages are installed once into benchmarks/.cache/corpus, which git ignores, with the versions
and digests of package-lock.json; nothing of theirs is run. It needs npm.
"""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "corpus"
LISTS = ("package.json", "package-lock.json")
PYTHON_PACKAGE = "django.contrib.admin"  # its static files are below `admin/`
OPTIONS = ("--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error")


class CannotFetchError(Exception):
    """The packages cannot be had; the text says why."""


def fetch() -> Path:
    """Return the folder of the npm packages, `node_modules`; install them if they are not those of the lists.

    Raises:
        CannotFetchError: npm is not here, or does not succeed.
    """
    installed, wanted = CACHE / "installed.json", (HERE / LISTS[1]).read_bytes()
    if installed.is_file() and installed.read_bytes() == wanted:
        return CACHE / "node_modules"
    npm = shutil.which("npm")
    if npm is None:
        raise CannotFetchError("npm is missing: install Node.js, which brings it.")
    CACHE.mkdir(parents=True, exist_ok=True)
    installed.unlink(missing_ok=True)
    for name in LISTS:
        shutil.copyfile(HERE / name, CACHE / name)
    print("Fetching the packages of the corpus …", file=sys.stderr)
    try:
        subprocess.run([npm, "ci", *OPTIONS], cwd=CACHE, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotFetchError(f"npm cannot install the packages: {error}") from error
    installed.write_bytes(wanted)
    return CACHE / "node_modules"


if __name__ == "__main__":
    print(fetch())
