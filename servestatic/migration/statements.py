"""Edits of whole statements: taken out with their lines, or replaced; a block is never left empty."""

import ast
import re
from collections.abc import Iterable, Iterator

from servestatic.migration.scan import bodies
from servestatic.migration.source import Edit, Removal, Source

_REST_OF_LINE = re.compile(r"[ \t]*(#[^\r\n]*)?(?=[\r\n]|$)")


def replace(source: Source, statement: ast.stmt, text: str, why: str) -> Edit:
    """Replace a statement by a text, of which every line is as it should be in the file."""
    return Edit(*source.span(statement), text, why)


def indented(source: Source, position: int, text: str) -> str:
    """Write lines as they stand at a position: its indentation, the file's line ends."""
    return text.replace("\n", source.newline + source.indent(position))


def remove_all(source: Source, removals: Iterable[Removal]) -> Iterator[Edit]:
    """Take statements out; where a block would be empty, or a line has several, `pass` takes the place."""
    reasons = {id(each.statement): each.why for each in removals}
    for body in bodies(source.tree):
        emptied = body is not source.tree.body and all(id(each) in reasons for each in body)
        for statement in body:
            if id(statement) in reasons:
                keep = emptied and statement is body[-1]
                yield _remove(source, statement, reasons[id(statement)], keep=keep)


def _remove(source: Source, statement: ast.stmt, why: str, *, keep: bool) -> Edit:
    start, stop = source.span(statement)
    first, past = source.lines_around(start, stop)
    alone = not source.text[first:start].strip() and _REST_OF_LINE.match(source.text, stop)
    if keep or not alone:
        return Edit(start, stop, "pass", why)
    return Edit(first, past, "", why)
