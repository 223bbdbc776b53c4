"""All best codings (brotli 11, zstd, gzip): from nothing, and again with nothing changed, beside collectstatic.

Each leaves its own server nothing to do: ours fills a store (`compress=startup`) or writes a sealed build; WhiteNoise
has collectstatic with its compressing manifest storage.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.start.environments import BUILD, BUILT, SETTLED, Environments, measure_folder, run_collectstatic
from benchmarks.start.trees import PLACE


class Took(NamedTuple):
    """Seconds and CPU seconds, from nothing and again."""

    cold: float
    cold_cpu: float
    again: float
    again_cpu: float


def _run(made: Environments, again: bool, name: str, *places: Path) -> dict[str, float]:
    for place in () if again else places:
        shutil.rmtree(place, ignore_errors=True)
    return made.run("ours", name, *places)


WORKS: dict[str, Callable[[Environments, bool], dict[str, float]]] = {
    "ours, startup": lambda made, again: _run(made, again, "startup", SETTLED),
    "ours, build": lambda made, again: _run(made, again, "build", BUILD, BUILT),
    "WhiteNoise": lambda made, again: run_collectstatic(made, "whitenoise", again=again),
}
_FOLDERS = {
    "ours, build": BUILD,
    "WhiteNoise": PLACE / "whitenoise",
    "ServeStatic (Archmonger's)": PLACE / "archmonger",
}


def measure_codings(made: Environments, rounds: int) -> tuple[dict[str, list[Took]], dict[str, dict[str, int]]]:
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
