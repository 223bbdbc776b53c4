"""What serving costs in real servers, beside the peers and nginx: CPU for each request, rates, slow readers.

1. environments   ours and the peers', with the same servers, made in .cache/serve/ from the requirements
2. tree           the files that are served, as each contender wants them
3. generations    new processes of a server, several times: how one lies in memory moves its figures
4. rounds         each contender in each scenario beside its bare application, one right after the other
5. slow readers   memory, threads, and a fast client's time
6. report         medians of paired ratios with intervals, beside what must be reached

    python -m benchmarks.serve
"""

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.lib.environments import HERE, CannotRunError, read_own_version, read_versions
from benchmarks.lib.machine import describe_run
from benchmarks.lib.report import report
from benchmarks.serve.contenders import CONTENDERS, Selection
from benchmarks.serve.figures import OFTEN, find_value, list_targets, over_bare
from benchmarks.serve.nginx import find_nginx
from benchmarks.serve.profiles import profile
from benchmarks.serve.readers import NAME as SLOW
from benchmarks.serve.readers import measure_slow
from benchmarks.serve.report import Run, render
from benchmarks.serve.rounds import Key, Measured, measure_server
from benchmarks.serve.scenarios import SCENARIOS
from benchmarks.serve.servers import Site, find_cores, make_environments
from benchmarks.serve.tree import make_tree

ROUNDS = 18
GENERATIONS = 3
WINDOWS = 5  # of slow readers
REPORT = HERE / "serve.md"


def main() -> int:
    """Measure and report; return 1 if that is impossible."""
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server outlives this
    if arguments.profile:
        return report(lambda: profile_all(select(arguments.only)), str, str, None, as_json=False)
    return report(
        lambda: measure(select(arguments.only), max(arguments.rounds, 1)),
        render,
        list_figures,
        None if arguments.only else REPORT,
        as_json=arguments.json,
    )


def profile_all(selection: Selection) -> str:
    """Profile ours in each selected server and scenario."""
    site = make_site()
    return "".join(profile(site, server, selection.scenarios) for server in selection.list_servers())


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="What serving costs in real servers, beside the peers.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"measurements of each figure (default: {ROUNDS})")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a server, contender or scenario; keep {REPORT.name}",
    )
    parser.add_argument(
        "--profile", action="store_true", help="instead, profile ours in each server and scenario that --only names"
    )
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    return parser.parse_args()


def select(names: list[str]) -> Selection:
    """Sort names into servers, contenders and scenarios.

    Raises:
        CannotRunError: a name is none of these.
    """
    known = (
        frozenset(CONTENDERS),
        frozenset(contender.key for group in CONTENDERS.values() for contender in group),
        frozenset({SLOW, *(scenario.name for scenario in SCENARIOS)}),
    )
    if unknown := set(names).difference(*known):
        wanted = "; ".join(", ".join(sorted(group)) for group in known)
        raise CannotRunError(f"Nothing here is called {', '.join(sorted(unknown))}. There are: {wanted}.")
    return Selection(*(group.intersection(names) for group in known))


def measure(selection: Selection, rounds: int) -> Run:
    """Measure what is selected.

    Raises:
        CannotRunError: an environment cannot be made, a server fails, or there is one core only.
    """
    site = make_site()
    measured: dict[Key, Measured] = {}
    begun = time.monotonic()
    bounds = [rounds * number // GENERATIONS for number in range(GENERATIONS + 1)]
    for first, end in pairwise(bounds):
        for server in selection.list_servers() if end > first else ():
            print(f"{time.monotonic() - begun:4.0f} s: rounds {first + 1} to {end}, {server}", file=sys.stderr)
            measure_server(site, server, selection, range(first, end), OFTEN, measured)
    slow = measure_slow(site, selection, WINDOWS)
    return Run(describe(site.pythons, rounds, time.monotonic() - begun), measured, slow)


def make_site() -> Site:
    """Make the environments and files, and leave one core to the servers.

    Raises:
        CannotRunError: an environment cannot be made, or there is one core only.
    """
    cores = find_cores()
    if not cores.apart:
        raise CannotRunError("The server and the load need a core each; this process may use only one.")
    site = Site(make_environments(), make_tree(), cores)
    os.sched_setaffinity(0, {cores.load})
    return site


def describe(pythons: Mapping[str, Path], rounds: int, seconds: float) -> dict[str, str]:
    """Return when, where and of what the figures are."""
    about = describe_run(pinned=True)
    ours, peers = (read_versions(python) for python in pythons.values())
    servers = ("uvicorn", "uvloop", "httptools", "gunicorn", "hypercorn", "granian", "django", "brotli")
    others = ("whitenoise", "servestatic", "starlette", "blacknoise")
    nginx = subprocess.run([find_nginx(), "-v"], capture_output=True, text=True).stderr if find_nginx() else ""
    return {
        "Date": about["Date"],
        "Machine": f"{about['Machine']}, {platform.release()}",
        "Versions": f"Python {platform.python_version()}, ours {read_own_version()}, "
        + ", ".join(f"{name} {ours[name]}" for name in servers),
        "Peers": ", ".join(f"{name} {peers[name]}" for name in others).replace(
            "servestatic", "ServeStatic (Archmonger's)"
        )
        + (f", {nginx.partition(': ')[2].strip()}" if nginx else ""),
        "Rounds": f"{rounds} in {GENERATIONS} generations of processes (peers without a bound, and Django: a third),"
        f" {seconds / 60:.0f} minutes",
    }


def list_figures(run: Run) -> dict[str, Any]:
    """Return every figure: nanoseconds for each request, and ratios to the bare application."""
    targets = [{**target._asdict(), "verdict": target.verdict} for target in list_targets(run.measured, run.slow)]
    cells = [
        {
            "server": server,
            "contender": contender,
            "scenario": scenario,
            "note": measured.note,
            "over_bare": over_bare(measured, find_value(scenario)),
            "rounds": [[taken._asdict() for taken in generation] for generation in measured.generations],
        }
        for (server, contender, scenario), measured in run.measured.items()
    ]
    slow = [{"server": server, "contender": key, **seen._asdict()} for (server, key), seen in run.slow.items()]
    return {"about": run.about, "targets": targets, "cells": cells, "slow": slow}


if __name__ == "__main__":
    sys.exit(main())
