"""What collecting costs: real packages scanned, hashed and rewritten, beside Django's collectstatic in the same run.

1. corpus      npm packages and Django's admin, fetched once (corpus/fetch.py)
2. part        the corpus without the files that stop collectstatic; which ones do is found out
3. rounds      ours and theirs in turn, each in a process of its own (runs.py)
4. scanners    each reference scanner over all its files, on one core
5. report      medians, ratios within a round, their spread (report.py)

    python -m benchmarks.collect
"""

import argparse
import platform
import re
import subprocess
import sys
from typing import Any

from benchmarks.collect.report import Measured, Took, render
from benchmarks.corpus.fetch import fetch
from benchmarks.lib.environments import HERE, CannotRunError, read_output, run_module
from benchmarks.lib.machine import describe_run
from benchmarks.lib.report import report

ROUNDS = 5
MAX_STOPS = 20
REPORT = HERE / "collect.md"
_STOPPED_BY = re.compile(r"Post-processing '(.+)' failed!")


def main() -> int:
    """Measure and report; return 1 if that is impossible."""
    parser = argparse.ArgumentParser(description="What collecting real packages costs, beside Django's collectstatic.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each (default: {ROUNDS})")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    arguments = parser.parse_args()
    return report(lambda: measure(max(arguments.rounds, 1)), render, Measured._asdict, REPORT, as_json=arguments.json)


def measure(rounds: int) -> Measured:
    """Find out what collectstatic survives, then measure in turn.

    Raises:
        CannotRunError: a run failed, or collected another tree than the others.
    """
    about = describe(rounds)
    stops = find_stops()
    names = ["ours", "plain", "manifest"]
    measured, whole = [], []
    for number in range(rounds):
        order = names if number % 2 == 0 else names[::-1]
        took = {name: Took(**start(name, list(stops))) for name in order}
        if took["ours"].files != took["manifest"].files:
            raise CannotRunError(f"The trees are not the same: {took}")
        measured.append(took)
        whole.append(Took(**start("ours", [])))
        print(f"Round {number + 1} of {rounds}: {took['manifest'].cpu / took['ours'].cpu:.1f} ×", file=sys.stderr)
    return Measured(about, stops, measured, whole, start("scanners", []))


def find_stops() -> dict[str, str]:
    """Run collectstatic until it gets through, each time without the file that stopped it; return them with its errors.

    Raises:
        CannotRunError: something else stops it, or too many files do.
    """
    stops: dict[str, str] = {}
    while (run := _run("manifest", list(stops))).returncode:
        stopped = _STOPPED_BY.search(run.stderr)
        if not stopped or stopped[1] in stops or len(stops) >= MAX_STOPS:
            raise CannotRunError(f"collectstatic does not get through:\n{run.stderr}")
        stops[stopped[1]] = run.stderr.strip().splitlines()[-1].partition(" with <")[0]
        print(f"collectstatic is stopped by {stopped[1]}", file=sys.stderr)
    return stops


def start(name: str, without: list[str]) -> dict[str, Any]:
    """Do one run in a process of its own.

    Raises:
        CannotRunError: it failed.
    """
    answer: dict[str, Any] = read_output(_run(name, without))
    return answer


def _run(name: str, without: list[str]) -> "subprocess.CompletedProcess[str]":
    return run_module(sys.executable, "ours", "collect.runs", name, *without)


def describe(rounds: int) -> dict[str, str]:
    """Return when, where and of what the figures are."""
    import django

    files = [path for path in fetch().rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return {
        **describe_run(pinned=False),
        "Versions": f"Python {platform.python_version()}, Django {django.__version__}",
        "Corpus": f"{size:.0f} MB in {len(files)} files of npm packages (corpus/package-lock.json), and Django's admin",
        "Rounds": str(rounds),
    }


if __name__ == "__main__":
    sys.exit(main())
