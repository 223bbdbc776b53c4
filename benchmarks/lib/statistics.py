"""From rounds to figures: a median and its 95 % interval, and whether a limit is kept."""

from collections.abc import Iterable, Sequence
from itertools import chain
from random import Random
from statistics import median, quantiles
from typing import NamedTuple

RESAMPLES = 1000


class Figure(NamedTuple):
    """A median, and where its interval begins and ends."""

    median: float
    low: float
    high: float

    def write(self, digits: int, scale: float = 1.0) -> str:
        """Write it for a table, in units of `scale`."""
        middle, low, high = (f"{value / scale:.{digits}f}" for value in self)
        return middle if low == high else f"{middle} ({low} to {high})"


def summarise(*generations: Sequence[float]) -> Figure:
    """Return the median, and its 95 % interval by a bootstrap over generations of processes and the rounds of each."""
    values = list(chain.from_iterable(generations))
    if len(values) == 1:
        return Figure(values[0], values[0], values[0])
    draw = Random(1)
    low, *_, high = quantiles([_resample(draw, generations) for _ in range(RESAMPLES)], n=40)
    return Figure(median(values), low, high)


def _resample(draw: Random, generations: Sequence[Sequence[float]]) -> float:
    """Draw generations, then rounds of each, as often as there are, and return the median."""
    drawn = draw.choices(generations, k=len(generations)) if len(generations) > 1 else generations
    return median(chain.from_iterable(draw.choices(rounds, k=len(rounds)) for rounds in drawn))


def spread(values: Sequence[float]) -> Figure:
    """Return the median, the least and the greatest value, where there are too few for an interval."""
    return Figure(median(values), min(values), max(values))


def ratios(left: Iterable[float], right: Iterable[float]) -> list[float]:
    """Divide round by round."""
    return [one / other for one, other in zip(left, right, strict=True)]


def judge(figure: Figure | None, limit: float, *, least: bool = False) -> str:
    """Return whether a figure is at most the limit, or at `least` that; `open` if the limit is within the interval."""
    if figure is None:
        return "not measured"
    good, bad = (-figure.low, -figure.high) if least else (figure.high, figure.low)
    limit = -limit if least else limit
    return "reached" if good <= limit else "missed" if bad > limit else "open"
