"""Where a template asks for a file: said in a warning, looked for only then."""

import inspect

from django.template import Node

_DEEPEST = 40  # calls; from a tag to the storage they are 4, through a form's media about 12


def find_place() -> str:
    """Return ` (Asked for in home.html, line 3.)` for the innermost template tag that is being rendered, or nothing."""
    frame = inspect.currentframe()
    for _ in range(_DEEPEST):
        if frame is None:
            break
        node = frame.f_locals.get("self")
        if isinstance(node, Node):
            token, origin = getattr(node, "token", None), getattr(node, "origin", None)  # the parser's, if it made it
            return (
                f" (Asked for in {origin}, line {token.lineno}.)" if token and origin and origin.template_name else ""
            )
        frame = frame.f_back
    return ""
