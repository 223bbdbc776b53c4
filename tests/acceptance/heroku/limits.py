"""The memory of a dyno: 512 MB, by the first way that this machine has, and how much of it was taken."""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMORY = 512 * 1024 * 1024  # bytes, for all processes of a dyno
_EVERY = 0.1  # seconds between two measurements


class Limit(NamedTuple):
    """A limit that is in force for the processes that are started with the words of `command` in front.

    Attributes:
        name: what the kernel calls it.
        command: puts itself under the limit, then executes what follows.
        peak: returns the most bytes that the kernel counted, caches included; None if it does not count.
        kills: returns how many processes took too much and were killed.
    """

    name: str
    command: list[str]
    peak: Callable[[], int | None]
    kills: Callable[[], int]


class _Hierarchy(NamedTuple):
    """The files of a version of control groups; `beside` has the ways from our own group to the new one."""

    name: str
    mount: str
    own: str
    beside: tuple[str, ...]
    limit: str
    peak: str
    events: str


# With version 2, a group that has processes has no limited groups within it, so that ours is beside it.
HIERARCHIES = (
    _Hierarchy("cgroup v2", "/sys/fs/cgroup", r"^0::(.*)$", (".", ".."), "memory.max", "memory.peak", "memory.events"),
    _Hierarchy(
        "cgroup v1",
        "/sys/fs/cgroup/memory",
        r"^\d+:(?:\w+,)*memory(?:,\w+)*:(.*)$",
        (".",),
        "memory.limit_in_bytes",
        "memory.max_usage_in_bytes",
        "memory.oom_control",
    ),
)
ENTER = ["sh", "-euc", 'echo 0 > "$0"; exec "$@"']


@contextlib.contextmanager
def limited() -> Iterator[Limit]:
    """Yield the first limit that is available; a control group is removed at the end, when its processes are gone."""
    group = next(filter(None, map(_make_group, HIERARCHIES)), None)
    if group is None:
        yield each_limited()
        return
    hierarchy, place = group
    try:
        yield Limit(
            f"{hierarchy.name}, {hierarchy.limit}",
            [*ENTER, str(place / "cgroup.procs")],
            lambda: int((place / hierarchy.peak).read_text()),
            lambda: int(re.findall(r"^oom_kill (\d+)$", (place / hierarchy.events).read_text(), re.MULTILINE)[0]),
        )
    finally:
        place.rmdir()


def each_limited() -> Limit:
    """The limit that every machine has: it counts what each process writes to by itself."""
    return Limit("prlimit --data, each process", ["prlimit", f"--data={MEMORY}"], lambda: None, lambda: 0)


def _make_group(hierarchy: _Hierarchy) -> tuple[_Hierarchy, Path] | None:
    own = re.search(hierarchy.own, Path("/proc/self/cgroup").read_text(), re.MULTILINE)
    for way in hierarchy.beside if own else ():
        assert own
        place = Path(f"{hierarchy.mount}{own[1]}") / way / f"dyno-{secrets.token_hex(4)}"
        try:
            place.mkdir()
        except OSError:
            continue
        try:
            with (place / hierarchy.limit).open("r+") as file:
                file.write(str(MEMORY))
            return hierarchy, place
        except OSError:  # the group has no such file: memory is not what this hierarchy limits
            place.rmdir()
    return None


# --------------------------------------------------------------------------------------------------- looking


def descendants(pid: int) -> list[int]:
    """List the processes that descend from one."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(place.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(place.parent.name))
    found = [*children.get(pid, [])]
    for process in found:
        found += children.get(process, [])
    return found


def proportional(pid: int) -> int:
    """Return the bytes of a process's memory; what several processes share counts for each by its part (PSS)."""
    with contextlib.suppress(OSError):
        found = re.search(r"^Pss: +(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    return 0


class Meter:
    """Measures the memory of a process's descendants repeatedly."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.peak = 0  # bytes
        self.at_peak: list[int] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_EVERY):
            sizes = [proportional(pid) for pid in descendants(self._pid)]
            if sum(sizes) > self.peak:
                self.peak, self.at_peak = sum(sizes), sorted(sizes)
