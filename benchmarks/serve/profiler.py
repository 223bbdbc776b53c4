"""In a server: an application that profiles each thread that calls it, and writes the statistics on `/-/profile`."""

import cProfile
import pstats
import threading
from collections.abc import Callable
from typing import Any

from benchmarks.serve.tree import PLACE

DUMP = "/-/profile"
STATISTICS = PLACE / "profile"


class _Profiles:
    """The profiles of all threads."""

    def __init__(self) -> None:
        self._all: list[cProfile.Profile] = []
        self._own = threading.local()

    def begin(self) -> None:
        """Profile this thread, if it is not profiled yet."""
        if not hasattr(self._own, "begun"):
            self._own.begun = True
            profile = cProfile.Profile()
            self._all.append(profile)
            profile.enable()

    def write(self) -> bytes:
        """Write the statistics of all."""
        statistics = pstats.Stats(self._all[0])
        for profile in self._all[1:]:
            statistics.add(profile)
        statistics.dump_stats(STATISTICS)
        return b"written\n"


def profile_asgi(application: Any) -> Any:
    """Wrap an ASGI application."""
    profiles = _Profiles()

    async def profiled(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == DUMP:
            body = profiles.write()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8")]})
            await send({"type": "http.response.body", "body": body})
            return
        profiles.begin()
        await application(scope, receive, send)

    return profiled


def profile_wsgi(application: Any) -> Any:
    """Wrap a WSGI application."""
    profiles = _Profiles()

    def profiled(environ: Any, start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == DUMP:
            start_response("200 OK", [("Content-Length", "8")])
            return [profiles.write()]
        profiles.begin()
        return application(environ, start_response)

    return profiled


def profile_rsgi(application: Any) -> Any:
    """Wrap an RSGI application."""
    profiles = _Profiles()

    async def profiled(scope: Any, protocol: Any) -> None:
        if scope.path == DUMP:
            protocol.response_bytes(200, [("content-length", "8")], profiles.write())
            return
        profiles.begin()
        await application.__rsgi__(scope, protocol)

    return profiled
