"""One run in a process of its own: `python -m benchmarks.collect.runs NAME FILE…`, without those files, prints JSON."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.corpus.fetch import PYTHON_PACKAGE, fetch
from benchmarks.lib.environments import CACHE
from benchmarks.lib.machine import pin, time_call
from benchmarks.lib.project import PLAIN, Parts, configure

TRIES = 5  # of a scanner
STATIC_ROOT = CACHE / "collect"


def main() -> None:
    """Do the run that the command line names."""
    name, *without = sys.argv[1:]
    print(json.dumps(RUNS[name](fetch(), without)))


def run_ours(folder: Path, without: list[str]) -> dict[str, Any]:
    """Collect with nothing remembered from an earlier start."""
    from servestatic import Directory, Package, collect
    from servestatic.sources.directory import DEFAULT_IGNORE

    sources = Directory(folder, ignore=(*DEFAULT_IGNORE, *without)), Package(PYTHON_PACKAGE)
    files, took = time_call(lambda: len(collect(*sources, store="none")))
    return {"files": files, **took}


def run_manifest(folder: Path, without: list[str]) -> dict[str, Any]:
    """Run collectstatic with ManifestStaticFilesStorage, which hashes and rewrites."""
    return _collectstatic("django.contrib.staticfiles.storage.ManifestStaticFilesStorage", folder, without)


def run_plain(folder: Path, without: list[str]) -> dict[str, Any]:
    """Run collectstatic with StaticFilesStorage, which only copies."""
    return _collectstatic(PLAIN, folder, without)


def _collectstatic(storage: str, folder: Path, without: list[str]) -> dict[str, Any]:
    from django.core.management import call_command

    parts = Parts(("django.contrib.contenttypes", "django.contrib.auth", PYTHON_PACKAGE), storage=storage)
    configure(__name__, parts, STATIC_ROOT=STATIC_ROOT, STATICFILES_DIRS=[folder])
    shutil.rmtree(STATIC_ROOT, ignore_errors=True)
    _, took = time_call(lambda: call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=without))
    manifest = STATIC_ROOT / "staticfiles.json"
    files = len(json.loads(manifest.read_text("utf-8"))["paths"]) if manifest.is_file() else 0
    shutil.rmtree(STATIC_ROOT)
    return {"files": files, **took}


def run_scanners(folder: Path, without: list[str]) -> dict[str, Any]:
    """Time each scanner over all files of its kinds, and SHA-256 for comparison; no file is read meanwhile."""
    from servestatic.assets.references import SYNTAXES

    pinned, rows = pin(), {}
    kinds: dict[Callable[[bytes], object], list[str]] = {}
    for extension, syntax in SYNTAXES.items():
        kinds.setdefault(syntax.find, []).append(extension)
    for find, extensions in kinds.items():
        files = [path for path in folder.rglob("*") if path.suffix.lower() in extensions and path.is_file()]
        contents = [path.read_bytes() for path in files if str(path.relative_to(folder)) not in without]
        size = sum(map(len, contents)) / 1e6
        if contents:
            speeds = [size / _apply(find, contents) for _ in range(TRIES)]
            hashing = size / _apply(hashlib.sha256, contents)
            rows[" ".join(extensions)] = {"files": len(contents), "size": size, "speeds": speeds, "sha256": hashing}
    return {"pinned": pinned, "rows": rows}


def _apply(function: Callable[[bytes], object], contents: list[bytes]) -> float:
    """Return the CPU seconds that a function takes over all contents."""

    def work() -> None:
        for data in contents:
            function(data)

    return time_call(work)[1]["cpu"]


RUNS: dict[str, Callable[[Path, list[str]], dict[str, Any]]] = {
    "ours": run_ours,
    "plain": run_plain,
    "manifest": run_manifest,
    "scanners": run_scanners,
}


if __name__ == "__main__":
    main()
