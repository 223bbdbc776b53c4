"""Where a server's time goes: kernel and user by the system's count, and Python's functions by cProfile.

cProfile makes small functions look larger than they are; what is compiled (uvloop, granian, httptools, the kernel) is
one line or none, and a thread that waits shows as the call that waits.
"""

import os
import pstats
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.serve.contenders import OURS
from benchmarks.serve.load import ask, connected
from benchmarks.serve.plan import Plan, prepare
from benchmarks.serve.profiler import DUMP, STATISTICS
from benchmarks.serve.scenarios import SCENARIOS, Scenario
from benchmarks.serve.servers import Serving, Site, find_place, run

_TICKS = os.sysconf("SC_CLK_TCK")
_SECONDS = 2.0
MAX_FUNCTIONS = 12  # that are listed


def profile(site: Site, server: str, names: frozenset[str]) -> str:
    """Profile ours under a server in some scenarios, and return a text."""
    scenarios = [scenario for scenario in SCENARIOS if scenario.name in names or not names]
    return "".join(f"{line}\n" for scenario in scenarios for line in _profile(site, server, scenario))


def _profile(site: Site, server: str, scenario: Scenario) -> list[str]:
    lines: list[str] = []
    for more in ({}, {"SITE_PROFILE": "1"}):
        with run(site, server, OURS, more) as serving:
            plan = prepare(OURS, serving, scenario, site.files, find_place(server))
            if isinstance(plan, str):
                return [f"{scenario.name}: {plan}"]
            spent, count = _load(serving, scenario, plan)
            if more:
                ask(serving.port, f"GET {DUMP} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
                lines += _list_functions(count)
            else:
                lines.append(f"{server}, {scenario.name}: {spent}")
    return lines


def _load(serving: Serving, scenario: Scenario, plan: Plan) -> tuple[str, int]:
    """Return the time of the server, and the number of requests."""
    with connected(serving.port, plan.request, plan.answer, scenario.connections) as client:
        client.run(1)
        before = [_read_ticks(pid) for pid in serving.pids]
        count, end = 0, time.perf_counter() + _SECONDS
        while time.perf_counter() < end:
            client.run(1)
            count += scenario.connections
        return _subtract([_read_ticks(pid) for pid in serving.pids], before, count), count


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
    longest = sorted(statistics.items(), key=lambda item: -item[1][2])[:MAX_FUNCTIONS]
    lines = []
    for (file, line, name), (_, calls, own, _, _) in longest:
        position = f"{Path(file).parent.name}/{Path(file).name}:{line} " if line else ""
        lines.append(f"  {own / whole:5.1%} {own / count * 1e6:6.2f} µs {calls / count:5.1f} calls  {position}{name}")
    ours = sum(own for (file, *_), (_, _, own, _, _) in statistics.items() if "/servestatic/" in file)
    return [
        *lines,
        f"  {ours / whole:5.1%} {ours / count * 1e6:6.2f} µs              functions of servestatic, their own time",
    ]
