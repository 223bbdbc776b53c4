"""One server's contenders: started together, checked, measured round by round, each beside its bare application."""

import time
from collections.abc import Container, Mapping
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks.lib.servers import Answer
from benchmarks.serve.contenders import BARE, Contender, Selection
from benchmarks.serve.load import AnswerError, connected
from benchmarks.serve.plan import Plan, check_bare, prepare, select_reply
from benchmarks.serve.scenarios import Scenario
from benchmarks.serve.servers import Serving, Site, find_place, run

SLICE = 100_000_000  # nanoseconds of CPU, or of time where that is longer, that one measurement takes, about
MIN_REQUESTS = 256  # of a bare application's slice
SELDOM = 3  # every so many rounds, those are measured that no bound names


class Sample(NamedTuple):
    """Nanoseconds for each request: CPU of the server, and time (the median of single requests for latency)."""

    cpu: float
    wall: float


class Taken(NamedTuple):
    """One round's measurement of a contender and its bare application."""

    round: int
    own: Sample
    bare: Sample | None


class Measured(NamedTuple):
    """All of a contender in a scenario: a list for each generation of processes, or a note why there is none.

    Attributes:
        batches: that fill a slice; 0 before the first try.
    """

    generations: list[list[Taken]]
    note: str
    batches: int


Key = tuple[str, str, str]  # server, contender, scenario


class Cell(NamedTuple):
    """A contender in a scenario, ready to be measured; `batches` fill a slice."""

    contender: Contender
    scenario: Scenario
    server: Serving
    plan: Plan
    batches: int
    bare: Serving | None
    bare_answer: Answer


def measure_server(
    site: Site, server: str, selection: Selection, rounds: range, often: Container[Key], measured: dict[Key, Measured]
) -> None:
    """Start a server's contenders, and measure them for some rounds: those of `often` in each.

    Raises:
        CannotRunError: a server does not come up, or a bare application answers otherwise.
    """
    contenders = selection.list_contenders(server)
    wanted = {name for contender in contenders for name in (contender.bare, contender.passed) if name}
    with ExitStack() as stack:
        running = {
            contender.key: stack.enter_context(run(site, server, contender))
            for contender in [*(BARE[name] for name in sorted(wanted)), *contenders]
        }
        cells = []
        for contender in contenders:
            for scenario in selection.list_scenarios(contender):
                key = server, contender.key, scenario.name
                seen = measured.setdefault(key, Measured([], "", 0))
                cell = _make_cell(site, server, contender, scenario, running, seen.batches)
                if isinstance(cell, str):
                    measured[key] = Measured([], cell, 0)
                    continue
                measured[key] = seen._replace(generations=[*seen.generations, []], batches=cell.batches)
                cells.append((key, cell))
        for number in rounds:
            seldom = number % SELDOM != 0
            _measure_round([pair for pair in cells if pair[0] in often or not seldom], number, measured)


def _make_cell(
    site: Site, server: str, contender: Contender, scenario: Scenario, running: Mapping[str, Serving], batches: int
) -> Cell | str:
    own = running[contender.key]
    plan = prepare(contender, own, scenario, site.files, find_place(server))
    if isinstance(plan, str):
        return plan
    name = contender.bare if scenario.file else contender.passed
    bare = running[name] if name else None
    bare_answer = check_bare(bare, plan) if bare else plan.answer
    try:
        batches = batches or _find_batches(own, scenario, plan)
    except (AnswerError, OSError) as error:
        return f"fails under load: {error}"
    return Cell(contender, scenario, own, plan, batches, bare, bare_answer)


def _find_batches(server: Serving, scenario: Scenario, plan: Plan) -> int:
    """Find out how many batches fill a slice."""
    batches = 1
    while True:
        sample = take(server, scenario, plan.request, plan.answer, batches)
        spent = max(sample.cpu, sample.wall / 2) * batches * scenario.connections
        if spent > SLICE / 8 or scenario.figure == "rate":
            return max(1, round(batches * SLICE / spent))
        batches *= 4


# -------------------------------------------------------------------------------------------- measurements


def _measure_round(cells: list[tuple[Key, Cell]], number: int, measured: dict[Key, Measured]) -> None:
    for key, cell in cells:
        if measured[key].note:
            continue
        try:
            measured[key].generations[-1].append(_measure_cell(cell, number))
        except (AnswerError, OSError) as error:
            measured[key] = Measured([], f"fails under load: {error}", 0)


def _measure_cell(cell: Cell, number: int) -> Taken:
    """Measure a contender and its bare application, one right after the other, the one or the other first."""
    if cell.bare is None:
        return Taken(number, _take_own(cell), None)
    select_reply(cell.bare, cell.plan)
    if number % 2:
        own = _take_own(cell)
        return Taken(number, own, _take_bare(cell))
    bare = _take_bare(cell)
    return Taken(number, _take_own(cell), bare)


def _take_own(cell: Cell) -> Sample:
    return take(cell.server, cell.scenario, cell.plan.request, cell.plan.answer, cell.batches)


def _take_bare(cell: Cell) -> Sample:
    assert cell.bare is not None
    batches = cell.batches
    if cell.scenario.figure == "cpu":  # a slow contender's slice has too few requests to measure a fast one by
        batches = max(batches, MIN_REQUESTS // cell.scenario.connections)
    return take(cell.bare, cell.scenario, cell.plan.request, cell.bare_answer, batches)


def take(server: Serving, scenario: Scenario, request: bytes, answer: Answer, batches: int) -> Sample:
    """Measure a slice, after a batch that is not counted: connections are made by then."""
    with connected(server.port, request, answer, scenario.connections) as client:
        client.run(1)
        before, begun = server.cpu(), time.perf_counter_ns()
        times = client.time_each(batches) if scenario.figure == "latency" else client.run(batches)
        ended, after = time.perf_counter_ns(), server.cpu()
    count = batches * scenario.connections
    wall = sorted(times)[len(times) // 2] if times else (ended - begun) / count
    return Sample((after - before) / count, wall)
