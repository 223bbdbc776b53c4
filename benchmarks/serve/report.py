"""The report of serve.py: what must be reached, then a table for each server."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.lib.statistics import Figure, markdown
from benchmarks.serve.contenders import CONTENDERS, Contender
from benchmarks.serve.figures import MB, Target, absolute, find_value, list_targets, over_bare, summarise
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
        " for each second of CPU; of latency, the time. README.md tells"
        " how to read this; serve.py wrote it.",
        "\n".join(f"- {what}: {value}" for what, value in run.about.items()),
        "## Must reach",
        "The end of the interval that counts must be within the bound. `open`: the bound is within the interval. Where"
        " the bare application alone, which sends what is prepared, is beyond a bound, the table says so.",
        _render_targets(list_targets(run.measured, run.slow)),
    ]
    notes: list[str] = []
    for server in SERVERS:
        parts += _render_server(run.measured, server, notes)
    parts += _render_slow(run.slow, notes)
    if notes:
        parts += ["## Notes", "\n".join(f"{number}. {note}" for number, note in enumerate(notes, 1))]
    return "\n\n".join(parts) + "\n"


def _render_targets(targets: list[Target]) -> str:
    rows = [["scenario", "server", "what", "bound", "measured", ""]]
    for each in targets:
        bound = f"{'≥' if each.least else '≤'} {each.limit:g}"
        figure = each.figure.write(3 if each.limit < 10 else 1) if each.figure else "–"
        # What the server needs by itself is nothing that we could reach.
        own = f"; the server's own: bare is {each.bare.write(3)}" if each.bare and each.bare.median > each.limit else ""
        rows.append([each.scenario, each.server, each.what, bound, figure, each.verdict + own])
    return markdown(rows)


def _render_server(measured: Mapping[Key, Measured], server: str, notes: list[str]) -> list[str]:
    own = [each for each in CONTENDERS[server] if any(key[:2] == (server, each.key) for key in measured)]
    django = [each for each in own if each.key.startswith("django")]
    plain = [each for each in own if each not in django]
    parts: list[str] = []
    for title, group in ((server, plain), (f"{server}, Django", django)):
        if group:
            parts += [f"## {title}", _render_table(measured, server, group, notes)]
    return parts


def _render_table(measured: Mapping[Key, Measured], server: str, group: list[Contender], notes: list[str]) -> str:
    first = next((each for each in group if each.bare), None)
    rows = [["", *(["bare"] if first else []), *(each.title for each in group)]]
    for scenario in SCENARIOS:
        cells = [
            _cell(measured.get((server, each.key, scenario.name)), server, each, scenario, notes) for each in group
        ]
        if set(cells) == {"–"}:
            continue
        bare = [_bare(measured.get((server, first.key, scenario.name)), scenario)] if first else []
        rows.append([scenario.name, *bare, *cells])
    return markdown(rows)


def _bare(measured: Measured | None, scenario: Scenario) -> str:
    if measured is None or not any(measured.generations):
        return "–"
    figure = absolute(measured, lambda each: find_value(scenario.name)(each.bare or each.own))
    return _write(figure, scenario)


def _cell(measured: Measured | None, server: str, contender: Contender, scenario: Scenario, notes: list[str]) -> str:
    if measured is None:
        return "–"
    if measured.note:
        notes.append(f"{contender.title}, {server}, {scenario.name}: {measured.note}.")
        return f"[{len(notes)}]"
    value = find_value(scenario.name)
    figure, ratio = absolute(measured, lambda each: value(each.own)), over_bare(measured, value)
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
    titles = {each.key: each.title for group in CONTENDERS.values() for each in group}
    rows = [["server", "", "memory, MB more", "threads more", "fast client's median / alone"]]
    for (server, key), each in slow.items():
        figures = summarise([[value / MB for value in each.memory]]), summarise([each.ratios])
        memory, ratio = (figure.write(1) if figure else "–" for figure in figures)
        if each.note:
            notes.append(f"{titles[key]}, {server}, slow readers: {each.note}.")
            memory += f" [{len(notes)}]"
        rows.append([server, titles[key], memory, str(max(each.threads, default=0)), ratio])
    return ["## 32 slow readers of 100 MiB beside a fast client", markdown(rows)]
