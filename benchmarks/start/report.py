"""The report: what is wanted and what was measured, then each part's tables."""

from collections.abc import Mapping

from benchmarks.lib.report import join, write_list, write_table
from benchmarks.lib.statistics import ratios, summarise
from benchmarks.start.background import Busy
from benchmarks.start.best_codings import Took
from benchmarks.start.first_answer import STATES, Row, Started, differences
from benchmarks.start.many_names import Names
from benchmarks.start.small_files import Scanned
from benchmarks.start.targets import MB, Measured, Target, list_targets, over_peer
from benchmarks.start.trees import SMALL

TITLES = {"ours": "ours", "whitenoise": "WhiteNoise", "archmonger": "ServeStatic (Archmonger's)"}


def render(measured: Measured) -> str:
    """Render the report."""
    parts = [
        "# What starting costs",
        "Medians, and their 95 % intervals by a bootstrap over the rounds. `python -m benchmarks.start` wrote this;"
        " README.md explains how to read it.",
        write_list(measured.about),
        "## What is wanted",
        _render_targets(list_targets(measured)),
    ]
    if measured.first:
        parts += _render_summary(measured.first, measured.best[1] if measured.best else {})
        parts += _render_first(measured.first)
    if measured.many:
        parts += _render_many(measured.many)
    if measured.names:
        parts += _render_names(measured.names)
    if measured.best:
        parts += _render_best(*measured.best)
    if measured.busy:
        parts += _render_busy(measured.busy)
    return join(parts)


def _render_targets(targets: list[Target]) -> str:
    rows = [["", "at most", "measured", ""]]
    for target in targets:
        figure = f"{target.figure.write(target.digits)} {target.unit}"
        rows.append([target.what, f"{target.limit} {target.unit}", figure, target.verdict])
    return write_table(rows)


