"""Which interface an application has, judged by its signature: ASGI, WSGI or RSGI."""

import sys
from collections.abc import Set as AbstractSet
from inspect import Signature, iscoroutinefunction, signature
from typing import Any

_LENIENT: dict[str, Any] = {}  # for signatures whose annotations name what only type checkers import
if sys.version_info >= (3, 14):
    from annotationlib import Format

    _LENIENT["annotation_format"] = Format.FORWARDREF

EXPECTED = {
    "asgi": "a callable of scope, receive and send",
    "wsgi": "a callable of environ and start_response",
    "rsgi": "an object with __rsgi__, or a callable of scope and protocol",
}


def possible_interfaces(application: object) -> frozenset[str]:
    """Return the interfaces that an application may have: several if its signature is ambiguous."""
    found = {"rsgi"} if hasattr(application, "__rsgi__") else set()
    if not callable(application):
        return frozenset(found)
    taken = _signature(application)
    if _accepts(taken, 3):
        found.add("asgi")  # not only coroutine functions: it may return an awaitable
    if _accepts(taken, 2):
        if not (iscoroutinefunction(application) or iscoroutinefunction(type(application).__call__)):
            found.add("wsgi")
        if taken is None or "start_response" not in taken.parameters:
            found.add("rsgi")
    return frozenset(found)


def describe(possible: AbstractSet[str]) -> str:
    """Describe the interfaces of an application, for an error: `is WSGI`."""
    return f"is {' or '.join(sorted(possible)).upper()}" if possible else "is not an application"


def check_interface(application: object, wanted: str) -> None:
    """Check the application that an adapter wraps.

    Raises:
        TypeError: its interface is not the adapter's.
    """
    possible = possible_interfaces(application)
    if wanted not in possible:
        others = " or ".join(f"servestatic.{interface}.ServeStatic" for interface in sorted(possible))
        remedy = f"Use {others}, or convert the application." if others else "Pass the application, then the files."
        raise TypeError(
            f"servestatic.{wanted}.ServeStatic expects {EXPECTED[wanted]} as its application,"
            f" but {application!r} {describe(possible)}. {remedy}"
        )


def _signature(application: Any) -> Signature | None:
    """Return the signature of a callable; None if it has none, as in extension modules."""
    try:
        return signature(application, **_LENIENT)
    except (TypeError, ValueError):
        return None


def _accepts(taken: Signature | None, count: int) -> bool:
    try:
        if taken is not None:
            taken.bind(*[None] * count)
    except TypeError:
        return False
    return True
