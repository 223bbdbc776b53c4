"""The report: what a contender costs over its bare handler, in each scenario."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.lib.chrome import CHROME
from benchmarks.lib.report import join, write_list, write_notes, write_table
from benchmarks.lib.statistics import Figure, summarise
from benchmarks.respond.scenarios import SCENARIOS, Scenario


class Cost(NamedTuple):
    """What a contender costs over its bare handler in one scenario, in microseconds.

    Attributes:
        over: the median of the differences of each round, and its interval.
        floor: difference of the two least times; what a quiet machine would come near.
        bare: median of the bare handler itself, the making of the request in it.
        deviation: the answer, where it is not the one that was asked for; else "".
    """

    over: Figure
    floor: float
    bare: float
    deviation: str

    def flat(self) -> dict[str, object]:
        """Return all values by their names."""
        return {**self.over._asdict(), "floor": self.floor, "bare": self.bare, "deviation": self.deviation}


class Timed(NamedTuple):
    """What a worker measured: the answer, and nanoseconds of bare handler and contender in each round."""

    answered: Mapping[str, object]
    pairs: list[tuple[float, float]]


def price(generations: Sequence[Timed], scenario: Scenario) -> Cost:
    """Summarise what all workers measured of one contender in one scenario."""
    pairs = [pair for timed in generations for pair in timed.pairs]
    over = summarise(*([whole - bare for bare, whole in timed.pairs] for timed in generations))
    floor = min(whole for _, whole in pairs) - min(bare for bare, _ in pairs)
    bare = median(bare for bare, _ in pairs)
    microseconds = Figure(*(value / 1000 for value in over))
    return Cost(microseconds, floor / 1000, bare / 1000, _deviate(generations[0].answered, scenario))


def _deviate(answered: Mapping[str, object], scenario: Scenario) -> str:
    if (answered["status"], answered["coding"]) == (scenario.status, scenario.coding):
        return ""
    return f"{answered['status']}, {answered['length']} bytes {answered['coding'] or 'identity'}"


Costs = Mapping[str, Mapping[str, Cost]]  # by contender, by scenario


def render(ours: Costs, peers: Costs, about: Mapping[str, str]) -> str:
    """Render the report."""
    notes: list[str] = []
    parts = [
        "# What one answer costs",
        "Microseconds of CPU over a bare handler that sends the same bytes, inside the process, without sockets: median"
        f" of paired differences, and its 95 % interval. Requests have Chrome's {len(CHROME)} fields."
        " `python -m benchmarks.respond` wrote this; README.md explains how to read it.",
        write_list(about),
        "## Ours",
        _render_costs(ours, notes, budget=True),
    ]
    if peers:
        parts += ["## Peers, in the same run", _render_costs(peers, notes, budget=False)]
    if notes:
        parts.append(write_notes(notes))
    parts += ["## The bare handler, with the making of the request in it", _render_bare(ours)]
    return join(parts)


def _render_costs(costs: Costs, notes: list[str], *, budget: bool) -> str:
    rows = [["", *(["budget"] if budget else []), *costs]]
    for scenario in SCENARIOS:
        own = [f"{scenario.budget:.1f}"] if budget else []
        cells = [_cell(cost[scenario.name], f"{name}, {scenario.name}", notes) for name, cost in costs.items()]
        rows.append([scenario.name, *own, *cells])
    return write_table(rows)


def _cell(cost: Cost, name: str, notes: list[str]) -> str:
    cell = cost.over.write(2 if cost.over.median < 20 else 0)
    if cost.deviation:
        notes.append(f"{name}: answers {cost.deviation}.")
        cell += f" [{len(notes)}]"
    return cell


def _render_bare(costs: Costs) -> str:
    rows = [["", *costs]]
    rows += [[scenario.name, *(f"{cost[scenario.name].bare:.1f}" for cost in costs.values())] for scenario in SCENARIOS]
    return write_table(rows)
