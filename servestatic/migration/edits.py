"""Edits of list displays and of whole statements, in the layout of the file."""

import ast
import re
from collections.abc import Iterable, Iterator

from servestatic.migration.scan import Display, bodies
from servestatic.migration.source import Removal, SourceFile, TextEdit

_COMMA_AND_COMMENT = re.compile(r"[ \t]*,[ \t]*(#[^\r\n]*)?(?=[\r\n])")
_COMMENT = re.compile(r"[ \t]*(#[^\r\n]*)?(?=[\r\n]|$)")
_COMMA = re.compile(r"\s*,[ \t]*")


def quote_like(source: SourceFile, sample: ast.expr, text: str) -> str:
    """Quote a text as the sample is quoted."""
    quote = "'" if source.text[source.span(sample)[1] - 1] == "'" else '"'
    return f"{quote}{text}{quote}"


def insert_before(source: SourceFile, element: ast.expr, text: str, why: str) -> TextEdit:
    """Insert a text before an element, on a line of its own if the element has one."""
    start, _ = source.outer_span(element)
    separator = f",{source.newline}{source.indent(start)}" if _begins_line(source, start) else ", "
    return TextEdit(start, start, quote_like(source, element, text) + separator, why)


def insert_after(source: SourceFile, element: ast.expr, text: str, why: str) -> TextEdit:
    """Insert a text after an element, on a line of its own if the element has one."""
    start, stop = source.outer_span(element)
    quoted = quote_like(source, element, text)
    if not _begins_line(source, start):
        return TextEdit(stop, stop, f", {quoted}", why)
    line = f"{source.newline}{source.indent(start)}{quoted}"
    if rest := _COMMA_AND_COMMENT.match(source.text, stop):  # after the comment of the element
        return TextEdit(rest.end(), rest.end(), f"{line},", why)
    return TextEdit(stop, stop, f",{line}", why)


def remove_element(source: SourceFile, display: Display, element: ast.expr, why: str) -> TextEdit:
    """Remove an element, with its line if it has one of its own."""
    start, stop = source.outer_span(element)
    rest = _COMMA_AND_COMMENT.match(source.text, stop)
    if _begins_line(source, start) and rest:
        return TextEdit(*source.lines_around(start, stop), "", why)
    if comma := _COMMA.match(source.text, stop):
        return TextEdit(start, comma.end(), "", why)
    position = display.elts.index(element)
    if position:
        start = source.outer_span(display.elts[position - 1])[1]
    return TextEdit(start, stop, "", why)


def _begins_line(source: SourceFile, start: int) -> bool:
    first = source.line_starts[source.line(start) - 1]
    return not source.text[first:start].strip()


# ----------------------------------------------------------------------------------------------------- statements


def replace_statement(source: SourceFile, statement: ast.stmt, text: str, why: str) -> TextEdit:
    """Replace a statement with a text that is indented for the file already."""
    return TextEdit(*source.span(statement), text, why)


def indent_lines(source: SourceFile, position: int, text: str) -> str:
    """Indent lines as at a position, with the line ends of the file."""
    return text.replace("\n", source.newline + source.indent(position))


def remove_statements(source: SourceFile, removals: Iterable[Removal]) -> Iterator[TextEdit]:
    """Remove statements; `pass` remains if a block would be empty or if the line has other statements."""
    reasons = {id(removal.statement): removal.why for removal in removals}
    for body in bodies(source.tree):
        emptied = body is not source.tree.body and all(id(statement) in reasons for statement in body)
        for statement in body:
            if id(statement) in reasons:
                keep = emptied and statement is body[-1]
                yield _remove_statement(source, statement, reasons[id(statement)], keep=keep)


def _remove_statement(source: SourceFile, statement: ast.stmt, why: str, *, keep: bool) -> TextEdit:
    start, stop = source.span(statement)
    first, past = source.lines_around(start, stop)
    alone = not source.text[first:start].strip() and _COMMENT.match(source.text, stop)
    if keep or not alone:
        return TextEdit(start, stop, "pass", why)
    return TextEdit(first, past, "", why)
