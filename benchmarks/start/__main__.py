"""What starting costs: until the first answer, for many files, for all codings, and beside the background.

1. environments   this one has ours; the peers' is made in .cache/ from requirements-peers.txt
2. trees          60 MB of real packages, and many small files (trees.py)
3. best           all best codings, ours and the peers' collectstatic, from nothing and again
4. first          servers started again and again: seconds to the first page and stylesheet over a bare application's
5. many           small files: seconds and memory for each
6. names          builds of up to a million names: starts, look-ups, memory of four workers
7. busy           a hot file and the memory while the background works
8. report         medians with intervals, beside what is wanted

    python -m benchmarks.start
"""

import argparse
import platform
import sys

from benchmarks.lib.environments import HERE, read_own_version
from benchmarks.lib.machine import describe_run
from benchmarks.lib.report import report
from benchmarks.start.background import measure_background
from benchmarks.start.best_codings import measure_codings
from benchmarks.start.environments import Environments, make_environments, prepare
from benchmarks.start.first_answer import measure_answers
from benchmarks.start.many_names import measure_names
from benchmarks.start.report import render
from benchmarks.start.small_files import measure_files
from benchmarks.start.targets import Measured, list_targets

REPORT = HERE / "start.md"
PARTS = ("best", "first", "many", "names", "busy")
ROUNDS = 9  # of `first`; the others have their share of it
MAX_SECONDS = 150.0  # of the background's work that are waited for


def main() -> int:
    """Measure and report; return 1 if that is impossible."""
    parser = argparse.ArgumentParser(description="What starting costs, beside the peers.")
    parser.add_argument("--part", choices=PARTS, action="append", help=f"measure only this; keep {REPORT.name}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"starts of each server (default: {ROUNDS})")
    parser.add_argument("--json", action="store_true", help="print every target as JSON")
    arguments = parser.parse_args()
    parts = tuple(arguments.part or PARTS)
    return report(
        lambda: measure(parts, max(arguments.rounds, 1)),
        render,
        lambda measured: [{**target._asdict(), "verdict": target.verdict} for target in list_targets(measured)],
        REPORT if parts == PARTS else None,
        as_json=arguments.json,
    )


def measure(parts: tuple[str, ...], rounds: int) -> Measured:
    """Measure the parts; `best` goes first, as the others start from its results.

    Raises:
        CannotRunError: something that is measured failed, or the packages of a tree cannot be installed.
    """
    made = make_environments()
    few = max(rounds // 3, 1)
    best = measure_codings(made, max(rounds // ROUNDS, 1)) if "best" in parts else None
    if "first" in parts:
        prepare(made)
    return Measured(
        about=describe(made, rounds),
        best=best,
        first=measure_answers(made, rounds) if "first" in parts else None,
        many={name: measure_files(made, few, linked=name == "linked") for name in ("apart", "linked")}
        if "many" in parts
        else None,
        names=measure_names(made, few) if "names" in parts else None,
        busy=measure_background(made, MAX_SECONDS) if "busy" in parts else None,
    )


def describe(made: Environments, rounds: int) -> dict[str, str]:
    """Return when, where and of what the figures are."""
    versions = made.versions()
    versions["ours"].pop("servestatic", None)
    listed = {group: ", ".join(f"{name} {version}" for name, version in own.items()) for group, own in versions.items()}
    return {
        **describe_run(pinned=False),
        "Versions": f"Python {platform.python_version()}; ours {read_own_version()} on {listed['ours']}",
        "Peers": listed["peers"].replace("servestatic", "ServeStatic (Archmonger's)"),
        "Site": f"{made.site.size / 1e6:.0f} MB in {made.site.files} files of {len(made.site.sources)} packages",
        "Rounds": f"{rounds} starts of each server, {max(rounds // 3, 1)} scans of small files",
    }


if __name__ == "__main__":
    sys.exit(main())
