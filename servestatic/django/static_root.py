"""When a storage means STATIC_ROOT alone: while it writes there, and for collectstatic in all of its forms."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_COMMAND = "django.contrib.staticfiles.management.commands.collectstatic"

_alone: ContextVar[bool] = ContextVar("servestatic: STATIC_ROOT alone", default=False)


@contextmanager
def static_root_alone() -> Iterator[None]:
    """Leave the index out of what the storage does."""
    token = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(token)


def is_static_root_alone() -> bool:
    """Return whether the caller writes to STATIC_ROOT, or a collectstatic command has called it.

    collectstatic removes what it finds at a storage's paths, so it must never be given those of sources. It may be a
    subclass of any name, in a thread of its own; as long as its module is not imported, there is none.
    """
    return _alone.get() or (_COMMAND in sys.modules and _is_called_by_command())


def _is_called_by_command() -> bool:
    command = sys.modules[_COMMAND].Command
    frame = inspect.currentframe()
    while frame is not None:
        if isinstance(frame.f_locals.get("self"), command):
            return True
        frame = frame.f_back
    return False
