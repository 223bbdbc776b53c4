"""Who answers: the middlewares, each around an application that has nothing to do with files.

Ours and the peers' run in different environments, so each imports its own where it is made.
"""

import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.respond.interfaces import Asgi, Rsgi, Wsgi
from benchmarks.respond.wire import Interface


class Contender(NamedTuple):
    """A middleware that serves files.

    Attributes:
        make: from the application that is wrapped and the directory that is served.
    """

    interface: Interface
    make: Callable[[Any, str], Any]


def make_contenders(group: str, runner: asyncio.Runner) -> Mapping[str, Contender]:
    """Return ours or the peers', by the name that the report gives them."""
    wsgi, asgi, rsgi = Wsgi(), Asgi(runner), Rsgi(runner)
    if group == "ours":
        return {
            "ASGI": Contender(asgi, _ours("asgi")),
            "WSGI": Contender(wsgi, _ours("wsgi")),
            "RSGI": Contender(rsgi, _ours("rsgi")),
        }
    return {
        "WhiteNoise, WSGI": Contender(wsgi, _whitenoise),
        "ServeStatic (Archmonger's), WSGI": Contender(wsgi, _serve_static("ServeStatic")),
        "ServeStatic (Archmonger's), ASGI": Contender(asgi, _serve_static("ServeStaticASGI")),
        "Starlette StaticFiles, ASGI": Contender(asgi, _starlette),
        "blacknoise, ASGI": Contender(asgi, _blacknoise),
    }


def _ours(interface: str) -> Callable[[Any, str], Any]:
    def make(application: Any, directory: str) -> Any:
        store = str(Path(directory).with_name("store"))
        index = import_module("servestatic").collect(directory, store=store, compress="startup")
        return import_module(f"servestatic.{interface}").ServeStatic(application, index)

    return make


# Peers are imported by name: one of them has the name of our own package.


def _whitenoise(application: Any, directory: str) -> Any:
    return import_module("whitenoise").WhiteNoise(
        application, directory, prefix="static/", immutable_file_test=r"\.[0-9a-f]{12}\."
    )


def _serve_static(name: str) -> Callable[[Any, str], Any]:
    def make(application: Any, directory: str) -> Any:
        return getattr(import_module("servestatic"), name)(application, directory, prefix="static/")

    return make


def _starlette(application: Any, directory: str) -> Any:
    routing = import_module("starlette.routing")
    files = import_module("starlette.staticfiles").StaticFiles(directory=directory)
    return routing.Router([routing.Mount("/static", files), routing.Mount("/", application)])


def _blacknoise(application: Any, directory: str) -> Any:
    made = import_module("blacknoise").BlackNoise(application)
    made.add(directory, "/static")
    return made
