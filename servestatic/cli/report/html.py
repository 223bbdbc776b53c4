"""The report as one HTML file that loads nothing: style, script, pictures and data are in it.

Every text of a report comes from files and is escaped. A policy in the page allows its own script alone, by its digest.
"""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from servestatic.cli.report.data import KINDS, Report
from servestatic.cli.report.layout import arrange
from servestatic.cli.report.pieces import bar, name, text
from servestatic.cli.report.sections import SECTIONS, Section
from servestatic.cli.report.treemap import HEIGHT, WIDTH, draw, pack
from servestatic.cli.report.words import KIND_NAMES, amount, bytes_of, percent

# What would end the script element, or a line of JavaScript.
_IN_SCRIPT = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def write_page(report: Report) -> str:
    """Return the whole page."""
    style, script, page = map(_read, ("style.css", "script.js", "page.html"))
    tree = arrange(report.files)
    parts = {
        "policy": f"default-src 'none'; img-src data:; style-src {_digest(style)}; script-src {_digest(script)}",
        "style": style,
        "script": script,
        "data": dump({"kinds": KINDS, "names": ["as they are", "to download"], "tree": pack(tree)}),
        "title": text(f"{bytes_of(report.sent)} to download: {', '.join(report.what)}"),
        "release": escape(report.release),
        "what": ", ".join(map(name, report.what)),
        "sent": bytes_of(report.sent),
        "headline": _say_headline(report),
        "bars": _draw_bars(report),
        "legend": _draw_legend(report),
        "width": str(WIDTH),
        "height": str(HEIGHT),
        "treemap": draw(tree),
        "fine": _say_fine(report),
        "asked": "".join(_render(section, report) for section in SECTIONS if section.wide),
        "lists": "".join(_render(section, report) for section in SECTIONS if not section.wide),
    }
    return Template(page).substitute(parts)


def dump(document: Any) -> str:
    """Return JSON that is safe within a script element."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).translate(_IN_SCRIPT)


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    """Return the digest of an element's text as a content security policy has it (CSP 3 §2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _say_headline(report: Report) -> str:
    saved = percent(report.size - report.sent, report.size)
    coded = f", {bytes_of(report.size)} as they are. Compression saves {saved}" if report.sent < report.size else ""
    return f"{amount(len(report.files), 'file')}{coded}."


def _draw_bars(report: Report) -> str:
    shares = report.kinds()
    as_they_are = [(f"k-{share.kind}", share.size) for share in shares]
    downloaded = [(f"k-{share.kind}", share.sent) for share in shares]
    bars = (("As they are", as_they_are, report.size), ("As downloaded", downloaded, report.sent))
    return "".join(
        f"<div><span>{label}</span>{bar('kinds', parts, report.size)}<b>{bytes_of(length)}</b></div>"
        for label, parts, length in bars
    )


def _draw_legend(report: Report) -> str:
    return "".join(
        f'<button type="button" data-kind="{share.kind}" aria-pressed="false"><i class="swatch k-{share.kind}"></i>'
        f"{KIND_NAMES[share.kind]} <small>{bytes_of(share.sent)} of {bytes_of(share.size)}</small></button>"
        for share in report.kinds()
    )


def _say_fine(report: Report) -> str:
    """Return what is in order, as one line."""
    fine = "; ".join(section.fine for section in SECTIONS if section.fine and not section.find(report))
    return f'<p class="fine"><b>✓</b> {fine[0].upper()}{fine[1:]}.</p>' if fine else ""


def _render(section: Section, report: Report) -> str:
    found = section.find(report)
    if not found:
        return ""
    counted = f" <small>{len(found):,}</small>" if section.fine else ""
    return (
        f'<section class="card" id="{section.name}" aria-labelledby="{section.name}-title"><header>'
        f'<h2 id="{section.name}-title">{section.title}{counted}</h2><p>{section.explain(report)}</p></header>'
        f"{section.draw(report)}</section>"
    )
