"""`{% static "…" %}` with a literal name, in every template of every Django engine.

Templates are compiled, not rendered: what they include or extend is a template of its own, found in its own folder. One
that does not compile is left out: it is for another engine, or its errors show elsewhere.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from django.template import Engine, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import FilterExpression, Node, NodeList
from django.templatetags.static import StaticNode

from servestatic.django.checks.finding import Finding
from servestatic.django.checks.names import is_missing, list_names, suggest

MOST_TEMPLATES = 10_000
_LARGEST = 1024 * 1024  # bytes of a template; what is larger was generated


class Literal(NamedTuple):
    """A name as it is written in a template."""

    name: str
    template: str
    line: int


def find_missing() -> Iterator[Finding]:
    """Find literal names that no source has."""
    names = list_names()
    for literal in _literals():
        if is_missing(literal.name, names):
            place = f"{literal.template}:{literal.line}"
            yield {"name": literal.name, "place": place, "nearest": suggest(literal.name, names)}


def find_too_many() -> Iterator[Finding]:
    """Find a project whose templates are too many to look at."""
    if sum(1 for _ in _templates()) > MOST_TEMPLATES:
        yield {"most": MOST_TEMPLATES}


def _literals() -> Iterator[Literal]:
    for engine, name in islice(_templates(), MOST_TEMPLATES):
        try:
            template = engine.get_template(name)
        except Exception:  # noqa: BLE001, S112 - tags are anybody's code, and what fails here fails elsewhere too
            continue
        for node in _walk(template.nodelist):
            if isinstance(node, StaticNode) and (written := _constant(node.path)) is not None:
                line = node.token.lineno if node.token else None
                yield Literal(written, str(template.origin.name), line or 0)


def _constant(expression: FilterExpression | None) -> str | None:
    """Return the text that an expression always is; None if that depends on the context."""
    if expression is None or expression.filters or not isinstance(expression.var, str):
        return None
    return str(expression.var)


def _templates() -> Iterator[tuple[Engine, str]]:
    """Yield the name of each template, once for each engine that can load it."""
    for backend in engines.all():
        if isinstance(backend, DjangoTemplates):
            seen: set[str] = set()
            for name in _names(backend.engine.template_loaders):
                if name not in seen:
                    seen.add(name)
                    yield backend.engine, name


def _names(loaders: Iterable[object]) -> Iterator[str]:
    """List what loaders can load: from their folders, from a dictionary, or through other loaders."""
    for loader in loaders:
        yield from _names(getattr(loader, "loaders", ()))
        yield from getattr(loader, "templates_dict", ())
        for folder in loader.get_dirs() if hasattr(loader, "get_dirs") else ():
            yield from _files(os.fspath(folder))


def _files(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(place, file)
            if os.path.isfile(path) and os.path.getsize(path) <= _LARGEST:
                yield os.path.relpath(path, folder).replace(os.sep, "/")


def _walk(nodes: NodeList) -> Iterator[Node]:
    """Yield all nodes, in blocks and branches too: a tag's lists of nodes are among its attributes."""
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
