"""From rounds to figures: a median and where its 95 % interval lies, and whether a target is reached."""

from collections.abc import Iterable, Sequence
from random import Random
from statistics import median, quantiles
from typing import NamedTuple

RESAMPLES = 1000


class Figure(NamedTuple):
    """A median, and its 95 % interval by a bootstrap over the rounds; of one round, thrice the same."""

    median: float
    low: float
    high: float

    def write(self, digits: int, scale: float = 1.0) -> str:
        """Write it for a table, in units of `scale`."""
        middle, low, high = (f"{each / scale:.{digits}f}" for each in self)
        return middle if low == high else f"{middle} ({low} to {high})"


def summarise(values: Sequence[float]) -> Figure:
    """Summarise rounds."""
    if len(values) == 1:
        return Figure(values[0], values[0], values[0])
    draw = Random(1)
    low, *_, high = quantiles([median(draw.choices(values, k=len(values))) for _ in range(RESAMPLES)], n=40)
    return Figure(median(values), low, high)


def ratios(left: Iterable[float], right: Iterable[float]) -> list[float]:
    """Divide round by round."""
    return [one / other for one, other in zip(left, right, strict=True)]


class Target(NamedTuple):
    """What is wanted: the figure is at most `limit`."""

    what: str
    limit: float
    figure: Figure
    digits: int
    unit: str

    @property
    def verdict(self) -> str:
        """Say whether it is reached, or whether the interval leaves that open."""
        if self.figure.high <= self.limit:
            return "reached"
        return "missed" if self.figure.low > self.limit else "open: the interval has the limit in it"


def markdown(rows: list[list[str]]) -> str:
    """Write a table; its first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first, *rest = (f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows)
    rule = "".join(f"|{'-' * (width + 2)}" for width in widths) + "|"
    return "\n".join([first, rule, *rest])
