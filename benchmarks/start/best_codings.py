"""c. All best codings (brotli 11, zstd, gzip): from nothing, and again with nothing changed, beside collectstatic.

Each does what leaves its own server nothing to do: ours fills a store (`compress=startup`) or writes a sealed build;
WhiteNoise has collectstatic with its compressing manifest storage.
"""

import shutil
import sys
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.start.environments import BUILD, BUILT, SETTLED, Environments, measure_folder, run_collectstatic
from benchmarks.start.trees import PLACE


class Took(NamedTuple):
    """Seconds and CPU seconds, from nothing and again."""

    cold: float
    cold_cpu: float
    again: float
    again_cpu: float


Do = Callable[[Environments, bool], dict[str, float]]


def _do_startup(made: Environments, again: bool) -> dict[str, float]:
    if not again:
        shutil.rmtree(SETTLED, ignore_errors=True)
    return made.run("ours", "startup", SETTLED)


def _do_build(made: Environments, again: bool) -> dict[str, float]:
    if not again:
        shutil.rmtree(BUILD, ignore_errors=True)
        shutil.rmtree(BUILT, ignore_errors=True)
    return made.run("ours", "build", BUILD, BUILT)


WORKS: dict[str, Do] = {
    "ours, startup": _do_startup,
    "ours, build": _do_build,
    "WhiteNoise": lambda made, again: run_collectstatic(made, "whitenoise", again=again),
}
_FOLDERS = {
    "ours, build": BUILD,
    "WhiteNoise": PLACE / "whitenoise",
    "ServeStatic (Archmonger's)": PLACE / "archmonger",
}


def measure_best(made: Environments, rounds: int) -> tuple[dict[str, list[Took]], dict[str, dict[str, int]]]:
    """Do everything once a round, in turn; also return what it leaves on disk, in bytes by extension.

    Raises:
        CannotRunError: a run failed.
    """
    measured: dict[str, list[Took]] = {name: [] for name in WORKS}
    for number in range(rounds):
        for name in WORKS if number % 2 == 0 else reversed(WORKS):
            print(f"All best codings, {name}: round {number + 1} of {rounds}, minutes …", file=sys.stderr)
            cold, again = (WORKS[name](made, repeated) for repeated in (False, True))
            measured[name].append(Took(cold["seconds"], cold["cpu"], again["seconds"], again["cpu"]))
    return measured, {name: measure_folder(place) for name, place in _FOLDERS.items() if place.is_dir()}
