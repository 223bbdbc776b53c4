"""The charts in docs/_static/charts/: drawn from the tables of the benchmarks' reports and of the pages.

`python -m docs.generate.charts` writes them; no figure is in this module.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "_static" / "charts"
_WIDTH, _LABEL, _BAR, _GAP, _TOP, _EDGE = 752, 250, 22, 12, 44, 16  # pixels
_NUMBER = re.compile(r"[0-9][0-9,]*\.?[0-9]*")
_STYLE = """\
.paper { fill: #fff } text { font: 14px system-ui, sans-serif; fill: #1c2321 }
.title { font-weight: 600; font-size: 16px } .unit { fill: #59635f }
.ours { fill: #0b6e5f } .other { fill: #b9c2be }
@media (prefers-color-scheme: dark) {
.paper { fill: #131615 }
text { fill: #e7ecea } .unit { fill: #a3aeaa } .ours { fill: #3fb8a2 } .other { fill: #56615d } }"""


class Bar(NamedTuple):
    """One bar: who, how much, and whether it is ours."""

    label: str
    value: float
    ours: bool


class Chart(NamedTuple):
    """A title, what is counted, and bars; `name` is that of the file."""

    name: str
    title: str
    unit: str
    bars: tuple[Bar, ...]

    def describe(self) -> str:
        """Return the text for those who do not see the picture."""
        return f"{self.title}: " + "; ".join(f"{bar.label} {_write(bar.value)} {self.unit}" for bar in self.bars) + "."


def read_table(path: Path, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    below = path.read_text("utf-8").partition(f"\n{heading}\n")[2]
    lines = re.findall(r"(?m)(?:^\|.*\n)+", below)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not set(line) <= set("|-: ")]


def _read_number(cell: str) -> float | None:
    match = _NUMBER.match(cell)
    return float(match[0].replace(",", "")) if match else None


def draw_requests() -> Chart:
    """CPU of one request, in the same run."""
    head, *rows = read_table(ROOT / "benchmarks" / "serve.md", "## uvicorn")
    (row,) = (row for row in rows if row[0] == "4 KB identity")
    found = zip(head[1:], map(_read_number, row[1:]), strict=True)
    names = {"bare": "an application without it", "ours": "servestatic"}
    bars = [Bar(names.get(name, name), value, name == "ours") for name, value in found if value is not None]
    bars.sort(key=lambda bar: bar.value)
    return Chart("requests", "CPU of a request for a 4 KB file, uvicorn", "µs", tuple(bars))


def draw_start() -> Chart:
    """Seconds until a machine with an empty disk serves."""
    path = ROOT / "benchmarks" / "start.md"
    head, *short = read_table(path, "## In short")
    first = next(float(_NUMBER.match(row[head.index("cold")])[0]) for row in short if row[0] == "ours")  # type: ignore[index]
    _, *rows = read_table(path, "## All best codings")
    collected = next(_read_number(row[1]) for row in rows if row[0] == "WhiteNoise")
    bars = (
        Bar("servestatic", first, ours=True),
        Bar("collectstatic with WhiteNoise, first", collected or 0.0, ours=False),
    )
    return Chart("start", "Until a new machine serves 62 MB of files", "s", bars)


def draw_deploy() -> Chart:
    """Bytes that a returning visitor downloads after a deploy."""
    _, *rows = read_table(ROOT / "docs" / "how-to" / "deltas.md", "## What it saves")
    whole, deltas = (sum(_read_number(row[column]) or 0.0 for row in rows) for column in (1, 2))
    bars = (Bar("the differences", deltas / 1000, ours=True), Bar("the files, in brotli", whole / 1000, ours=False))
    return Chart("deploy", f"What a returning visitor downloads of {len(rows)} changed files", "kB", bars)


CHARTS = (draw_requests, draw_start, draw_deploy)


def render(chart: Chart) -> str:
    """Return a chart as SVG, for light and dark pages."""
    height = _TOP + len(chart.bars) * (_BAR + _GAP) + _GAP
    longest = max(bar.value for bar in chart.bars)
    space = _WIDTH - _LABEL - 142
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{_EDGE} 0 {_WIDTH} {height}" role="img" aria-label="'
        f'{escape(chart.describe())}">',
        f"<style>{_STYLE}</style>",
        # The page may be light while the system is dark, so the picture brings its own paper.
        f'<rect class="paper" x="-{_EDGE}" width="{_WIDTH}" height="{height}" rx="8"/>',
        f'<text class="title" x="0" y="24">{escape(chart.title)}</text>',
    ]
    for number, bar in enumerate(chart.bars):
        amount = f"{_write(bar.value)} {chart.unit}"
        top, length = _TOP + number * (_BAR + _GAP), max(2.0, space * bar.value / longest)
        middle = top + _BAR * 0.72
        parts += [
            f'<text x="{_LABEL - 12}" y="{middle:.1f}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect class="{"ours" if bar.ours else "other"}" x="{_LABEL}" y="{top}" width="{length:.1f}"'
            f' height="{_BAR}" rx="3"/>',
            f'<text class="unit" x="{_LABEL + length + 8:.1f}" y="{middle:.1f}">{amount}</text>',
        ]
    return "\n".join((*parts, "</svg>", ""))


def _write(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def main() -> None:
    """Write the charts."""
    FOLDER.mkdir(exist_ok=True)
    for draw in CHARTS:
        chart = draw()
        (FOLDER / f"{chart.name}.svg").write_text(render(chart), "utf-8")


if __name__ == "__main__":
    main()
