"""The report as one HTML file that loads nothing: style, script, pictures and data are in it.

Every text of a report comes from files and is escaped; a policy in the page allows this script alone, by its digest.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from servestatic.cli.report.data import KINDS, Report
from servestatic.cli.report.layout import RATIO, arrange
from servestatic.cli.report.sections import SECTIONS, Section, meter, segment
from servestatic.cli.report.treemap import HEIGHT, WIDTH, draw, pack
from servestatic.cli.report.words import KIND_NAMES, amount, bytes_of, percent
from servestatic.pipeline.report import visible

__all__ = ["RATIO", "write_page"]
# What would end the script element, or a line of JavaScript.
_IN_SCRIPT = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def write_page(report: Report) -> str:
    """Return the whole page."""
    style, script, page = (_read(name) for name in ("style.css", "script.js", "page.html"))
    tree = arrange(report.files)
    data = {"kinds": KINDS, "names": ["as they are", "to download"], "tree": pack(tree)}
    parts = {
        "policy": f"default-src 'none'; img-src data:; style-src {_digest(style)}; script-src {_digest(script)}",
        "style": style,
        "script": script,
        "data": dump(data),
        "title": escape(_title(report)),
        "release": escape(report.release),
        "what": ", ".join(f"<bdi>{escape(visible(each))}</bdi>" for each in report.what),
        "sent": bytes_of(report.sent),
        "headline": _say_headline(report),
        "bars": _draw_bars(report),
        "legend": _draw_legend(report),
        "width": str(WIDTH),
        "height": str(HEIGHT),
        "treemap": draw(tree),
        "fine": _say_fine(report),
        "first": "".join(_render(each, report) for each in SECTIONS if each.first),
        "sections": "".join(_render(each, report) for each in SECTIONS if not each.first),
    }
    return Template(page).substitute(parts)


def dump(document: Any) -> str:
    """Return JSON that is safe within a script element."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).translate(_IN_SCRIPT)


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _title(report: Report) -> str:
    return f"{bytes_of(report.sent)} in {amount(len(report.files), 'file')}: {visible(', '.join(report.what))}"


def _say_headline(report: Report) -> str:
    saved = 1 - report.sent / report.size if report.size else 0
    coded = f", of {bytes_of(report.size)}: compression saves {percent(saved, 1)}" if saved > 0 else ""
    return f"{amount(len(report.files), 'file')}{coded}."


# ------------------------------------------------------------------------------------------------------------ the top


def _draw_bars(report: Report) -> str:
    shares, whole = report.kinds(), report.size
    as_it_is = _draw_bar([(share.kind, share.size) for share in shares], whole)
    sent = _draw_bar([(share.kind, share.sent) for share in shares], whole)
    return (
        f"<div><span>As they are</span>{as_it_is}<b>{bytes_of(report.size)}</b></div>"
        f"<div><span>As downloaded</span>{sent}<b>{bytes_of(report.sent)}</b></div>"
    )


def _draw_bar(parts: Iterable[tuple[str, int]], whole: int) -> str:
    at, drawn = 0, []
    for kind, length in parts:
        drawn.append(segment(f"k-{kind}", at, length, whole))
        at += length
    return f'<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">{"".join(drawn)}</svg>'


def _draw_legend(report: Report) -> str:
    return "".join(
        f'<button type="button" data-kind="{share.kind}" aria-pressed="false"><span class="swatch k-{share.kind}"></span>'
        f"{KIND_NAMES[share.kind]} <small>{bytes_of(share.sent)} of {bytes_of(share.size)}</small></button>"
        for share in report.kinds()
    )


# ----------------------------------------------------------------------------------------------------------- sections


def _say_fine(report: Report) -> str:
    """Say what is in order, in one line."""
    fine = [each.fine for each in SECTIONS if each.fine and not each.find(report)]
    return f'<p class="fine"><b>✓</b> {"; ".join(fine)}.</p>'.replace("✓</b> n", "✓</b> N") if fine else ""


def _render(section: Section, report: Report) -> str:
    found = section.find(report)
    if not found:
        return ""
    wide = " wide" if section.wide else ""
    counted = f" <small>{len(found):,}</small>" if section.counts else ""
    return (
        f'<section class="card{wide}" id="{section.name}" aria-labelledby="{section.name}-title"><header>'
        f'<h2 id="{section.name}-title">{section.title}{counted}</h2><p>{section.explain(report)}</p></header>'
        f"{section.render(report)}</section>"
    )


_ = meter
