"""Converts STATICFILES_STORAGE, which Django 5.1 and later do not read, and checks the storage in STORAGES."""

import ast
from collections.abc import Iterator, Sequence
from typing import cast

from servestatic.migration.edits import indent_lines, replace_statement
from servestatic.migration.predecessors import PATHS, STORAGE
from servestatic.migration.scan import Assigned, assignments, stores, texts
from servestatic.migration.source import Advice, Decision, Removal, SourceFile, TextEdit

FILES = "django.core.files.storage.FileSystemStorage"
_OLD = frozenset(path for path, ours in PATHS.items() if ours == STORAGE)
# Arguments of StaticFilesStorage, and so of our storage.
_OPTIONS = ("location", "base_url", "file_permissions_mode", "directory_permissions_mode", "allow_overwrite")


def convert_storages(sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, Advice]]:
    """Turn STATICFILES_STORAGE into STORAGES, add STORAGES if both are missing, and check the storage's options."""
    has_storages = any("STORAGES" in stores(source.tree) for source in sources)
    old = [(source, assigned) for source in sources for assigned in assignments(source.tree) if _is_old_style(assigned)]
    for source, assigned in old:
        yield from ((source, advice) for advice in _convert(source, assigned, sources, has_storages=has_storages))
    for source in sources:
        yield from ((source, advice) for advice in _check_storages(source))
    if not any(map(_names_storage, sources)):
        yield from _add(sources)


def _is_old_style(assigned: Assigned) -> bool:
    value = assigned.value
    return assigned.name == "STATICFILES_STORAGE" and isinstance(value, ast.Constant) and value.value in _OLD


def _names_storage(source: SourceFile) -> bool:
    return any(node.value == STORAGE or node.value in _OLD for node in texts(source.tree))


def _convert(
    source: SourceFile, assigned: Assigned, sources: Sequence[SourceFile], *, has_storages: bool
) -> Iterator[Advice]:
    start, _ = source.span(assigned.statement)
    defaults = [
        (where, other) for where in sources for other in assignments(where.tree) if other.name == "DEFAULT_FILE_STORAGE"
    ]
    if has_storages:
        yield Decision(start, "STORAGES is set too: remove this line if Django is 5.1 or later and nothing reads it.")
        return  # another rule replaces the dotted path
    default = f'"{FILES}"'
    if defaults:
        where, other = defaults[0]
        if len(defaults) > 1 or where is not source or other.body is not assigned.body:
            yield Decision(start, f"STATICFILES_STORAGE and DEFAULT_FILE_STORAGE together become STORAGES. {_BOTH}")
            return
        default = source.code(other.value)  # not indented again: a string may go over several lines
        yield Removal(other.statement, f"DEFAULT_FILE_STORAGE becomes part of STORAGES. {_BOTH}")
    text = indent_lines(source, start, _storages(_HERE)).replace(_HERE, default)
    yield replace_statement(source, assigned.statement, text, f"STATICFILES_STORAGE becomes STORAGES. {_BOTH}")


_HERE = "\0"  # occurs in no source
_BOTH = "Django 5.1 and later read STORAGES alone."


def _storages(default: str) -> str:
    lines = (
        "STORAGES = {",
        f'    "default": {{"BACKEND": {default}}},',
        f'    "staticfiles": {{"BACKEND": "{STORAGE}"}},',
        "}",
    )
    return "\n".join(lines)


def _add(sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, Advice]]:
    """Add the storage after STATIC_URL; if another storage is set, leave it to the user."""
    for source in sources:
        for assigned in assignments(source.tree):
            if assigned.name in ("STORAGES", "STATICFILES_STORAGE"):
                text = f'For fingerprinted URLs set STORAGES["staticfiles"]["BACKEND"] to "{STORAGE}".'
                yield source, Decision(source.span(assigned.statement)[0], text)
                return
    for source in sources:
        for assigned in assignments(source.tree):
            if assigned.name == "STATIC_URL":
                yield source, _add_after(source, assigned.statement)
                return
    yield sources[0], Decision(-1, f'No STATIC_URL is set here: set STORAGES["staticfiles"]["BACKEND"] to "{STORAGE}".')


def _add_after(source: SourceFile, statement: ast.stmt) -> TextEdit:
    start, stop = source.span(statement)
    block = indent_lines(source, start, _storages(f'"{FILES}"'))
    return TextEdit(
        stop, stop, source.newline + source.indent(start) + block, "The storage gives URLs their fingerprints."
    )


def _check_storages(source: SourceFile) -> Iterator[Advice]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Dict) and _backend(node) in _OLD:
            yield from _check_options(source, node)
    for assigned in assignments(source.tree):
        if assigned.name == "STORAGES" and isinstance(assigned.value, ast.Dict):
            yield from _check_default(source, assigned.value)


def _keys(node: ast.Dict) -> list[object]:
    """Return the keys; None for one that is not a constant, and for `**more`."""
    return [key.value if isinstance(key, ast.Constant) else None for key in node.keys]


def _backend(node: ast.Dict) -> object:
    pairs = dict(zip(_keys(node), node.values, strict=True))
    value = pairs.get("BACKEND")
    return value.value if isinstance(value, ast.Constant) else None


def _check_options(source: SourceFile, node: ast.Dict) -> Iterator[Advice]:
    options = dict(zip(_keys(node), node.values, strict=True)).get("OPTIONS")
    if options is None:
        return
    given = _keys(options) if isinstance(options, ast.Dict) else [None]
    if unknown := [str(key or "more") for key in given if key not in _OPTIONS]:
        text = f"OPTIONS of the storage has {', '.join(unknown)}; it takes {', '.join(_OPTIONS)}."
        yield Decision(source.span(options)[0], text)


def _check_default(source: SourceFile, node: ast.Dict) -> Iterator[Advice]:
    keys = _keys(node)
    if "staticfiles" in keys and "default" not in keys and None not in keys:
        first = cast("ast.expr", node.keys[0])
        start, _ = source.outer_span(first)
        own_line = not source.text[source.line_starts[source.line(start) - 1] : start].strip()
        separator = f",{source.newline}{source.indent(start)}" if own_line else ", "
        why = 'STORAGES replaces Django\'s whole: without "default" files cannot be uploaded.'
        yield TextEdit(start, start, f'"default": {{"BACKEND": "{FILES}"}}{separator}', why)
