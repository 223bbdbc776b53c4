"""What one answer costs inside a process: microseconds over a bare handler that sends the same bytes. No sockets.

1. environments   this one has ours; the peers' is made in .cache/ from requirements-peers.txt
2. tree           one script; for the peers also with its fingerprinted name, and precompressed
3. workers        one process an environment, all on one core; new ones several times in a run
4. rounds         each contender in each scenario beside its own bare handler, again and again
5. report         medians of the paired differences, with an interval

    python -m benchmarks.respond
"""

import argparse
import platform
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lib.environments import HERE, PEERS, make_peers, read_own_version
from benchmarks.lib.machine import describe_run, pin
from benchmarks.lib.report import report
from benchmarks.respond.report import Cost, Timed, price, render
from benchmarks.respond.scenarios import SCENARIOS
from benchmarks.respond.tree import Tree, make_tree
from benchmarks.respond.workers import start_worker

ROUNDS = 105
GENERATIONS = 5  # of workers: how a process lays out its objects moves a figure by more than its rounds do
REPORT = HERE / "respond.md"


def main() -> int:
    """Measure and report; return 1 if that is impossible."""
    parser = argparse.ArgumentParser(description="What one answer costs inside a process, in microseconds.")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    parser.add_argument("--without-peers", action="store_true", help=f"measure ours alone; keep {REPORT.name}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"measurements of each figure (default: {ROUNDS})")
    arguments = parser.parse_args()
    peers = not arguments.without_peers
    return report(
        lambda: measure(max(arguments.rounds // GENERATIONS, 1), peers=peers),
        lambda measured: render(measured.ours, measured.peers, measured.about),
        list_figures,
        REPORT if peers else None,
        as_json=arguments.json,
    )


class Measured(NamedTuple):
    """Costs by contender and scenario, and what a reader must know about the run."""

    ours: dict[str, dict[str, Cost]]
    peers: dict[str, dict[str, Cost]]
    about: dict[str, str]


def measure(rounds: int, *, peers: bool) -> Measured:
    """Measure `rounds` times in each generation of workers, and summarise.

    Raises:
        CannotRunError: an environment cannot be made, or a worker ended.
    """
    pythons = {"ours": Path(sys.executable)} | ({"peers": make_peers()} if peers else {})
    tree = make_tree()
    about = describe(rounds * GENERATIONS, peers=peers)
    generations = [run_generation(pythons, tree, rounds) for _ in range(GENERATIONS)]
    costs: dict[str, dict[str, dict[str, Cost]]] = {"ours": {}, "peers": {}}
    for group, contender in generations[0]:
        costs[group][contender] = {
            scenario.name: price([timed[group, contender][scenario.name] for timed in generations], scenario)
            for scenario in SCENARIOS
        }
    return Measured(costs["ours"], costs["peers"], about)


def run_generation(pythons: Mapping[str, Path], tree: Tree, rounds: int) -> dict[tuple[str, str], dict[str, Timed]]:
    """Start workers, and measure every pair once a round, so that what disturbs the machine disturbs all alike."""
    with ExitStack() as stack:
        workers = {group: stack.enter_context(start_worker(python, group)) for group, python in pythons.items()}
        timed = {
            (group, contender): {scenario: Timed(answered, []) for scenario, answered in answers.items()}
            for group, worker in workers.items()
            for contender, answers in worker.ask(tree.question(group)).items()
        }
        for number in range(rounds):
            for scenario in SCENARIOS:
                for (group, contender), own in timed.items():
                    asked = {"contender": contender, "scenario": scenario.name, "bare_first": number % 2 == 0}
                    bare, whole = workers[group].ask(asked)
                    own[scenario.name].pairs.append((bare, whole))
    return timed


def describe(rounds: int, *, peers: bool) -> dict[str, str]:
    """Return when, where and of what the figures are; from here on the process keeps to one core."""
    lines = PEERS.read_text("utf-8").splitlines() if peers else []
    required = [line.replace("==", " ") for line in lines if line and not line.startswith("#")]
    return {
        **describe_run(pinned=pin()),
        "Versions": ", ".join([f"Python {platform.python_version()}", f"ours {read_own_version()}", *required]),
        "Rounds": str(rounds),
    }


def list_figures(measured: Measured) -> dict[str, Any]:
    """Return every figure, in microseconds."""

    def plain(costs: Mapping[str, Mapping[str, Cost]]) -> dict[str, Any]:
        return {
            contender: {scenario: cost.flat() for scenario, cost in own.items()} for contender, own in costs.items()
        }

    budgets = {scenario.name: scenario.budget for scenario in SCENARIOS}
    return {"about": measured.about, "budget": budgets, "ours": plain(measured.ours), "peers": plain(measured.peers)}


if __name__ == "__main__":
    sys.exit(main())
