"""One run in a process of its own, in either environment: `python -m benchmarks.start.runs NAME ARGUMENT…` prints JSON.

Each is timed without its imports. The site's sources and STATIC_ROOT are in the environment, as site.py says.
"""

import gc
import importlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from benchmarks.lib.machine import time_call
from benchmarks.start.made_up import time_lookup, write_names


def main() -> None:
    """Do the run that the command line names."""
    name, *arguments = sys.argv[1:]
    logging.disable(logging.WARNING)  # what a contender reports of the tree is not measured
    print(json.dumps(RUNS[name](*arguments)))


# --------------------------------------------------------------------------------------------- all best codings


def run_startup(store: str) -> dict[str, float]:
    """Collect, and make every best coding before it is ready."""
    return time_call(lambda: _collect(store=store, compress="startup"))[1]


def run_build(out: str, store: str) -> dict[str, float]:
    """Collect, and write a sealed build."""
    return time_call(lambda: _collect(store=store, compress="build").write(out))[1]


def _collect(**settings: Any) -> Any:
    from benchmarks.start.site import read_sources
    from servestatic import Directory, collect

    if settings["store"] != "none" or settings["compress"] == "build":
        from servestatic.serving.compression.coders import codings

        codings()  # imports the libraries
    sources = [Directory(directory, under=under) for directory, under in read_sources()]
    return collect(*sources, **settings)


def run_collectstatic(contender: str) -> dict[str, float]:
    """Run a peer's collectstatic with the storage that its documentation names."""
    from django.core.management import call_command

    from benchmarks.start.project import configure

    configure(contender)
    with redirect_stdout(io.StringIO()):
        return time_call(lambda: call_command("collectstatic", interactive=False, verbosity=0))[1]


# ------------------------------------------------------------------------------------------------- many files


def run_ours(directory: str, store: str, build: str) -> dict[str, float]:
    """Collect one directory, or load a build of it."""
    from servestatic import collect

    return _hold(lambda: collect(directory, store=store, build=build, compress="build"))


def run_whitenoise(directory: str) -> dict[str, float]:
    """Scan one directory."""
    make = importlib.import_module("whitenoise").WhiteNoise
    return _hold(lambda: make(None, directory, prefix="static"))


def run_archmonger(directory: str) -> dict[str, float]:
    """Scan one directory."""
    make = importlib.import_module("servestatic").ServeStatic
    return _hold(lambda: make(None, directory, prefix="static"))


def run_floor(directory: str) -> dict[str, float]:
    """List a directory and ask for each file's status: what every scan has to do."""

    def scan() -> list[os.stat_result]:
        folders, found = [directory], []
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders.append(entry.path)
                    else:
                        found.append(entry.stat())
        return found

    return _hold(scan)


def run_small_build(directory: str, out: str) -> dict[str, float]:
    """Write a build of one directory, with fast codings instead of the best: its index is of the same size."""
    from servestatic import collect
    from servestatic.serving.compression.coders import find_fast

    index, fast = collect(directory, store="none", compress="build"), {"zstd": _zstd_fast, **find_fast()}
    return time_call(lambda: index.write(out, encode=lambda _, coding, data: fast[coding.name](data)))[1]


def _zstd_fast(data: bytes) -> bytes:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return bytes(importlib.import_module(name).compress(data, 1))
        except ImportError:
            continue
    raise ImportError("zstd")


def run_names(out: str, number: str) -> dict[str, float]:
    """Write a build with so many names."""
    return time_call(lambda: write_names(Path(out), int(number)))[1]


def run_lookup(out: str, number: str) -> dict[str, float]:
    """Look names of such a build up for the first time; `seconds` is the median of one."""
    return {"seconds": time_lookup(Path(out), int(number))}


def _hold(make: Callable[[], object]) -> dict[str, float]:
    """Time the making of something; return also the resident memory of the process that holds it."""
    made, took = time_call(make)
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    del made
    return {**took, "resident": resident}


RUNS: dict[str, Callable[..., dict[str, float]]] = {
    "startup": run_startup,
    "build": run_build,
    "collectstatic": run_collectstatic,
    "ours": run_ours,
    "whitenoise": run_whitenoise,
    "archmonger": run_archmonger,
    "floor": run_floor,
    "small_build": run_small_build,
    "names": run_names,
    "lookup": run_lookup,
}


if __name__ == "__main__":
    main()
