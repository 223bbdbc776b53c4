"""What is wanted, and whether it was measured."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.lib.statistics import Figure, judge, ratios, summarise
from benchmarks.start.background import Busy
from benchmarks.start.best_codings import Took
from benchmarks.start.first_answer import Row, Started, differences
from benchmarks.start.many_names import COUNTS, Names
from benchmarks.start.small_files import Scanned
from benchmarks.start.trees import SMALL

MB = 1_000_000
_LIMITS = {"cold": 1.0, "warm": 0.15, "sealed": 0.03}  # seconds until the first stylesheet


class Measured(NamedTuple):
    """What each part measured; None for a part that was left out."""

    about: Mapping[str, str]
    first: dict[Row, list[Started]] | None
    many: dict[str, dict[str, list[Scanned]]] | None
    names: Names | None
    best: tuple[dict[str, list[Took]], dict[str, dict[str, int]]] | None
    busy: Busy | None


class Target(NamedTuple):
    """What is wanted: the figure is at most `limit`."""

    what: str
    limit: float
    figure: Figure
    digits: int
    unit: str

    @property
    def verdict(self) -> str:
        """Whether it is reached, or whether the interval leaves that open."""
        return judge(self.figure, self.limit)


def list_targets(measured: Measured) -> list[Target]:
    """Compare what was measured with what is wanted."""
    targets: list[Target] = []
    if measured.first:
        targets += _first_targets(measured.first)
    if measured.many:
        targets += _many_targets(measured.many["apart"])
    if measured.names:
        targets += _names_targets(measured.names)
    if measured.best:
        targets += _best_targets(measured.best[0])
    if measured.busy:
        more = [float(measured.busy.peaks[1] - measured.busy.peaks[0]) / MB]
        slower = ratios((busy for _, busy in measured.busy.latencies), (alone for alone, _ in measured.busy.latencies))
        targets.append(Target("background: memory more than without", 96, summarise(more), 0, "MB"))
        targets.append(Target("background: latency of a hot file, over alone", 1.5, summarise(slower), 2, "×"))
    return targets


def _first_targets(first: dict[Row, list[Started]]) -> list[Target]:
    return [
        Target(
            f"first stylesheet over bare, {row.site}, {row.server}: {row.state}",
            _LIMITS[row.state],
            summarise([started.stylesheet for started in rounds]),
            3,
            "s",
        )
        for row, rounds in differences(first).items()
        if row.contender == "ours"
    ]


def _many_targets(many: dict[str, list[Scanned]]) -> list[Target]:
    peer = [scanned.cpu for scanned in many["WhiteNoise"]]

    def target(state: str, limit: float) -> Target:
        figure = summarise(ratios((scanned.cpu for scanned in many[f"ours, {state}"]), peer))
        return Target(f"{SMALL} small files, {state}: CPU time over WhiteNoise's scan", limit, figure, 3, "×")

    memory = summarise([scanned.memory / SMALL / 1000 for scanned in many["ours, warm"]])
    sealed = summarise([scanned.memory / SMALL / 1000 for scanned in many["ours, sealed"]])
    return [
        target("warm", 0.15),
        target("sealed", 0.1),
        Target("memory for each small file, warm", 0.35, memory, 2, "KB"),
        Target("memory for each small file, sealed", 0.03, sealed, 3, "KB"),
    ]


def _names_targets(names: Names) -> list[Target]:
    few, many, most = COUNTS
    longer = [
        one.stylesheet - other.stylesheet for one, other in zip(names.starts[many], names.starts[few], strict=True)
    ]
    seconds, memory = ([getattr(each, what) for each in names.starts[most]] for what in ("stylesheet", "memory"))
    return [
        Target(f"sealed, {many:,} names: longer than with {few}", 0.015, summarise(longer), 3, "s"),
        Target(f"sealed, {most:,} names: first stylesheet over bare", 0.3, summarise(seconds), 3, "s"),
        Target(f"sealed, {most:,} names: memory over bare", 20, summarise([each / MB for each in memory]), 1, "MB"),
        Target(
            f"first look-up of one of {most:,} names", 20, summarise([each * 1e6 for each in names.lookups]), 1, "µs"
        ),
        *(
            Target(f"4 workers, {many:,} files, the release {state}: memory over bare", 24, figure, 1, "MB")
            for state, held in names.workers.items()
            for figure in [summarise([each / MB for each in held])]
        ),
    ]


def _best_targets(best: dict[str, list[Took]]) -> list[Target]:
    targets: list[Target] = []
    for name in ("ours, startup", "ours, build"):
        cold, again = (over_peer(best, name, what) for what in ("cold", "again"))
        targets.append(Target(f"best codings, {name}: time over collectstatic's", 0.65, cold, 2, "×"))
        targets.append(Target(f"best codings, {name}: again, over collectstatic again", 0.01, again, 4, "×"))
    return targets


def over_peer(best: dict[str, list[Took]], name: str, what: str) -> Figure:
    """Return the ratio to WhiteNoise's of the same rounds, `cold` or `again`."""
    return summarise(ratios(*([getattr(took, what) for took in best[key]] for key in (name, "WhiteNoise"))))
