"""The contenders' middlewares around an application, with their defaults.

Each is imported by name where it is made: in the peers' environment, `servestatic` is one of them.
"""

from importlib import import_module
from typing import Any

IMMUTABLE = r"\.[0-9a-f]{12}\."  # a fingerprinted name


def wrap_ours(interface: str, application: Any, directory: str, store: str) -> Any:
    """Collect the directory, make all codings, and serve it."""
    index = import_module("servestatic").collect(directory, store=store, compress="startup")
    return import_module(f"servestatic.{interface}").ServeStatic(application, index)


def wrap_whitenoise(application: Any, directory: str, **options: Any) -> Any:
    """Serve what collectstatic left, by WSGI."""
    return import_module("whitenoise").WhiteNoise(application, directory, prefix="static/", **options)


def wrap_archmonger(interface: str, application: Any, directory: str, **options: Any) -> Any:
    """Serve what collectstatic left, by WSGI or ASGI."""
    name = {"wsgi": "ServeStatic", "asgi": "ServeStaticASGI"}[interface]
    return getattr(import_module("servestatic"), name)(application, directory, prefix="static/", **options)


def wrap_starlette(application: Any, directory: str) -> Any:
    """Serve a directory, by ASGI."""
    routing = import_module("starlette.routing")
    files = import_module("starlette.staticfiles").StaticFiles(directory=directory)
    return routing.Router([routing.Mount("/static", files), routing.Mount("/", application)])


def wrap_blacknoise(application: Any, directory: str) -> Any:
    """Serve what collectstatic left, by ASGI."""
    made = import_module("blacknoise").BlackNoise(application)
    made.add(directory, "/static")
    return made
