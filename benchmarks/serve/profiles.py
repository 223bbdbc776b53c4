"""Where a server's time goes: kernel and user by the system's count, and Python's functions by cProfile.

In the server: a wrapped application profiles each thread that calls it, from the first call on, and writes all down
when it is asked for `/-/profile`. cProfile makes small functions look larger than they are; what is compiled (uvloop,
granian, httptools, the kernel) is one line or none, and a thread that waits shows as the call that waits.
"""

import cProfile
import os
import pstats
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.serve.environments import PLACE

DUMP = "/-/profile"
STATISTICS = PLACE / "profile"
_TICKS = os.sysconf("SC_CLK_TCK")
_MOST = 12  # functions that are listed
_SECONDS = 2.0

# ------------------------------------------------------------------------------------------------ in the server


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
        """Write what there is."""
        statistics = pstats.Stats(self._all[0])
        for each in self._all[1:]:
            statistics.add(each)
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


# ------------------------------------------------------------------------------------------------ beside it


def profile(site: Any, server: str, names: frozenset[str]) -> str:
    """Profile ours under a server in some scenarios, and write what was seen."""
    from benchmarks.serve.contenders import OURS
    from benchmarks.serve.load import ask, connected
    from benchmarks.serve.plan import prepare
    from benchmarks.serve.rounds import find_place, run
    from benchmarks.serve.scenarios import SCENARIOS

    lines: list[str] = []
    for scenario in [each for each in SCENARIOS if each.name in names or not names]:
        for told in ({}, {"SITE_PROFILE": "1"}):
            with run(site, server, OURS, told) as serving:
                plan = prepare(OURS, serving, scenario, site.files, find_place(server))
                if isinstance(plan, str):
                    lines.append(f"{scenario.name}: {plan}")
                    continue
                with connected(serving.port, plan.request, plan.answer, scenario.connections) as client:
                    client.run(1)
                    before = [_read_ticks(pid) for pid in serving.pids]
                    count, end = 0, time.perf_counter() + _SECONDS
                    while time.perf_counter() < end:
                        client.run(1)
                        count += scenario.connections
                    spent = _subtract([_read_ticks(pid) for pid in serving.pids], before, count)
                if told:
                    ask(serving.port, f"GET {DUMP} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
                    lines += _list_functions(count)
                else:
                    lines.append(f"{server}, {scenario.name}: {spent}")
    return "\n".join(lines) + "\n"


def _read_ticks(pid: int) -> tuple[int, int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def _subtract(after: list[tuple[int, int]], before: list[tuple[int, int]], count: int) -> str:
    user, kernel = (
        sum(one[which] - other[which] for one, other in zip(after, before, strict=True)) / _TICKS / count * 1e6
        for which in (0, 1)
    )
    return f"user {user:.1f}, kernel {kernel:.1f} µs for each of {count} requests; under cProfile:"


def _list_functions(count: int) -> list[str]:
    statistics: Mapping[tuple[str, int, str], tuple[int, int, float, float, object]]
    statistics = pstats.Stats(str(STATISTICS)).stats  # type: ignore[attr-defined] # typeshed does not know it
    whole = sum(own for _, _, own, _, _ in statistics.values())
    longest = sorted(statistics.items(), key=lambda item: -item[1][2])[:_MOST]
    lines = []
    for (file, line, name), (_, calls, own, _, _) in longest:
        place = f"{Path(file).parent.name}/{Path(file).name}:{line} " if line else ""
        lines.append(f"  {own / whole:5.1%} {own / count * 1e6:6.2f} µs {calls / count:5.1f} calls  {place}{name}")
    ours = sum(own for (file, *_), (_, _, own, _, _) in statistics.items() if "/servestatic/" in file)
    return [
        *lines,
        f"  {ours / whole:5.1%} {ours / count * 1e6:6.2f} µs              functions of servestatic, their own time",
    ]
