"""The report of start.py: what is wanted and what was measured, then each part's tables."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.lib.statistics import Figure, Target, markdown, ratios, summarise
from benchmarks.start.background import Busy
from benchmarks.start.best_codings import Took
from benchmarks.start.first_answer import STATES, Row, Started, differences
from benchmarks.start.small_files import Scanned
from benchmarks.start.trees import SMALL

MB = 1_000_000
TITLES = {"ours": "ours", "whitenoise": "WhiteNoise", "archmonger": "ServeStatic (Archmonger's)"}
_LIMITS = {"cold": 1.0, "warm": 0.15, "sealed": 0.05}


class Measured(NamedTuple):
    """What each part measured; None for a part that was left out."""

    about: Mapping[str, str]
    first: dict[Row, list[Started]] | None
    many: dict[str, dict[str, list[Scanned]]] | None
    best: tuple[dict[str, list[Took]], dict[str, dict[str, int]]] | None
    busy: Busy | None


def render(measured: Measured) -> str:
    """Render the report."""
    parts = [
        "# What starting costs",
        "Medians, and their 95 % intervals by a bootstrap over the rounds. README.md tells how to read this; start.py"
        " wrote it.",
        "\n".join(f"- {what}: {value}" for what, value in measured.about.items()),
        "## What is wanted",
        _render_targets(list_targets(measured)),
    ]
    if measured.first:
        parts += _render_summary(measured.first, measured.best[1] if measured.best else {})
        parts += _render_first(measured.first)
    if measured.many:
        parts += _render_many(measured.many)
    if measured.best:
        parts += _render_best(*measured.best)
    if measured.busy:
        parts += _render_busy(measured.busy)
    return "\n\n".join(parts) + "\n"


# ------------------------------------------------------------------------------------------------- targets


def list_targets(measured: Measured) -> list[Target]:
    """Compare what was measured with what is wanted."""
    targets: list[Target] = []
    if measured.first:
        targets += _first_targets(measured.first)
    if measured.many:
        targets += _many_targets(measured.many["apart"])
    if measured.best:
        targets += _best_targets(measured.best[0])
    if measured.busy:
        more = [float(measured.busy.most[1] - measured.busy.most[0]) / MB]
        slower = ratios((busy for _, busy in measured.busy.latencies), (alone for alone, _ in measured.busy.latencies))
        targets.append(Target("background: memory more than without", 96, summarise(more), 0, "MB"))
        targets.append(Target("background: latency of a hot file, over alone", 1.5, summarise(slower), 2, "×"))
    return targets


def _first_targets(first: dict[Row, list[Started]]) -> list[Target]:
    return [
        Target(
            f"first stylesheet over bare, {row.site}, {row.server}: {row.state}",
            _LIMITS[row.state],
            summarise([each.stylesheet for each in rounds]),
            3,
            "s",
        )
        for row, rounds in differences(first).items()
        if row.contender == "ours"
    ]


def _many_targets(many: dict[str, list[Scanned]]) -> list[Target]:
    peer = [each.cpu for each in many["WhiteNoise"]]

    def target(state: str, limit: float) -> Target:
        figure = summarise(ratios((each.cpu for each in many[f"ours, {state}"]), peer))
        return Target(f"{SMALL} small files, {state}: CPU time over WhiteNoise's scan", limit, figure, 3, "×")

    memory = summarise([each.memory / SMALL / 1000 for each in many["ours, warm"]])
    sealed = summarise([each.memory / SMALL / 1000 for each in many["ours, sealed"]])
    return [
        target("warm", 0.2),
        target("sealed", 0.1),
        Target("memory for each small file, warm", 0.8, memory, 2, "KB"),
        Target("memory for each small file, sealed", 0.8, sealed, 2, "KB"),
    ]


def _best_targets(best: dict[str, list[Took]]) -> list[Target]:
    targets: list[Target] = []
    for name in ("ours, startup", "ours, build"):
        cold = summarise(ratios((each.cold for each in best[name]), (each.cold for each in best["WhiteNoise"])))
        again = summarise(ratios((each.again for each in best[name]), (each.again for each in best["WhiteNoise"])))
        targets.append(Target(f"best codings, {name}: time over collectstatic's", 0.65, cold, 2, "×"))
        targets.append(Target(f"best codings, {name}: again, over collectstatic again", 0.01, again, 4, "×"))
    return targets


def _render_targets(targets: list[Target]) -> str:
    rows = [["", "at most", "measured", ""]]
    rows += [
        [each.what, f"{each.limit} {each.unit}", f"{each.figure.write(each.digits)} {each.unit}", each.verdict]
        for each in targets
    ]
    return markdown(rows)


# -------------------------------------------------------------------------------------------------- parts


def _render_summary(first: dict[Row, list[Started]], folders: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Write one line a peer: plain under gunicorn, which all can be served by."""
    rows = [["", "cold", "warm", "sealed", "memory, MB", "bytes of the stylesheet", ".br, MB"]]
    over = {
        row: rounds for row, rounds in differences(first).items() if (row.site, row.server) == ("plain", "gunicorn")
    }
    ours = {row.state: rounds for row, rounds in over.items() if row.contender == "ours"}
    cells = [summarise([each.stylesheet for each in ours[state]]).write(3) for state in STATES]
    memory = summarise([each.memory for each in ours["warm"]]).write(0, MB)
    rows.append(["ours", *cells, memory, str(ours["warm"][0].sent), _coded(folders.get("ours, build"))])
    for row, rounds in over.items():
        if row.contender != "ours":
            seconds = summarise([each.stylesheet for each in rounds]).write(3)
            memory, title = summarise([each.memory for each in rounds]).write(0, MB), TITLES[row.contender]
            rows.append([title, "–", seconds, "–", memory, str(rounds[0].sent), _coded(folders.get(title))])
    text = (
        "Seconds until the first stylesheet, and memory then, over a bare WSGI application under gunicorn. A peer needs"
        " its collectstatic first, whose minutes are in no figure of this table; it has no other way to start."
    )
    return ["## In short", text, markdown(rows)]


