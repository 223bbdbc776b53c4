"""How long until the first page and its stylesheet: a server started again and again, beside a bare one.

Every row is started once a round; what it takes over the bare application of the same round, server, framework and
environment is the figure.
"""

import random
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import brotli

from benchmarks.lib.environments import CannotRunError
from benchmarks.start.environments import BUILD, SETTLED, Environments
from benchmarks.start.servers import find_stylesheet, serve
from benchmarks.start.site import SHIFTS
from benchmarks.start.trees import PLACE

FRESH = PLACE / "fresh"
STATES = ("cold", "warm", "sealed")
_SITES = {"plain": "benchmarks.start.site", "Django": "benchmarks.start.project"}
_FACTORIES = {"uvicorn": "make_asgi", "gunicorn": "make_wsgi"}
# The peers by site and server; WhiteNoise has no ASGI middleware of its own.
_PEERS = {
    ("plain", "uvicorn"): ("archmonger",),
    ("plain", "gunicorn"): ("whitenoise", "archmonger"),
    ("Django", "uvicorn"): ("whitenoise", "archmonger"),
    ("Django", "gunicorn"): ("whitenoise", "archmonger"),
}


class Row(NamedTuple):
    """What is started: only ours has a `state`."""

    site: str
    server: str
    group: str
    contender: str
    state: str

    @property
    def bare(self) -> "Row":
        """The bare application to compare with."""
        return self._replace(contender="bare", state="")


class Started(NamedTuple):
    """Seconds until the page and until its stylesheet, CPU seconds and bytes of memory then, its length."""

    page: float
    stylesheet: float
    cpu: float
    memory: float
    sent: int


def list_rows() -> list[Row]:
    """Return what is started in a round."""
    rows: list[Row] = []
    for (site, server), peers in _PEERS.items():
        rows.append(Row(site, server, "ours", "bare", ""))
        rows += [Row(site, server, "ours", "ours", state) for state in STATES]
        rows.append(Row(site, server, "peers", "bare", ""))
        rows += [Row(site, server, "peers", peer, "") for peer in peers]
    return rows


def measure_answers(made: Environments, rounds: int) -> dict[Row, list[Started]]:
    """Start everything once a round, in an order drawn for it; a first round, which fills caches, is not counted.

    Raises:
        CannotRunError: a server fails, or sends a stylesheet that is not in brotli.
    """
    rows = list_rows()
    measured: dict[Row, list[Started]] = {row: [] for row in rows}
    draw = random.Random(1)
    for number in range(rounds + 1):
        print(f"First answers: round {number} of {rounds}", file=sys.stderr)
        collected = draw.randrange(SHIFTS)
        for row in draw.sample(rows, len(rows)):
            started = start(made, row, collected)
            if number:
                measured[row].append(started)
    shutil.rmtree(FRESH, ignore_errors=True)
    return measured


def start(made: Environments, row: Row, collected: int = 0) -> Started:
    """Start a server, and ask for the page and its stylesheet; `collected`: see `site.shift_collector`.

    Raises:
        CannotRunError: it fails, or sends a stylesheet that is not in brotli.
    """
    shutil.rmtree(FRESH, ignore_errors=True)
    variables = made.variables(row.group, SITE_CONTENDER=row.contender, SITE_COLLECTED=collected, **_list_settings(row))
    target = f"{_SITES[row.site]}:{_FACTORIES[row.server]}"
    with serve(made.pythons[row.group], row.server, target, variables) as serving:
        page, until_page = serving.await_answer("/")
        stylesheet, until_stylesheet = serving.await_answer(find_stylesheet(page))
        coding = stylesheet.fields.get("content-encoding", "identity")
        if coding != "br" or not brotli.decompress(stylesheet.body):
            raise CannotRunError(f"{row} sends its stylesheet in {coding}, not in brotli.")
        return Started(until_page, until_stylesheet, serving.cpu(), serving.memory(), len(stylesheet.body))


def _list_settings(row: Row) -> dict[str, Path]:
    """Return the settings that make a start cold, warm or sealed, or serve a build of made-up names."""
    if row.contender in ("whitenoise", "archmonger"):
        return {"SITE_ROOT": PLACE / row.contender}
    if row.state.startswith("names-"):
        return {"SERVESTATIC_BUILD": PLACE / row.state, "SERVESTATIC_STORE": FRESH}
    settings = {
        "": {},
        "cold": {"SERVESTATIC_STORE": FRESH},
        "warm": {"SERVESTATIC_STORE": SETTLED},
        "sealed": {"SERVESTATIC_BUILD": BUILD, "SERVESTATIC_STORE": FRESH},
    }
    return settings[row.state]


def differences(measured: dict[Row, list[Started]]) -> dict[Row, list[Started]]:
    """Return what each row but the bare ones took over its bare application, round by round."""
    return {
        row: [subtract(*pair) for pair in zip(own, measured[row.bare], strict=True)]
        for row, own in measured.items()
        if row.contender != "bare"
    }


def subtract(own: Started, bare: Started) -> Started:
    """Return what a start took over that of the bare application."""
    seconds = (own.page - bare.page, own.stylesheet - bare.stylesheet, own.cpu - bare.cpu)
    return Started(*seconds, own.memory - bare.memory, own.sent)
