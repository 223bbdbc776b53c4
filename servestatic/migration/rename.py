"""Converts the settings that have another name or form here, and removes those that are not needed."""

import ast
import json
from collections.abc import Callable, Iterable, Iterator

from servestatic.assets.media_types import media_type
from servestatic.migration.edits import indent_lines, replace_statement
from servestatic.migration.predecessors import BY_NAME, UNKNOWN, WHITENOISE, Became
from servestatic.migration.scan import Assigned, assignments
from servestatic.migration.source import Advice, Decision, Removal, SourceFile, TextEdit

# Types of values that a setting of the same name had, and has no more.
_UNFIT: dict[str, tuple[type, ...]] = {"index file": (bool, type(None)), "paths": (bool, type(None))}
_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Constant, ast.Subscript)


def rename_settings(source: SourceFile, used: Iterable[str]) -> Iterator[Advice]:
    """Convert the settings of a file; a setting that other code reads is left to the user."""
    used, simple = frozenset(used), set()
    for assigned in assignments(source.tree):
        simple.add(id(assigned.target))
        became = BY_NAME.get(assigned.name)
        start, _ = source.span(assigned.statement)
        if became is None:
            if assigned.name.startswith(WHITENOISE):
                yield Decision(start, f"{assigned.name} is no setting of WhiteNoise 6. Remove it if nothing reads it.")
        elif _is_ours_already(assigned, became):
            continue
        elif assigned.name in used:
            yield Decision(start, f"{assigned.name} is read by other code too. {became.why}")
        else:
            yield from _convert(source, assigned, became)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in simple:
            yield from _report(source, node)


def _report(source: SourceFile, node: ast.Name) -> Iterator[Advice]:
    """Report a setting in `A = B = value`, `A, B = values` or `A += value`."""
    became = BY_NAME.get(node.id)
    if became and node.id != became.ours:
        yield Decision(source.span(node)[0], f"{node.id} is not set on its own. {became.why}")


def _is_ours_already(assigned: Assigned, became: Became) -> bool:
    """Return whether a setting has its present name, and a value that fits it."""
    return assigned.name == became.ours and not isinstance(_value(assigned.value), _UNFIT.get(became.how, ()))


def _convert(source: SourceFile, assigned: Assigned, became: Became) -> Iterator[Advice]:
    start, _ = source.span(assigned.statement)
    value = _value(assigned.value)
    if became.loses(value):
        yield Decision(start, f"{assigned.name} = {_short(source.code(assigned.value))}: {became.why}")
        if became.how != "drop":
            return
    why = f"{assigned.name}: {became.why}"
    if became.how == "same":
        yield TextEdit(*source.span(assigned.target), became.ours, why)
        return
    text = _CONVERTERS[became.how](source, assigned.value)
    if text is UNSUITABLE:
        yield Decision(start, f"{assigned.name} = {_short(source.code(assigned.value))}: {became.why}")
    elif text:
        if became.how == "media types":
            text = indent_lines(source, start, text)
        yield replace_statement(source, assigned.statement, f"{became.ours} = {text}", why)
    else:
        yield Removal(assigned.statement, why)


UNSUITABLE = "?"


def _value(node: ast.expr) -> object:
    """Return the value of a constant or of a dict of constants, else `UNKNOWN`."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return UNKNOWN


def _short(code: str) -> str:
    line = " ".join(code.split())
    return line if len(line) <= 60 else f"{line[:57]}…"


def _drop(_: SourceFile, __: ast.expr) -> str:
    return ""


def _cors(source: SourceFile, node: ast.expr) -> str:
    value = _value(node)
    if value is UNKNOWN:
        return f'"all" if {_condition(source, node)} else "off"'
    return "" if value else '"off"'


def _links(source: SourceFile, node: ast.expr) -> str:
    value = _value(node)
    if value is UNKNOWN:
        return f'"all" if {_condition(source, node)} else "inside"'
    return '"all"' if value else ""


def _condition(source: SourceFile, node: ast.expr) -> str:
    """Return the text of an expression as the condition of another one."""
    code = source.code(node)
    alone = isinstance(node, _ATOMS) or code != source.text[slice(*source.span(node))]  # or has parentheses
    return code if alone else f"({code})"


def _index_file(source: SourceFile, node: ast.expr) -> str:
    value = _value(node)
    return '"index.html"' if value is True else source.code(node) if value else ""


def _paths(source: SourceFile, node: ast.expr) -> str:
    return source.code(node) if _value(node) else ""


def _media_types(_: SourceFile, node: ast.expr) -> str:
    """Return the table of fields, without the media types that are known already."""
    value = _value(node)
    if not value:
        return ""
    if not isinstance(value, dict) or not all(_is_media_type(*pair) for pair in value.items()):
        return UNSUITABLE
    lines = [
        f'    {json.dumps(f"*{key}" if key.startswith(".") else key)}: {{"Content-Type": {json.dumps(essence)}}},'
        for key, essence in value.items()
        if media_type(f"a{key}" if key.startswith(".") else key).essence != essence
    ]
    return "\n".join(("{", *lines, "}")) if lines else ""


def _is_media_type(key: object, essence: object) -> bool:
    return isinstance(key, str) and isinstance(essence, str) and "/" not in key and "/" in essence


_CONVERTERS: dict[str, Callable[[SourceFile, ast.expr], str]] = {
    "drop": _drop,
    "ask": _drop,
    "cors": _cors,
    "index file": _index_file,
    "links": _links,
    "media types": _media_types,
    "paths": _paths,
}
