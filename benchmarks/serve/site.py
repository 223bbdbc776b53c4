"""What a server is given: the factory of an interface makes the contender that SITE_CONTENDER names.

Environment: SITE_CONTENDER; SITE_FILES, the directory that is served; SITE_STORE, ours; SITE_PREPARED, where prepared
answers are; SITE_PROFILE, to be profiled. Peers are imported by name: one of them has the name of our own package.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.serve import bare, profiles

IMMUTABLE = r"\.[0-9a-f]{12}\."


def make_asgi() -> Any:
    """Make an ASGI application."""
    name = os.environ["SITE_CONTENDER"]
    made = _django().make_asgi(name) if name.startswith("django") else _ASGI[name]()
    return profiles.profile_asgi(made) if "SITE_PROFILE" in os.environ else made


def make_wsgi() -> Any:
    """Make a WSGI application."""
    name = os.environ["SITE_CONTENDER"]
    made = _django().make_wsgi(name) if name.startswith("django") else _WSGI[name]()
    return profiles.profile_wsgi(made) if "SITE_PROFILE" in os.environ else made


def make_rsgi() -> Any:
    """Make an RSGI application."""
    made = _RSGI[os.environ["SITE_CONTENDER"]]()
    return profiles.profile_rsgi(made) if "SITE_PROFILE" in os.environ else made


def _django() -> Any:
    return import_module("benchmarks.serve.project")


def _ours(interface: str, application: Callable[[], Any]) -> Any:
    index = import_module("servestatic").collect(
        os.environ["SITE_FILES"], store=os.environ["SITE_STORE"], compress="startup"
    )
    return import_module(f"servestatic.{interface}").ServeStatic(application(), index)


def _whitenoise() -> Any:
    made = import_module("whitenoise").WhiteNoise
    return made(bare.make_wsgi(), os.environ["SITE_FILES"], prefix="static/", immutable_file_test=IMMUTABLE)


def _archmonger(name: str, application: Callable[[], Any]) -> Any:
    made = getattr(import_module("servestatic"), name)
    return made(application(), os.environ["SITE_FILES"], prefix="static/", immutable_file_test=IMMUTABLE)


def _starlette() -> Any:
    routing = import_module("starlette.routing")
    files = import_module("starlette.staticfiles").StaticFiles(directory=os.environ["SITE_FILES"])
    return routing.Router([routing.Mount("/static", files), routing.Mount("/", bare.make_asgi())])


def _blacknoise() -> Any:
    made = import_module("blacknoise").BlackNoise(bare.make_asgi())
    made.add(os.environ["SITE_FILES"], "/static")
    return made


_ASGI: dict[str, Callable[[], Any]] = {
    "bare": bare.make_asgi,
    "ours": lambda: _ours("asgi", bare.make_asgi),
    "archmonger": lambda: _archmonger("ServeStaticASGI", bare.make_asgi),
    "starlette": _starlette,
    "blacknoise": _blacknoise,
}
_WSGI: dict[str, Callable[[], Any]] = {
    "bare": bare.make_wsgi,
    "ours": lambda: _ours("wsgi", bare.make_wsgi),
    "whitenoise": _whitenoise,
    "archmonger": lambda: _archmonger("ServeStatic", bare.make_wsgi),
}
_RSGI: dict[str, Callable[[], Any]] = {
    "bare": bare.Rsgi,
    "ours": lambda: _ours("rsgi", bare.Rsgi),
}
