"""The report: ours beside collectstatic, what stops that, and the speed of the scanners."""

from typing import Any, NamedTuple

from benchmarks.lib.report import write_list, write_table
from benchmarks.lib.statistics import ratios, spread

TITLES = {
    "ours": "ours",
    "plain": "collectstatic, StaticFilesStorage",
    "manifest": "collectstatic, ManifestStaticFilesStorage",
}
ABOUT = """# What collecting costs

Median of all rounds, least and most; written by `python -m benchmarks.collect`. Each run is a process of its own, timed
without its imports. Nothing is remembered from an earlier run (`store="none"`, a fresh STATIC_ROOT); the sources are in
the system's file cache.
"""
ROWS = """
Ratios are those within a round. Ours reads every file, hashes it, finds the references in style sheets, scripts, pages
and manifests, and holds what is rewritten in memory. collectstatic writes each file, twice with the manifest, and
rewrites style sheets and source maps' comments only (`support_js_module_import_aggregation` is off, as by default); the
row in the middle shows what writing once costs.
"""


class Took(NamedTuple):
    """What a run took, and how many files it ended with."""

    seconds: float
    cpu: float
    files: int


class Measured(NamedTuple):
    """Every figure: `stops` are the files that stop collectstatic, with its errors; `whole` is ours over all."""

    about: dict[str, str]
    stops: dict[str, str]
    rounds: list[dict[str, Took]]
    whole: list[Took]
    scanners: dict[str, Any]


def render(measured: Measured) -> str:
    """Render the report."""
    stops = [f"- `{name}`: {error}" for name, error in measured.stops.items()]
    pinned = "on one core" if measured.scanners["pinned"] else "not kept on one core"
    lines = [
        ABOUT,
        write_list(measured.about),
        "\n## Beside collectstatic\n",
        _render_rounds(measured.rounds),
        ROWS,
        f"Files that stop collectstatic, and without which all were measured: {len(stops) or 'none'}.\n",
        *stops,
        f"\nOurs over the whole corpus: {spread([took.seconds for took in measured.whole]).write(2)} seconds.",
        "\n## Scanners\n",
        f"MB a second of CPU, {pinned}, over all files of a kind; SHA-256 over the same for comparison.\n",
        _render_scanners(measured.scanners["rows"]),
        "",
    ]
    return "\n".join(lines)


def _render_rounds(rounds: list[dict[str, Took]]) -> str:
    rows = [["", "files", "seconds", "CPU seconds", "× ours, seconds", "× ours, CPU seconds"]]
    seconds, cpu = ({name: [took[name][which] for took in rounds] for name in TITLES} for which in (0, 1))
    for name, title in TITLES.items():
        cells = [spread(seconds[name]).write(2), spread(cpu[name]).write(2)]
        over = [spread(ratios(taken[name], taken["ours"])).write(1) for taken in (seconds, cpu)]
        rows.append([title, str(rounds[0]["ours"].files), *cells, *(over if name != "ours" else ["", ""])])
    return write_table(rows, numbers=True)


def _render_scanners(scanners: dict[str, Any]) -> str:
    rows = [["", "files", "MB", "MB/s", "SHA-256, MB/s"]]
    for name, seen in scanners.items():
        speed = spread(seen["speeds"]).write(0)
        rows.append([name, str(seen["files"]), f"{seen['size']:.1f}", speed, f"{seen['sha256']:.0f}"])
    return write_table(rows, numbers=True)
