"""Walks over a syntax tree: assignments with their blocks, string constants, displays, names."""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

Body: TypeAlias = list[ast.stmt]
Display: TypeAlias = ast.List | ast.Tuple | ast.Set


class Assigned(NamedTuple):
    """A statement that assigns to a setting, with the block that it is in."""

    name: str
    target: ast.Name
    value: ast.expr
    statement: ast.stmt
    body: Body


def bodies(tree: ast.AST) -> Iterator[Body]:
    """Yield every block of statements."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield block


def assignments(tree: ast.AST) -> Iterator[Assigned]:
    """Yield the statements `NAME = value`, in all blocks."""
    for body in bodies(tree):
        for statement in body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target, value = statement.targets[0], statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                target, value = statement.target, statement.value
            else:
                continue
            if isinstance(target, ast.Name):
                yield Assigned(target.id, target, value, statement, body)


def stores(tree: ast.AST) -> Iterator[str]:
    """Yield the names that are assigned to, wholly or in part (`STORAGES["staticfiles"] = …`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            yield node.value.id


def uses(tree: ast.AST) -> Iterator[str]:
    """Yield the names that are read: variables and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the string constants, except the parts of f-strings, whose positions Python does not give exactly."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node


def displays(tree: ast.AST) -> Iterator[Display]:
    """Yield every list, tuple and set display."""
    return (node for node in ast.walk(tree) if isinstance(node, Display))


def within_setting(tree: ast.AST, suffix: str) -> Iterator[ast.expr]:
    """Yield the values that are assigned to settings with this suffix, or passed to their methods."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets, values = node.targets, [node.value]
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            targets, values = [node.target], [node.value] if node.value else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            targets, values = [node.func.value], node.args
        else:
            continue
        if any(isinstance(target, ast.Name) and target.id.endswith(suffix) for target in targets):
            yield from values


def named(elements: Iterable[ast.expr], *values: str) -> ast.Constant | None:
    """Return the first element that is one of these strings."""
    return next(
        (element for element in elements if isinstance(element, ast.Constant) and element.value in values), None
    )
