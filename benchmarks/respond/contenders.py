"""The contenders: middlewares, each around an application that has nothing to do with files."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lib.middleware import (
    IMMUTABLE,
    wrap_archmonger,
    wrap_blacknoise,
    wrap_ours,
    wrap_starlette,
    wrap_whitenoise,
)
from benchmarks.respond.interfaces import Asgi, Wsgi
from benchmarks.respond.rsgi import Rsgi
from benchmarks.respond.wire import Interface


class Contender(NamedTuple):
    """A middleware that serves files.

    Attributes:
        make: from the application that is wrapped and the directory that is served.
    """

    interface: Interface
    make: Callable[[Any, str], Any]


def make_contenders(group: str, runner: asyncio.Runner) -> Mapping[str, Contender]:
    """Return ours or the peers', by their names in the report."""
    wsgi, asgi, rsgi = Wsgi(), Asgi(runner), Rsgi(runner)
    if group == "ours":
        return {
            "ASGI": Contender(asgi, _ours("asgi")),
            "WSGI": Contender(wsgi, _ours("wsgi")),
            "RSGI": Contender(rsgi, _ours("rsgi")),
        }
    return {
        "WhiteNoise, WSGI": Contender(wsgi, partial(wrap_whitenoise, immutable_file_test=IMMUTABLE)),
        "ServeStatic (Archmonger's), WSGI": Contender(wsgi, partial(wrap_archmonger, "wsgi")),
        "ServeStatic (Archmonger's), ASGI": Contender(asgi, partial(wrap_archmonger, "asgi")),
        "Starlette StaticFiles, ASGI": Contender(asgi, wrap_starlette),
        "blacknoise, ASGI": Contender(asgi, wrap_blacknoise),
    }


def _ours(interface: str) -> Callable[[Any, str], Any]:
    return lambda application, directory: wrap_ours(
        interface, application, directory, str(Path(directory).with_name("store"))
    )
