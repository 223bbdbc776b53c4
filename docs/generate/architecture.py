"""The picture docs/_static/architecture.svg: the folders of the package, what they answer, and what flows between them.

`python -m docs.generate.architecture` writes it. Questions are those of the table in docs/explanation/architecture.md.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "_static" / "architecture.svg"
PAGE = ROOT / "docs" / "explanation" / "architecture.md"
_WIDTH, _EDGE, _GAP, _HEIGHT, _LINE = 968, 20, 28, 116, 18  # pixels; height is that of a box
_LETTER = 6.9  # pixels: what a letter takes on average in the widest usual font
_STYLE = """\
.paper { fill: #fff } text { font: 13px system-ui, sans-serif; fill: #1c2321 }
.name { font-weight: 600; font-size: 15px } .band { font-weight: 600; fill: #59635f; letter-spacing: .04em }
.question { fill: #59635f; font-style: italic } .badge { font-size: 11px; fill: #0b6e5f; font-weight: 600 }
.box { fill: #f6f8f7; stroke: #b9c2be } .pure { fill: #e6f4f1; stroke: #0b6e5f }
.flow { fill: none; stroke: #0b6e5f; stroke-width: 2 } .tip { fill: #0b6e5f }
@media (prefers-color-scheme: dark) {
.paper { fill: #131615 } text { fill: #e7ecea } .band, .question { fill: #a3aeaa } .badge { fill: #5fd3bc }
.box { fill: #1c211f; stroke: #56615d } .pure { fill: #12312c; stroke: #3fb8a2 }
.flow { stroke: #3fb8a2 } .tip { fill: #3fb8a2 } }"""


class Box(NamedTuple):
    """A folder: its question, what is in it, whether it is pure, and how many columns wide it is."""

    name: str
    question: str
    parts: str = ""
    pure: bool = False
    span: int = 1


class Band(NamedTuple):
    """A row of boxes, and the columns that it has."""

    title: str
    columns: int
    boxes: tuple[Box, ...]


BANDS = (
    Band(
        "BUILD: once, when the application starts; factory.py puts the parts together",
        4,
        (
            Box("settings/", "what did the user say?", "one dataclass, five origins"),
            Box("sources/", "where do files come from?", "Directory, Package, File"),
            Box("pipeline/", "how do sources become a release?", "merge, read, link, name, pack"),
            Box("releases/", "what did a collection make?", "Release, Catalog; format/"),
        ),
    ),
    Band(
        "SERVE: each request",
        4,
        (
            Box("asgi wsgi rsgi", "adapters: they send", "fields in, bytes out"),
            Box(
                "serving/",
                "what does a URL offer now?",
                "all state: Index, Resources, deliver; compression/",
                span=2,
            ),
            Box("http/", "what does HTTP answer?", "respond(Resource, Request)", pure=True),
        ),
    ),
    Band(
        "BELOW BOTH",
        4,
        (
            Box("assets/", "what do files become?", "fingerprints; references/", pure=True),
            Box("disk/", "what is in a file, and is it still that file?"),
            Box("store/", "what took time to make?", "compressed, rewritten bytes"),
            Box("runtime/", "how does work run beside requests, and what does it log?"),
        ),
    ),
    Band(
        "AROUND THEM: what people name",
        5,
        (
            Box("django/", "Django", "middleware, storage, finders; checks/"),
            Box("frameworks/", "what do the entrances share?", "flask, starlette, …"),
            Box("standalone/", "what does a folder alone serve?", "servestatic:app"),
            Box("cli/", "the servestatic command", "serve, build, report"),
            Box("migration/", "what were the settings of the predecessors?"),
        ),
    ),
)
_PITCH = _HEIGHT + 46  # from one band to the next


def describe() -> str:
    """Return the text for those who do not see the picture."""
    titles = (band.title.partition(":")[0].capitalize() for band in BANDS)
    bands = (f"{title}: {', '.join(box.name for box in band.boxes)}" for title, band in zip(titles, BANDS, strict=True))
    flows = "Files flow from sources/ through pipeline/ into releases/, from where serving/ takes them;"
    return f"{flows} adapters ask serving/, which asks http/. {'. '.join(bands)}."


def render() -> str:
    """Return the picture as SVG, for light and dark pages."""
    height = len(BANDS) * _PITCH + _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(describe())}">',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto-start-reverse" '
        'markerUnits="userSpaceOnUse"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="8"/>',
    ]
    for number, band in enumerate(BANDS):
        top = number * _PITCH + 40
        parts.append(f'<text class="band" x="{_EDGE}" y="{top - 12}">{escape(band.title)}</text>')
        column = 0
        for box in band.boxes:
            parts.append(_render_box(box, *place_box(band, column, box.span), top))
            column += box.span
    return "\n".join((*parts, *_render_flows(), "</svg>", ""))


def place_box(band: Band, column: int, span: int) -> tuple[float, float]:
    """Return the left edge and the width of a box."""
    pitch = (_WIDTH - 2 * _EDGE + _GAP) / band.columns
    return _EDGE + column * pitch, span * pitch - _GAP


def lay_out(box: Box, width: float) -> list[tuple[str, str]]:
    """Break the texts of a box into lines, each with its kind."""
    room = int((width - 24) / _LETTER)
    texts = {"question": box.question, "parts": box.parts}
    return [(kind, line) for kind, text in texts.items() for line in wrap(text, room)]


def _render_box(box: Box, left: float, width: float, top: int) -> str:
    texts = "".join(
        f'<text class="{kind}" x="{left + 12:g}" y="{top + 48 + number * _LINE}">{escape(line)}</text>'
        for number, (kind, line) in enumerate(lay_out(box, width))
    )
    badge = f'<text class="badge" x="{left + width - 12:g}" y="{top + 25}" text-anchor="end">pure</text>'
    return (
        f'<rect class="{"pure" if box.pure else "box"}" x="{left:g}" y="{top}" width="{width:g}"'
        f' height="{_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{left + 12:g}" y="{top + 26}">{escape(box.name)}</text>{badge if box.pure else ""}'
        f"{texts}"
    )


def _render_flows() -> list[str]:
    """Draw the arrows: along the first two bands, and from releases/ down to serving/."""
    edges = [place_box(BANDS[0], column, 1)[0] for column in range(4)]
    first, second = 40 + _HEIGHT // 2, 40 + _PITCH + _HEIGHT // 2
    across = "M{0:g} {1}h{2}"
    one_way = [across.format(edge - _GAP, first, _GAP - 1) for edge in edges[1:]]
    both_ways = [across.format(edge - _GAP + 1, second, _GAP - 2) for edge in (edges[1], edges[3])]
    down = f"M{edges[3] + 40:g} {40 + _HEIGHT}v20H{edges[3] - 60:g}V{40 + _PITCH - 1}"
    end = ' marker-end="url(#tip)"'
    return [f'<path class="flow" d="{path}"{end}/>' for path in (*one_way, down)] + [
        f'<path class="flow" d="{path}" marker-start="url(#tip)"{end}/>' for path in both_ways
    ]


if __name__ == "__main__":
    PICTURE.write_text(render(), "utf-8")