def _render_summary(first: dict[Row, list[Started]], folders: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Write one line a peer: plain under gunicorn, which all can be served by."""
    rows = [["", "cold", "warm", "sealed", "memory, MB", "bytes of the stylesheet", ".br, MB"]]
    over = {
        row: rounds for row, rounds in differences(first).items() if (row.site, row.server) == ("plain", "gunicorn")
    }
    ours = {row.state: rounds for row, rounds in over.items() if row.contender == "ours"}
    cells = [summarise([started.stylesheet for started in ours[state]]).write(3) for state in STATES]
    memory = summarise([started.memory for started in ours["warm"]]).write(0, MB)
    rows.append(["ours", *cells, memory, str(ours["warm"][0].sent), _coded(folders.get("ours, build"))])
    for row, rounds in over.items():
        if row.contender != "ours":
            seconds = summarise([started.stylesheet for started in rounds]).write(3)
            memory, title = summarise([started.memory for started in rounds]).write(0, MB), TITLES[row.contender]
            rows.append([title, "–", seconds, "–", memory, str(rounds[0].sent), _coded(folders.get(title))])
    text = (
        "Seconds until the first stylesheet, and memory then, over a bare WSGI application under gunicorn. A peer needs"
        " its collectstatic first, whose minutes are in no figure of this table; it has no other way to start."
    )
    return ["## In short", text, write_table(rows)]


def _coded(folder: Mapping[str, int] | None) -> str:
    return f"{folder.get('.br', 0) / MB:.2f}" if folder else "–"


def _render_first(first: dict[Row, list[Started]]) -> list[str]:
    rows = [["", "", "", "page, s", "stylesheet, s", "least, s", "CPU, s", "memory, MB", "bytes sent"]]
    over = differences(first)
    for row, rounds in first.items():
        own = over.get(row, rounds)
        page, stylesheet, cpu, memory = (summarise(values) for values in list(zip(*own, strict=True))[:4])
        bare = "*bare, with the peers' packages*" if row.group == "peers" else "*bare*"
        title = TITLES[row.contender] if row in over else bare
        least = min(started.stylesheet for started in rounds)
        if row in over:
            least -= min(started.stylesheet for started in first[row.bare])
        seconds = [page.write(3), stylesheet.write(3), f"{least:.3f}", cpu.write(3)]
        cells = [*seconds, memory.write(1, MB), str(rounds[0].sent)]
        rows.append([row.site, row.server, f"{title} {row.state}".strip(), *cells])
    text = (
        "A server is started; how long until the first 200 of a page, and of the stylesheet that it names, in brotli."
        " Rows in italics are whole figures of the bare application, all others what is added to it; `least` is the"
        " difference of the least times until the stylesheet, which a quiet machine comes near. Memory is the"
        " proportional set size of the server's processes after the two answers."
    )
    return ["## First answers", text, write_table(rows)]


def _render_many(many: dict[str, dict[str, list[Scanned]]]) -> list[str]:
    parts = [f"## {SMALL} small files"]
    for tree, text in (("apart", "No file refers to another."), ("linked", "Each script imports two others.")):
        rows = [["", "µs a file", "CPU µs a file", "× WhiteNoise's CPU", "bytes of memory a file"]]
        for name, rounds in many[tree].items():
            peer = [scanned.cpu for scanned in many[tree]["WhiteNoise"]]
            seconds, cpu, memory = zip(*rounds, strict=True)
            cells = [
                summarise(seconds).write(1, 1e-6 * SMALL),
                summarise(cpu).write(1, 1e-6 * SMALL),
                summarise(ratios(cpu, peer)).write(3),
                summarise(memory).write(0, SMALL),
            ]
            rows.append([name, *cells])
        parts += [text, write_table(rows)]
    return parts


def _render_names(names: Names) -> list[str]:
    rows = [["names", "stylesheet, s", "CPU, s", "memory, MB"]]
    for count, starts in names.starts.items():
        _, stylesheet, cpu, memory = (summarise(values) for values in list(zip(*starts, strict=True))[:4])
        rows.append([f"{count:,}", stylesheet.write(3), cpu.write(3), memory.write(1, MB)])
    text = (
        "A build whose names are made up, but for that of the stylesheet, under uvicorn: until the first stylesheet,"
        " over the bare application of the same round."
    )
    return ["## Sealed builds of many names", text, write_table(rows)]


def _render_best(measured: dict[str, list[Took]], folders: Mapping[str, Mapping[str, int]]) -> list[str]:
    rows = [["", "cold, s", "CPU, s", "× WhiteNoise", "again, s", "CPU, s", "× WhiteNoise again", "on disk, MB"]]
    for name, rounds in measured.items():
        cold, cold_cpu, again, again_cpu = (summarise(values) for values in zip(*rounds, strict=True))
        over, over_again = (over_peer(measured, name, what) for what in ("cold", "again"))
        cells = [
            cold.write(1),
            cold_cpu.write(1),
            over.write(2),
            again.write(2),
            again_cpu.write(2),
            over_again.write(4),
        ]
        sizes = folders.get(name, {})
        kinds = ", ".join(f"{kind} {sizes[kind] / MB:.1f}" for kind in (".br", ".gz", ".zst") if kind in sizes)
        disk = f"{sizes[''] / MB:.0f} ({kinds})" if sizes else "–"
        rows.append([name, *cells, disk])
    text = "Ours makes brotli, zstd and gzip; WhiteNoise makes brotli and gzip, of plain and of fingerprinted names."
    return ["## All best codings", text, write_table(rows)]


def _render_busy(busy: Busy) -> list[str]:
    alone, beside = map(summarise, zip(*busy.latencies, strict=True))
    ending = "until all was settled" if busy.settled else "which was not its end"
    rows = [
        ["", "without", "with"],
        ["median latency of a hot file, µs", alone.write(0, 1e-6), beside.write(0, 1e-6)],
        ["memory at most, MB", *(f"{held / MB:.1f}" for held in busy.peaks)],
        ["memory at the end, MB", *(f"{held / MB:.1f}" for held in busy.now)],
    ]
    text = f"The background worked for {busy.seconds:.0f} s, {ending}, and made {busy.objects} objects of the store."
    return ["## While the background works", text, write_table(rows)]
