"""A template loader: scripts and stylesheets that templates name by `{% static %}` get integrity, the admin's too."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.template import Origin
from django.template.loaders import cached

_TAG = r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}"
# What Django does not render comes first, so that the elements in it are not found.
_ELEMENT = re.compile(
    r"\{%\s*verbatim\b.*?\{%\s*endverbatim|\{%\s*comment\b.*?\{%\s*endcomment|\{#.*?#\}"
    rf"|<(?P<kind>script|link)\b(?>{_TAG}|[^>])*+>",
    re.IGNORECASE | re.DOTALL,
)
_SOURCE = re.compile(
    rf"""\s(?:src|href)\s*=\s*(?:"((?>{_TAG}|[^"])*+)"|'((?>{_TAG}|[^'])*+)'|((?>{_TAG}|[^\s>"'])++))""",
    re.IGNORECASE | re.DOTALL,
)
_STATIC = re.compile(r"\{%\s*static\s+(?P<name>\S+)\s*%\}\Z")


class Element(NamedTuple):
    """A script or stylesheet without integrity in the text of a template.

    Attributes:
        end: where more attributes can be written.
        value: its `src` or `href`, as it is written.
        name: what its `{% static %}` has, with its quotes; empty if the value is something else.
        is_script: whether it is a script.
        line: in which it begins.
    """

    end: int
    value: str
    name: str
    is_script: bool
    line: int


class Loader(cached.Loader):
    """Put it in the place of django.template.loaders.cached.Loader: it caches, and takes the same list of loaders."""

    def get_contents(self, origin: Origin) -> str:
        """Return the text of a template, with integrity."""
        return add_integrity(super().get_contents(origin))


def add_integrity(text: str) -> str:
    """Write `{% static_integrity_attr %}` into each script and stylesheet that a `{% static %}` alone names."""
    parts, done = [], 0
    for element in find_elements(text):
        if element.name:
            added = f" {{% load static_integrity_attr from servestatic %}}{{% static_integrity_attr {element.name} %}}"
            parts += [text[done : element.end], added]
            done = element.end
    return "".join((*parts, text[done:]))


def find_elements(text: str) -> Iterator[Element]:
    """Find the scripts with `src` and the stylesheets that have no integrity, not even from another tag."""
    for match in _ELEMENT.finditer(text):
        written, is_script = match[0], (match["kind"] or "").lower() == "script"
        source = _SOURCE.search(written) if is_script or (match["kind"] and "stylesheet" in written) else None
        if source and "integrity" not in written and "sri_" not in written:
            value = next(filter(None, source.groups()), "")
            static = _STATIC.match(value)
            line = text.count("\n", 0, match.start()) + 1
            yield Element(match.start() + source.end(), value, static["name"] if static else "", is_script, line)
