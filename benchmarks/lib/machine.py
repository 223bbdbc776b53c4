"""The machine, and what a process takes of it: Linux's own counts."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")


def pin() -> bool:
    """Keep this process, and those that it starts, on one core; return whether the system can."""
    try:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    except (AttributeError, OSError):  # only Linux has it; a sandbox may refuse it
        return False
    return True


def describe_run(*, pinned: bool) -> dict[str, str]:
    """Return the date and the machine, with which every report begins."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    cores = f"{os.cpu_count()} cores ({'pinned to one' if pinned else 'not pinned'})"
    return {
        "Date": datetime.now(UTC).date().isoformat(),
        "Machine": f"{model}, {cores}, {platform.system()} {platform.machine()}",
    }


def time_call(call: Callable[[], _T]) -> tuple[_T, dict[str, float]]:
    """Return the result of a call, and its `seconds` and `cpu` seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return result, {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def read_cpu(pid: int) -> int:
    """Return the nanoseconds of CPU that a process has taken with all threads that it ever had.

    The clock is that of clock_getcpuclockid(3), which Linux numbers by the process; /proc/PID/stat has hundredths of a
    second only.
    """
    return time.clock_gettime_ns((~pid << 3) | 2)


def read_count(pid: int, file: str, name: str) -> int:
    """Return the number after a name in a file of /proc/PID, 0 if the process has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    return 0


def list_processes(pid: int) -> Iterator[int]:
    """Yield a process and all that it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # a thread that has ended since
            for child in children.read_text().split():
                yield from list_processes(int(child))
