"""From measurements to figures: paired ratios, their median and 95 % interval, and what must be reached."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.lib.statistics import Figure, judge, summarise
from benchmarks.serve.readers import READERS, Slow
from benchmarks.serve.rounds import Key, Measured, Sample, Taken
from benchmarks.serve.scenarios import SCENARIOS, SMALL
from benchmarks.serve.servers import SERVERS

Value = Callable[[Sample], float]
MB = 1_000_000
_FIGURES = {scenario.name: scenario.figure for scenario in SCENARIOS}


def read_cpu(sample: Sample) -> float:
    """Return the CPU of a request."""
    return sample.cpu


def read_rate(sample: Sample) -> float:
    """Return requests for each nanosecond of CPU: how many one core could answer."""
    return 1 / sample.cpu


def read_wall(sample: Sample) -> float:
    """Return the time of a request."""
    return sample.wall


def find_value(scenario: str) -> Value:
    """Return what a scenario's figure is made of."""
    return {"cpu": read_cpu, "rate": read_rate, "latency": read_wall}[_FIGURES[scenario]]


def _summarise(generations: Iterable[Sequence[float]]) -> Figure | None:
    filled = [rounds for rounds in generations if rounds]
    return summarise(*filled) if filled else None


def over_bare(measured: Measured, value: Value) -> Figure | None:
    """Summarise the ratios of a contender to its bare application."""
    return _summarise(
        [value(taken.own) / value(taken.bare) for taken in rounds if taken.bare] for rounds in measured.generations
    )


def over_other(measured: Measured, other: Measured, value: Value, *, bare: bool = False) -> Figure | None:
    """Summarise the ratios of a contender, or of its bare application, to another one in the same rounds."""

    def divide(own: list[Taken], others: list[Taken]) -> list[float]:
        known = {taken.round: taken.own for taken in others}
        pairs = [(taken.bare if bare else taken.own, known.get(taken.round)) for taken in own]
        return [value(mine) / value(theirs) for mine, theirs in pairs if mine and theirs]

    return _summarise(divide(*pair) for pair in zip(measured.generations, other.generations, strict=False))


def absolute(measured: Measured, read: Callable[[Taken], float]) -> Figure | None:
    """Summarise a quantity as it is."""
    return _summarise([read(taken) for taken in rounds] for rounds in measured.generations)


# ------------------------------------------------------------------------------------------------- targets


class Target(NamedTuple):
    """What must be reached: at most, or `least` at least, the limit; None where it was not measured.

    `bare` is what the server itself needs for the same, without any contender.
    """

    scenario: str
    server: str
    what: str
    limit: float
    figure: Figure | None
    least: bool = False
    bare: Figure | None = None

    @property
    def verdict(self) -> str:
        """Whether the end of the interval that counts is within the limit."""
        return judge(self.figure, self.limit, least=self.least)


class _Bound(NamedTuple):
    scenarios: tuple[str, ...]
    servers: tuple[str, ...]
    other: str  # the contender to compare with, "" for the bare application
    limit: float
    least: bool = False


_FIVE = tuple(scenario.name for scenario in SMALL)
_CPU, _RATE = "CPU / {}'s", "rate / {}'s"
BOUNDS = (
    _Bound(_FIVE, ("uvicorn", "gunicorn gthread", "gunicorn sync"), "", 1.10),
    _Bound(_FIVE, ("granian rsgi", "granian wsgi"), "", 1.25),
    _Bound(_FIVE, ("granian rsgi", "granian wsgi"), "nginx", 1.8),
    _Bound(_FIVE, ("granian asgi", "hypercorn"), "", 1.20),
    _Bound(("64 KB range",), ("uvicorn",), "", 1.35),
    _Bound(("1 MB image",), ("uvicorn",), "starlette", 0.35),
    _Bound(("100 MiB",), ("gunicorn gthread", "gunicorn sync"), "", 0.95, least=True),
    _Bound(("100 MiB",), ("uvicorn",), "starlette", 2.5, least=True),
    _Bound(("100 MiB",), ("granian asgi", "granian rsgi"), "", 0.95, least=True),
)
# What is measured in every round: ours, and the others that a bound names.
OFTEN: frozenset[Key] = frozenset(itertools.product(SERVERS, ("ours",), _FIGURES)).union(
    *(itertools.product(bound.servers, (bound.other,), bound.scenarios) for bound in BOUNDS)
)
_NAMES = {"": "bare", "nginx": "nginx", "starlette": "Starlette"}


def list_targets(measured: Mapping[Key, Measured], slow: Mapping[tuple[str, str], Slow]) -> list[Target]:
    """Compare what was measured with what must be reached."""
    targets: list[Target] = []
    for bound in BOUNDS:
        for server, scenario in itertools.product(bound.servers, bound.scenarios):
            what = (_RATE if bound.least else _CPU).format(_NAMES[bound.other])
            figure = _compare(measured, server, scenario, bound.other)
            bare = _compare(measured, server, scenario, bound.other, bare=True) if bound.other == "nginx" else None
            targets.append(Target(scenario, server, what, bound.limit, figure, bound.least, bare))
    return targets + _list_slow(slow.get(("uvicorn", "ours")))


def _compare(
    measured: Mapping[Key, Measured], server: str, scenario: str, other: str, *, bare: bool = False
) -> Figure | None:
    own = measured.get((server, "ours", scenario))
    if own is None:
        return None
    value = find_value(scenario)
    if not other:
        return over_bare(own, value)
    beside = measured.get((server, other, scenario))
    return over_other(own, beside, value, bare=bare) if beside else None


def _list_slow(slow: Slow | None) -> list[Target]:
    name = "32 slow readers"
    wanted: tuple[tuple[str, float, list[float]], ...] = (
        ("MB of memory more", 16, [more / MB for more in slow.memory] if slow else []),
        ("threads more, for each reader", 0.25, [more / READERS for more in slow.threads] if slow else []),
        ("fast client's median / alone", 1.5, slow.ratios if slow else []),
    )
    return [Target(name, "uvicorn", what, limit, _summarise([values])) for what, limit, values in wanted]
