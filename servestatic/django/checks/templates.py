"""`{% static "…" %}` with a literal name, in every template of every Django engine.

Templates are compiled, not rendered: those that they include or extend are found in their own folders. Templates that
do not compile are skipped: they are for another engine, or their errors show elsewhere.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeGuard

from django.template import Engine, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import FilterExpression, Node, NodeList, Template
from django.templatetags.static import StaticNode

from servestatic.django.checks.check import Words
from servestatic.django.checks.names import is_missing, list_names, suggest

MAX_TEMPLATES = 10_000
_MAX_SIZE = 1024 * 1024  # bytes of a template; larger ones are generated


class LiteralName(NamedTuple):
    """A name as it is written in a template."""

    name: str
    template: str
    line: int


def find_missing() -> Iterator[Words]:
    """Find the literal names that no source has."""
    names = list_names()
    for literal in _literals():
        if is_missing(literal.name, names):
            position = f"{literal.template}:{literal.line}"
            yield {"name": literal.name, "position": position, "nearest": suggest(literal.name, names)}


def find_too_many() -> Iterator[Words]:
    """Find a project with too many templates to compile."""
    if sum(1 for _ in _templates()) > MAX_TEMPLATES:
        yield {"limit": MAX_TEMPLATES}


def compiled_templates() -> Iterator[Template]:
    """Yield the templates that compile."""
    for engine, name in islice(_templates(), MAX_TEMPLATES):
        try:
            template = engine.get_template(name)
        except Exception:  # noqa: BLE001, S112 - tags run any code, and what fails here fails elsewhere too
            continue
        yield template


def _literals() -> Iterator[LiteralName]:
    for template in compiled_templates():
        for node in _walk(template.nodelist):
            if _names_file(node) and (written := _constant(node.path)) is not None:
                line = node.token.lineno if node.token else None
                yield LiteralName(written, str(template.origin.name), line or 0)


def _names_file(node: Node) -> TypeGuard[StaticNode]:
    """Return whether a tag is `{% static %}`, or a subclass that makes the URL of the name as it is written.

    Some make another name of it: django CMS puts its version into the path.
    """
    cls: Any = type(node)
    base: Any = StaticNode
    return (
        isinstance(node, StaticNode)
        and cls.url is base.url
        and cls.handle_simple.__func__ is base.handle_simple.__func__
    )


def _constant(expression: FilterExpression | None) -> str | None:
    """Return the text of a constant expression; None if the value depends on the context."""
    if expression is None or expression.filters or not isinstance(expression.var, str):
        return None
    return str(expression.var)


def _templates() -> Iterator[tuple[Engine, str]]:
    """Yield the name of each template, with each engine that can load it."""
    for backend in engines.all():
        if isinstance(backend, DjangoTemplates):
            seen: set[str] = set()
            for name in _names(backend.engine.template_loaders):
                if name not in seen:
                    seen.add(name)
                    yield backend.engine, name


def _names(loaders: Iterable[object]) -> Iterator[str]:
    """List the templates of loaders: in folders, in a dictionary, or of other loaders."""
    for loader in loaders:
        yield from _names(getattr(loader, "loaders", ()))
        yield from getattr(loader, "templates_dict", ())
        for folder in loader.get_dirs() if hasattr(loader, "get_dirs") else ():
            yield from _files(os.fspath(folder))


def _files(folder: str) -> Iterator[str]:
    for directory, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(directory, file)
            if os.path.isfile(path) and os.path.getsize(path) <= _MAX_SIZE:
                yield os.path.relpath(path, folder).replace(os.sep, "/")


def _walk(nodes: NodeList) -> Iterator[Node]:
    """Yield all nodes, including those in blocks and branches, which are attributes of their tags."""
    waiting: list[object] = [nodes]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, (list, tuple, dict)):  # a NodeList is a list
            waiting += value.values() if isinstance(value, dict) else value
        elif isinstance(value, Node):
            yield value
            waiting += vars(value).values()
