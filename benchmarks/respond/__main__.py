"""What one answer costs inside a process: microseconds over a bare handler that sends the same bytes. No sockets.

1. environments   this one has ours; the peers' is made in .cache/ from requirements-peers.txt
2. tree           one script; for the peers also with its fingerprinted name, and precompressed
3. workers        one process an environment, all on one core; new ones several times in a run
4. rounds         each contender in each scenario beside its own bare handler, again and again
5. report         medians of the paired differences, with an interval

    python -m benchmarks.respond
"""

import argparse
import json
import platform
import sys
import tomllib
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lib.environments import (
    HERE,
    REQUIREMENTS,
    CannotRunError,
    Tree,
    describe_machine,
    make_peers,
    make_tree,
    pin,
    start_worker,
)
from benchmarks.respond.report import Figure, Timed, render, summarise
from benchmarks.respond.scenarios import SCENARIOS

ROUNDS = 105
GENERATIONS = 5  # of workers: how a process lays out its objects moves a figure by more than its rounds do
REPORT = HERE / "respond.md"


def main() -> int:
    """Measure and report; 1 if that cannot be done."""
    parser = argparse.ArgumentParser(description="What one answer costs inside a process, in microseconds.")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    parser.add_argument("--without-peers", action="store_true", help=f"measure ours alone; keep {REPORT.name}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"measurements of each figure (default: {ROUNDS})")
    arguments = parser.parse_args()
    try:
        measured = measure(max(arguments.rounds // GENERATIONS, 1), peers=not arguments.without_peers)
    except CannotRunError as error:
        print(error, file=sys.stderr)
        return 1
    report = render(measured.ours, measured.peers, measured.about)
    if measured.peers:
        REPORT.write_text(report, "utf-8")
    print(write_json(measured) if arguments.json else report)
    return 0


class Measured(NamedTuple):
    """Figures by contender and scenario, and what is to be known about the run."""

    ours: dict[str, dict[str, Figure]]
    peers: dict[str, dict[str, Figure]]
    about: dict[str, str]


def measure(rounds: int, *, peers: bool) -> Measured:
    """Measure `rounds` times in each generation of workers, and summarise.

    Raises:
        CannotRunError: an environment cannot be made, or a worker ended.
    """
    pythons = {"ours": Path(sys.executable)} | ({"peers": make_peers()} if peers else {})
    tree = make_tree()
    about = describe(rounds * GENERATIONS, machine=describe_machine(pinned=pin()), peers=peers)
    generations = [run_generation(pythons, tree, rounds) for _ in range(GENERATIONS)]
    figures: dict[str, dict[str, dict[str, Figure]]] = {"ours": {}, "peers": {}}
    for group, name in generations[0]:
        figures[group][name] = {
            each.name: summarise([one[group, name][each.name] for one in generations], each) for each in SCENARIOS
        }
    return Measured(figures["ours"], figures["peers"], about)


def run_generation(pythons: Mapping[str, Path], tree: Tree, rounds: int) -> dict[tuple[str, str], dict[str, Timed]]:
    """Start workers, and measure every pair once a round, so that what disturbs the machine disturbs all alike."""
    with ExitStack() as stack:
        workers = {group: stack.enter_context(start_worker(python)) for group, python in pythons.items()}
        timed = {
            (group, name): {scenario: Timed(answered, []) for scenario, answered in one.items()}
            for group, worker in workers.items()
            for name, one in worker.ask(tree.question(group)).items()
        }
        for number in range(rounds):
            for scenario in SCENARIOS:
                for (group, name), one in timed.items():
                    asked = {"contender": name, "scenario": scenario.name, "bare_first": number % 2 == 0}
                    bare, whole = workers[group].ask(asked)
                    one[scenario.name].pairs.append((bare, whole))
    return timed


def describe(rounds: int, *, machine: str, peers: bool) -> dict[str, str]:
    """Say when, where and of what the figures are."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    lines = REQUIREMENTS.read_text("utf-8").splitlines() if peers else []
    pinned = [line.replace("==", " ") for line in lines if line and not line.startswith("#")]
    return {
        "Date": datetime.now(UTC).date().isoformat(),
        "Machine": machine,
        "Versions": ", ".join([f"Python {platform.python_version()}", f"ours {project['version']}", *pinned]),
        "Rounds": str(rounds),
    }


def write_json(measured: Measured) -> str:
    """Write every figure, microseconds."""

    def plain(figures: Mapping[str, Mapping[str, Figure]]) -> dict[str, Any]:
        return {name: {scenario: each._asdict() for scenario, each in one.items()} for name, one in figures.items()}

    budgets = {each.name: each.budget for each in SCENARIOS}
    values = {"about": measured.about, "budget": budgets, "ours": plain(measured.ours), "peers": plain(measured.peers)}
    return json.dumps(values, indent=2, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
