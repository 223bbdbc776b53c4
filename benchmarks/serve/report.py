"""The report of serve.py: what must be reached, then a table for each server."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.lib.report import join, write_list, write_notes, write_table
from benchmarks.lib.statistics import Figure, summarise
from benchmarks.serve.contenders import CONTENDERS, Contender
from benchmarks.serve.figures import MB, Target, absolute, find_value, list_targets, over_bare
from benchmarks.serve.readers import Slow
from benchmarks.serve.rounds import Key, Measured
from benchmarks.serve.scenarios import SCENARIOS, Scenario
from benchmarks.serve.servers import SERVERS

_FILM = 100 * 1024 * 1024  # bytes


class Run(NamedTuple):
    """All that was measured, and what is to be known about it."""

    about: Mapping[str, str]
    measured: Mapping[Key, Measured]
    slow: Mapping[tuple[str, str], Slow]


def render(run: Run) -> str:
    """Render the report."""
    parts = [
        "# Serving",
        "Servers pinned to one core, the load to the other; each contender beside a bare application that sends the"
        " same fields and bytes on the same server. Figures are CPU of the server in microseconds for each request, and"
        " after `×` the median of the paired ratios to the bare application with its 95 % interval; of 100 MiB, the MB"
        " for each second of CPU; of latency, the time. `python -m benchmarks.serve` wrote this; README.md explains"
        " how to read it.",
        write_list(run.about),
        "## Must reach",
        "The end of the interval that counts must be within the bound. `open`: the bound is within the interval. Where"
        " the bare application alone, which sends the reply, is beyond a bound, the table says so.",
        _render_targets(list_targets(run.measured, run.slow)),
    ]
    notes: list[str] = []
    for server in SERVERS:
        parts += _render_server(run.measured, server, notes)
    parts += _render_slow(run.slow, notes)
    if notes:
        parts += ["## Notes", write_notes(notes)]
    return join(parts)


def _render_targets(targets: list[Target]) -> str:
    rows = [["scenario", "server", "what", "bound", "measured", ""]]
    for target in targets:
        bound = f"{'≥' if target.least else '≤'} {target.limit:g}"
        figure, bare = target.figure.write(3 if target.limit < 10 else 1) if target.figure else "–", target.bare
        # Less than the server needs by itself cannot be reached.
        own = f"; the server's own: bare is {bare.write(3)}" if bare and bare.median > target.limit else ""
        rows.append([target.scenario, target.server, target.what, bound, figure, target.verdict + own])
    return write_table(rows)


def _render_server(measured: Mapping[Key, Measured], server: str, notes: list[str]) -> list[str]:
    seen = {key for running, key, _ in measured if running == server}
    own = [contender for contender in CONTENDERS[server] if contender.key in seen]
    django = [contender for contender in own if contender.key.startswith("django")]
    plain = [contender for contender in own if contender not in django]
    parts: list[str] = []
    for title, group in ((server, plain), (f"{server}, Django", django)):
        if group:
            parts += [f"## {title}", _render_table(measured, server, group, notes)]
    return parts


def _render_table(measured: Mapping[Key, Measured], server: str, group: list[Contender], notes: list[str]) -> str:
    first = next((contender for contender in group if contender.bare), None)
    rows = [["", *(["bare"] if first else []), *(contender.title for contender in group)]]
    for scenario in SCENARIOS:
        cells = [
            _cell(measured.get((server, contender.key, scenario.name)), server, contender, scenario, notes)
            for contender in group
        ]
        if set(cells) == {"–"}:
            continue
        bare = [_bare(measured.get((server, first.key, scenario.name)), scenario)] if first else []
        rows.append([scenario.name, *bare, *cells])
    return write_table(rows)


def _bare(measured: Measured | None, scenario: Scenario) -> str:
    if measured is None or not any(measured.generations):
        return "–"
    figure = absolute(measured, lambda taken: find_value(scenario.name)(taken.bare or taken.own))
    return _write(figure, scenario)


def _cell(measured: Measured | None, server: str, contender: Contender, scenario: Scenario, notes: list[str]) -> str:
    if measured is None:
        return "–"
    if measured.note:
        notes.append(f"{contender.title}, {server}, {scenario.name}: {measured.note}.")
        return f"[{len(notes)}]"
    value = find_value(scenario.name)
    figure, ratio = absolute(measured, lambda taken: value(taken.own)), over_bare(measured, value)
    return _write(figure, scenario) + (f" × {ratio.write(2)}" if ratio else "")


def _write(figure: Figure | None, scenario: Scenario) -> str:
    if figure is None:
        return "–"
    if scenario.figure == "rate":
        return f"{figure.median * _FILM * 1e9 / MB:.0f} MB/s"
    microseconds = figure.median / 1000
    return f"{microseconds:.{0 if microseconds >= 100 else 1}f}"


def _render_slow(slow: Mapping[tuple[str, str], Slow], notes: list[str]) -> list[str]:
    if not slow:
        return []
    titles = {contender.key: contender.title for group in CONTENDERS.values() for contender in group}
    rows = [["server", "", "memory, MB more", "threads more", "fast client's median / alone"]]
    for (server, key), seen in slow.items():
        figures = [more / MB for more in seen.memory], seen.ratios
        memory, ratio = (summarise(values).write(1) if values else "–" for values in figures)
        if seen.note:
            notes.append(f"{titles[key]}, {server}, slow readers: {seen.note}.")
            memory += f" [{len(notes)}]"
        rows.append([server, titles[key], memory, str(max(seen.threads, default=0)), ratio])
    return ["## 32 slow readers of 100 MiB beside a fast client", write_table(rows)]