def _coded(folder: Mapping[str, int] | None) -> str:
    return f"{folder.get('.br', 0) / MB:.2f}" if folder else "–"


def _render_first(first: dict[Row, list[Started]]) -> list[str]:
    rows = [["", "", "", "page, s", "stylesheet, s", "least, s", "CPU, s", "memory, MB", "bytes sent"]]
    over = differences(first)
    for row, rounds in first.items():
        own = over.get(row, rounds)
        page, stylesheet, cpu, memory = (summarise([each[number] for each in own]) for number in range(4))
        bare = "*bare, with the peers' packages*" if row.group == "peers" else "*bare*"
        title = TITLES[row.contender] if row in over else bare
        least = min(each.stylesheet for each in rounds)
        if row in over:
            least -= min(each.stylesheet for each in first[row.bare])
        seconds = [page.write(3), stylesheet.write(3), f"{least:.3f}", cpu.write(3)]
        cells = [*seconds, memory.write(1, MB), str(rounds[0].sent)]
        rows.append([row.site, row.server, f"{title} {row.state}".strip(), *cells])
    text = (
        "A server is started; how long until the first 200 of a page, and of the stylesheet that it names, in brotli."
        " Rows in italics are whole figures of the bare application, all others what is added to it; `least` is the"
        " difference of the least times until the stylesheet, which a quiet machine comes near. Memory is the"
        " proportional set size of the server's processes after the two answers."
    )
    return ["## First answers", text, markdown(rows)]


def _render_many(many: dict[str, dict[str, list[Scanned]]]) -> list[str]:
    parts = [f"## {SMALL} small files"]
    for tree, text in (("apart", "No file refers to another."), ("linked", "Each script imports two others.")):
        rows = [["", "µs a file", "CPU µs a file", "× WhiteNoise's CPU", "bytes of memory a file"]]
        for name, rounds in many[tree].items():
            peer = [each.cpu for each in many[tree]["WhiteNoise"]]
            cells = [
                summarise([each.seconds / SMALL for each in rounds]).write(1, 1e-6),
                summarise([each.cpu / SMALL for each in rounds]).write(1, 1e-6),
                summarise(ratios((each.cpu for each in rounds), peer)).write(3),
                summarise([each.memory / SMALL for each in rounds]).write(0),
            ]
            rows.append([name, *cells])
        parts += [text, markdown(rows)]
    return parts


def _render_best(measured: dict[str, list[Took]], folders: Mapping[str, Mapping[str, int]]) -> list[str]:
    peer = measured["WhiteNoise"]
    rows = [["", "cold, s", "CPU, s", "× WhiteNoise", "again, s", "CPU, s", "× WhiteNoise again", "on disk, MB"]]
    for name, rounds in measured.items():
        cells: list[Figure] = [
            summarise([each.cold for each in rounds]),
            summarise([each.cold_cpu for each in rounds]),
            summarise(ratios((each.cold for each in rounds), (each.cold for each in peer))),
            summarise([each.again for each in rounds]),
            summarise([each.again_cpu for each in rounds]),
            summarise(ratios((each.again for each in rounds), (each.again for each in peer))),
        ]
        digits = (1, 1, 2, 2, 2, 4)
        sizes = folders.get(name, {})
        kinds = ", ".join(f"{kind} {sizes[kind] / MB:.1f}" for kind in (".br", ".gz", ".zst") if kind in sizes)
        disk = f"{sizes[''] / MB:.0f} ({kinds})" if sizes else "–"
        written = [figure.write(count) for figure, count in zip(cells, digits, strict=True)]
        rows.append([name, *written, disk])
    text = "Ours makes brotli, zstd and gzip; WhiteNoise makes brotli and gzip, of plain and of fingerprinted names."
    return ["## All best codings", text, markdown(rows)]


def _render_busy(busy: Busy) -> list[str]:
    alone, beside = (summarise([each[number] for each in busy.latencies]) for number in (0, 1))
    ending = "until all was settled" if busy.settled else "which was not its end"
    rows = [
        ["", "without", "with"],
        ["median latency of a hot file, µs", alone.write(0, 1e-6), beside.write(0, 1e-6)],
        ["memory at most, MB", *(f"{each / MB:.1f}" for each in busy.most)],
        ["memory at the end, MB", *(f"{each / MB:.1f}" for each in busy.now)],
    ]
    text = f"The background worked for {busy.seconds:.0f} s, {ending}, and made {busy.objects} objects of the store."
    return ["## While the background works", text, markdown(rows)]
