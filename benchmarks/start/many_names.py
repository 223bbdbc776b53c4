"""What a start, memory and a look-up take of a release, however many names it has."""

import json
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.start.environments import Environments
from benchmarks.start.first_answer import Row, Started, start, subtract
from benchmarks.start.servers import find_stylesheet, serve
from benchmarks.start.trees import PLACE, SMALL, make_small

COUNTS = (10, SMALL, 1_000_000)
WORKERS = "gunicorn, 4 workers"
_ASKED = 40  # times that the workers are asked together


class Names(NamedTuple):
    """What was measured.

    Attributes:
        starts: a start over the bare application's, by the number of names in the build.
        lookups: seconds for the first look-up of a name, in the largest build.
        workers: bytes that the four workers hold over those of the bare application, by where the release is.
    """

    starts: dict[int, list[Started]]
    lookups: list[float]
    workers: dict[str, list[float]]


def measure_names(made: Environments, rounds: int) -> Names:
    """Start everything once a round, in turn.

    Raises:
        CannotRunError: a run or a server failed.
    """
    for count in COUNTS:
        made.run("ours", "names", _locate(count), str(count))
    settings = _prepare_workers(made)
    measured = Names({count: [] for count in COUNTS}, [], {state: [] for state in settings if state})
    for number in range(rounds):
        print(f"Many names: round {number + 1} of {rounds}", file=sys.stderr)
        bare = start(made, Row("plain", "uvicorn", "ours", "bare", ""))
        for count in COUNTS[:: 1 if number % 2 else -1]:
            own = start(made, Row("plain", "uvicorn", "ours", "ours", _locate(count).name))
            measured.starts[count].append(subtract(own, bare))
        measured.lookups.append(made.run("ours", "lookup", _locate(COUNTS[-1]), str(COUNTS[-1]))["seconds"])
        held = {state: _hold_workers(made, more) for state, more in settings.items()}
        for state, rows in measured.workers.items():
            rows.append(held[state] - held[""])
    return measured


def _locate(count: int) -> Path:
    return PLACE / f"names-{count}"


def _prepare_workers(made: Environments) -> dict[str, dict[str, str]]:
    """Return the variables of four workers by where their release is, and fill the store that they start from."""
    sources = [(source.directory, source.under) for source in (*make_small(linked=False).sources, made.site.sources[0])]
    store = PLACE / "names-store"
    shutil.rmtree(store, ignore_errors=True)
    given = {"SITE_SOURCES": json.dumps(sources), "SERVESTATIC_STORE": str(store), "SERVESTATIC_COMPRESS": "build"}
    settings = {
        "": {"SITE_CONTENDER": "bare"},
        "in the store": {"SITE_CONTENDER": "ours", **given},
        "in a build": {"SITE_CONTENDER": "ours", "SERVESTATIC_STORE": "none", "SERVESTATIC_BUILD": str(_locate(SMALL))},
    }
    _hold_workers(made, settings["in the store"])
    return settings


def _hold_workers(made: Environments, more: dict[str, str]) -> float:
    """Return the bytes that four workers and their master hold, once all have answered; shared pages count once."""
    variables = made.variables("ours") | more
    with serve(made.pythons["ours"], WORKERS, "benchmarks.start.site:make_wsgi", variables) as serving:
        page, _ = serving.await_answer("/")
        serving.settle()
        for _ in range(_ASKED):
            serving.await_answer(find_stylesheet(page))
        return float(serving.memory())
