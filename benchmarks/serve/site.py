"""The factories that servers call: they make the contender that SITE_CONTENDER names.

Environment: SITE_CONTENDER; SITE_FILES, the directory that is served; SITE_STORE, ours; SITE_REPLIES, the directory of
the replies; SITE_PROFILE, to be profiled.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.lib.middleware import (
    IMMUTABLE,
    wrap_archmonger,
    wrap_blacknoise,
    wrap_ours,
    wrap_starlette,
    wrap_whitenoise,
)
from benchmarks.serve import bare, profiler


def make_asgi() -> Any:
    """Make an ASGI application."""
    name = os.environ["SITE_CONTENDER"]
    made = _django().make_asgi(name) if name.startswith("django") else _ASGI[name]()
    return profiler.profile_asgi(made) if "SITE_PROFILE" in os.environ else made


def make_wsgi() -> Any:
    """Make a WSGI application."""
    name = os.environ["SITE_CONTENDER"]
    made = _django().make_wsgi(name) if name.startswith("django") else _WSGI[name]()
    return profiler.profile_wsgi(made) if "SITE_PROFILE" in os.environ else made


def make_rsgi() -> Any:
    """Make an RSGI application."""
    made = _RSGI[os.environ["SITE_CONTENDER"]]()
    return profiler.profile_rsgi(made) if "SITE_PROFILE" in os.environ else made


def _django() -> Any:
    return import_module("benchmarks.serve.project")


_FILES, _STORE = os.environ.get("SITE_FILES", ""), os.environ.get("SITE_STORE", "")
_ASGI: dict[str, Callable[[], Any]] = {
    "bare": bare.make_asgi,
    "ours": lambda: wrap_ours("asgi", bare.make_asgi(), _FILES, _STORE),
    "archmonger": lambda: wrap_archmonger("asgi", bare.make_asgi(), _FILES, immutable_file_test=IMMUTABLE),
    "starlette": lambda: wrap_starlette(bare.make_asgi(), _FILES),
    "blacknoise": lambda: wrap_blacknoise(bare.make_asgi(), _FILES),
}
_WSGI: dict[str, Callable[[], Any]] = {
    "bare": bare.make_wsgi,
    "ours": lambda: wrap_ours("wsgi", bare.make_wsgi(), _FILES, _STORE),
    "whitenoise": lambda: wrap_whitenoise(bare.make_wsgi(), _FILES, immutable_file_test=IMMUTABLE),
    "archmonger": lambda: wrap_archmonger("wsgi", bare.make_wsgi(), _FILES, immutable_file_test=IMMUTABLE),
}
_RSGI: dict[str, Callable[[], Any]] = {
    "bare": bare.Rsgi,
    "ours": lambda: wrap_ours("rsgi", bare.Rsgi(), _FILES, _STORE),
}
