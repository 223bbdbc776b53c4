"""What starting costs: until the first answer, for many files, for all codings, and beside the background.

1. environments   this one has ours; the peers' is made in .cache/ from requirements-peers.txt
2. trees          60 MB of real packages, and many small files (trees.py)
3. best           all best codings, ours and the peers' collectstatic, from nothing and again
4. first          servers started again and again: seconds to the first page and stylesheet over a bare application's
5. many           small files: seconds and memory for each
6. busy           a hot file and the memory while the background works
7. report         medians with intervals, beside what is wanted

    python -m benchmarks.start
"""

import argparse
import json
import platform
import sys
import tomllib
from datetime import UTC, datetime

from benchmarks.corpus.fetch import CannotFetchError
from benchmarks.lib.environments import HERE, CannotRunError, describe_machine
from benchmarks.start.background import measure_busy
from benchmarks.start.best_codings import measure_best
from benchmarks.start.environments import Environments, make_environments, prepare
from benchmarks.start.first_answer import measure_first
from benchmarks.start.report import Measured, list_targets, render
from benchmarks.start.small_files import measure_many

REPORT = HERE / "start.md"
PARTS = ("best", "first", "many", "busy")
ROUNDS = 9  # of `first`; the others have their share of it
LONGEST = 150.0  # seconds of the background's work that are waited for


def main() -> int:
    """Measure and report; 1 if that cannot be done."""
    parser = argparse.ArgumentParser(description="What starting costs, beside the peers.")
    parser.add_argument("--part", choices=PARTS, action="append", help=f"measure only this; keep {REPORT.name}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"starts of each server (default: {ROUNDS})")
    parser.add_argument("--json", action="store_true", help="print every target as JSON")
    arguments = parser.parse_args()
    parts = tuple(arguments.part or PARTS)
    try:
        measured = measure(parts, max(arguments.rounds, 1))
    except (CannotRunError, CannotFetchError) as error:
        print(error, file=sys.stderr)
        return 1
    report = render(measured)
    if parts == PARTS:
        REPORT.write_text(report, "utf-8")
    targets = [{**each._asdict(), "verdict": each.verdict} for each in list_targets(measured)]
    print(json.dumps(targets, indent=2, ensure_ascii=False) if arguments.json else report)
    return 0


def measure(parts: tuple[str, ...], rounds: int) -> Measured:
    """Measure the parts; `best` goes first, as it leaves what the others start from.

    Raises:
        CannotRunError: something that is measured failed.
        CannotFetchError: the npm packages cannot be had.
    """
    made = make_environments()
    few = max(rounds // 3, 1)
    best = measure_best(made, max(rounds // ROUNDS, 1)) if "best" in parts else None
    if "first" in parts:
        prepare(made)
    return Measured(
        about=describe(made, rounds),
        best=best,
        first=measure_first(made, rounds) if "first" in parts else None,
        many={name: measure_many(made, few, linked=name == "linked") for name in ("apart", "linked")}
        if "many" in parts
        else None,
        busy=measure_busy(made, LONGEST) if "busy" in parts else None,
    )


def describe(made: Environments, rounds: int) -> dict[str, str]:
    """Say when, where and of what the figures are."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    versions = made.versions()
    ours = versions["ours"] | {"ours": project["version"]}
    ours.pop("servestatic", None)
    listed = {
        group: ", ".join(f"{name} {version}" for name, version in each.items()) for group, each in versions.items()
    }
    return {
        "Date": datetime.now(UTC).date().isoformat(),
        "Machine": describe_machine(pinned=False),
        "Versions": f"Python {platform.python_version()}; ours {project['version']} on {listed['ours']}",
        "Peers": listed["peers"].replace("servestatic", "ServeStatic (Archmonger's)"),
        "Site": f"{made.site.size / 1e6:.0f} MB in {made.site.files} files of {len(made.site.sources)} packages",
        "Rounds": f"{rounds} starts of each server, {max(rounds // 3, 1)} scans of small files",
    }


if __name__ == "__main__":
    sys.exit(main())
