"""The documentation's pages: their blocks, links and headings, as Markdown has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    (page for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")) if "_build" not in page.parts),
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
_BLOCK = re.compile(
    r"^(?P<fence>```+)(?P<language>\S*)[^\n]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """A fenced block: its language, and the line of the page that it begins at."""

    language: str
    text: str
    line: int


def place(page: Path) -> str:
    """Name a page as tests name it."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    text = page.read_text("utf-8")
    for match in _BLOCK.finditer(text):
        yield Block(match["language"], match["text"], text.count("\n", 0, match.start()) + 1)


def prose(page: Path) -> str:
    """Return a page without its blocks and code."""
    return re.sub(r"`[^`\n]+`", "`", _BLOCK.sub("", page.read_text("utf-8")))


def links(page: Path) -> Iterator[str]:
    """Yield the targets of a page's links."""
    yield from re.findall(r"\]\(<?([^)\s>]+)>?\)", prose(page))


def anchors(page: Path) -> set[str]:
    """Return the anchors that code hosts, and the site, give the headings of a page."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ +(.*?)\s*$", _BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug if not number else f"{slug}-{number}" for slug, last in found.items() for number in range(last + 1)}
