"""Many small files: seconds and resident memory for each, ours cold, warm and sealed, beside the peers' scans.

Peers scan the same directory: the files alone, without the names and codings that collectstatic would add to it.
"""

import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.environments import ROOT, is_made
from benchmarks.start.environments import Environments
from benchmarks.start.trees import PLACE, SMALL, make_small

EMPTY, FRESH = PLACE / "empty", PLACE / "fresh"
_FLOOR = "scandir and stat alone"


class Scan(NamedTuple):
    """A run over the files, its environment and arguments; `fresh` empties the store before."""

    name: str
    group: str
    run: str
    arguments: Callable[[Path], tuple[str | Path, ...]]
    fresh: bool = False


class Scanned(NamedTuple):
    """Seconds and CPU seconds for all files, and bytes of memory over the same with no file."""

    seconds: float
    cpu: float
    memory: float


SCANS = (
    Scan(_FLOOR, "ours", "floor", lambda tree: (tree,)),
    Scan("ours, cold", "ours", "ours", lambda tree: (tree, FRESH, ""), fresh=True),
    Scan("ours, warm", "ours", "ours", lambda tree: (tree, _beside(tree, "store"), "")),
    Scan("ours, sealed", "ours", "ours", lambda tree: (tree, "none", _beside(tree, "build"))),
    Scan("WhiteNoise", "peers", "whitenoise", lambda tree: (tree,)),
    Scan("ServeStatic (Archmonger's)", "peers", "archmonger", lambda tree: (tree,)),
)


def _beside(tree: Path, what: str) -> Path:
    return tree.with_name(f"{tree.name}-{what}")


def measure_files(made: Environments, rounds: int, *, linked: bool) -> dict[str, list[Scanned]]:
    """Run every scan over the small files once a round, in turn.

    Raises:
        CannotRunError: a run failed.
    """
    tree = Path(make_small(linked=linked).sources[0].directory)
    measured: dict[str, list[Scanned]] = {scan.name: [] for scan in SCANS}
    nothing = _measure_nothing(made)
    _prepare(made, tree)
    for number in range(rounds):
        print(f"{SMALL} small files, {tree.name}: round {number + 1} of {rounds}", file=sys.stderr)
        for scan in SCANS if number % 2 == 0 else SCANS[::-1]:
            took = _run(made, scan, tree)
            measured[scan.name].append(Scanned(took["seconds"], took["cpu"], took["resident"] - nothing[scan.name]))
    return measured


def _prepare(made: Environments, tree: Path) -> None:
    """Bring store and build up to date; the build, which takes a minute, only after a change of the package."""
    made.run("ours", "ours", tree, _beside(tree, "store"), "")
    stamp, wanted = _beside(tree, "build.made"), _digest_package()
    if not is_made(stamp, wanted):
        made.run("ours", "small_build", tree, _beside(tree, "build"))
        stamp.write_text(wanted, "utf-8")


def _digest_package() -> str:
    sources = sorted((ROOT / "servestatic").rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _measure_nothing(made: Environments) -> dict[str, float]:
    """Return the memory of each with an empty directory."""
    for place in (EMPTY, _beside(EMPTY, "build")):
        shutil.rmtree(place, ignore_errors=True)
    EMPTY.mkdir(parents=True)
    made.run("ours", "small_build", EMPTY, _beside(EMPTY, "build"))
    return {scan.name: _run(made, scan, EMPTY)["resident"] for scan in SCANS}


def _run(made: Environments, scan: Scan, tree: Path) -> dict[str, float]:
    if scan.fresh:
        shutil.rmtree(FRESH, ignore_errors=True)
    return made.run(scan.group, scan.run, *scan.arguments(tree))
