"""Edits of a list that is written out: an element more or less, in the layout that the list has."""

import ast
import re

from servestatic.migration.scan import Display
from servestatic.migration.source import Edit, Source

_REST_OF_LINE = re.compile(r"[ \t]*,[ \t]*(#[^\r\n]*)?(?=[\r\n])")
_COMMA = re.compile(r"\s*,[ \t]*")


def quote_like(source: Source, sample: ast.expr, text: str) -> str:
    """Quote a text as another one is quoted."""
    quote = "'" if source.text[source.span(sample)[1] - 1] == "'" else '"'
    return f"{quote}{text}{quote}"


def insert_before(source: Source, element: ast.expr, text: str, why: str) -> Edit:
    """Put a text before an element, on a line of its own if the element has one."""
    start, _ = source.outer_span(element)
    separator = f",{source.newline}{source.indent(start)}" if _begins_line(source, start) else ", "
    return Edit(start, start, quote_like(source, element, text) + separator, why)


def insert_after(source: Source, element: ast.expr, text: str, why: str) -> Edit:
    """Put a text after an element, on a line of its own if the element has one."""
    start, stop = source.outer_span(element)
    quoted = quote_like(source, element, text)
    if not _begins_line(source, start):
        return Edit(stop, stop, f", {quoted}", why)
    line = f"{source.newline}{source.indent(start)}{quoted}"
    if rest := _REST_OF_LINE.match(source.text, stop):  # behind the comment that belongs to the element
        return Edit(rest.end(), rest.end(), f"{line},", why)
    return Edit(stop, stop, f",{line}", why)


def remove(source: Source, display: Display, element: ast.expr, why: str) -> Edit:
    """Take an element out, with its line if it has one."""
    start, stop = source.outer_span(element)
    rest = _REST_OF_LINE.match(source.text, stop)
    if _begins_line(source, start) and rest:
        return Edit(*source.lines_around(start, stop), "", why)
    if comma := _COMMA.match(source.text, stop):
        return Edit(start, comma.end(), "", why)
    position = display.elts.index(element)
    if position:
        start = source.outer_span(display.elts[position - 1])[1]
    return Edit(start, stop, "", why)


def _begins_line(source: Source, start: int) -> bool:
    first = source.line_starts[source.line(start) - 1]
    return not source.text[first:start].strip()
