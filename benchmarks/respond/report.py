"""From nanoseconds to a table: medians of paired differences with an interval, rendered as Markdown."""

import itertools
from collections.abc import Mapping, Sequence
from random import Random
from statistics import median, quantiles
from typing import NamedTuple

from benchmarks.respond.scenarios import CHROME, SCENARIOS, Scenario

RESAMPLES = 1000


class Figure(NamedTuple):
    """What a contender costs over its bare handler in one scenario, in microseconds.

    Attributes:
        median: of the differences of each round.
        low: where its 95 % interval begins, by a bootstrap over workers and their rounds.
        high: where it ends.
        floor: difference of the two least times; what a quiet machine would come near.
        bare: median of the bare handler itself, the making of the request in it.
        deviation: what was answered, where that is not what was asked for; else "".
    """

    median: float
    low: float
    high: float
    floor: float
    bare: float
    deviation: str


class Timed(NamedTuple):
    """What a worker measured: what was answered, and nanoseconds of bare handler and contender in each round."""

    answered: Mapping[str, object]
    pairs: list[tuple[float, float]]


def summarise(generations: Sequence[Timed], scenario: Scenario) -> Figure:
    """Summarise what all workers measured of one contender in one scenario."""
    pairs = [pair for each in generations for pair in each.pairs]
    differences = [[whole - bare for bare, whole in each.pairs] for each in generations]
    middle = median(itertools.chain.from_iterable(differences))
    low, *_, high = quantiles(_resample(differences), n=40)
    floor = min(whole for _, whole in pairs) - min(bare for bare, _ in pairs)
    bare = median(bare for bare, _ in pairs)
    deviation = _deviate(generations[0].answered, scenario)
    return Figure(middle / 1000, low / 1000, high / 1000, floor / 1000, bare / 1000, deviation)


def _resample(differences: Sequence[Sequence[float]]) -> list[float]:
    """Draw workers, then rounds of each, as often as there are, and take the median: again and again."""
    random = Random(1)
    return [
        median(
            itertools.chain.from_iterable(
                random.choices(each, k=len(each)) for each in random.choices(differences, k=len(differences))
            )
        )
        for _ in range(RESAMPLES)
    ]


def _deviate(answered: Mapping[str, object], scenario: Scenario) -> str:
    if (answered["status"], answered["coding"]) == (scenario.status, scenario.coding):
        return ""
    return f"{answered['status']}, {answered['length']} bytes {answered['coding'] or 'identity'}"


Figures = Mapping[str, Mapping[str, Figure]]  # by contender, by scenario


def render(ours: Figures, peers: Figures, about: Mapping[str, str]) -> str:
    """Render the report."""
    notes: list[str] = []
    parts = [
        "# What one answer costs",
        "Microseconds of CPU over a bare handler that sends the same bytes, inside the process, without sockets: median"
        f" of paired differences, and its 95 % interval. Requests have Chrome's {len(CHROME)} fields. README.md tells"
        " how to read this; respond.py wrote it.",
        "\n".join(f"- {what}: {value}" for what, value in about.items()),
        "## Ours",
        _table(ours, notes, budget=True),
    ]
    if peers:
        parts += ["## Peers, in the same run", _table(peers, notes, budget=False)]
    if notes:
        parts.append("\n".join(f"{number}. {note}" for number, note in enumerate(notes, 1)))
    parts += ["## The bare handler, with the making of the request in it", _bare_table(ours)]
    return "\n\n".join(parts) + "\n"


def _table(figures: Figures, notes: list[str], *, budget: bool) -> str:
    rows = [["", *(["budget"] if budget else []), *figures]]
    for scenario in SCENARIOS:
        own = [f"{scenario.budget:.1f}"] if budget else []
        cells = [_cell(each[scenario.name], f"{name}, {scenario.name}", notes) for name, each in figures.items()]
        rows.append([scenario.name, *own, *cells])
    return _markdown(rows)


def _cell(figure: Figure, name: str, notes: list[str]) -> str:
    digits = 2 if figure.median < 20 else 0
    cell = f"{figure.median:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
    if figure.deviation:
        notes.append(f"{name}: answers {figure.deviation}.")
        cell += f" [{len(notes)}]"
    return cell


def _bare_table(figures: Figures) -> str:
    rows = [["", *figures]]
    rows += [[each.name, *(f"{one[each.name].bare:.1f}" for one in figures.values())] for each in SCENARIOS]
    return _markdown(rows)


def _markdown(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first, *rest = (f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows)
    rule = "".join(f"|{'-' * (width + 2)}" for width in widths) + "|"
    return "\n".join([first, rule, *rest])
