"""What collecting costs: real packages scanned, hashed and rewritten, beside Django's collectstatic in the same run.

1. corpus      npm packages and Django's admin, fetched once (corpus/fetch.py)
2. part        the corpus without the files that stop collectstatic; which ones do is found out
3. rounds      ours and theirs in turn, each in a process of its own
4. scanners    each reference scanner over all its files, on one core
5. report      medians, ratios within a round, their spread

    python -m benchmarks.collect
"""

import argparse
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.corpus.fetch import PYTHON_PACKAGE, CannotFetchError, fetch
from benchmarks.lib.environments import CACHE, HERE, CannotRunError, describe_machine, pin

ROUNDS = 5
MOST_STOPS = 20
REPORT = HERE / "collect.md"
STATIC_ROOT = CACHE / "collect"
STORAGES = {
    "manifest": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    "plain": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
_STOPPED_BY = re.compile(r"Post-processing '(.+)' failed!")


def main() -> int:
    """Measure and report; 1 if that cannot be done."""
    parser = argparse.ArgumentParser(description="What collecting real packages costs, beside Django's collectstatic.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each (default: {ROUNDS})")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--without", nargs="*", default=[], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    try:
        folder = fetch()
        if arguments.run:
            print(json.dumps(RUNS[arguments.run](folder, arguments.without)))
            return 0
        measured = measure(max(arguments.rounds, 1))
    except (CannotRunError, CannotFetchError) as error:
        print(error, file=sys.stderr)
        return 1
    report = render(measured)
    REPORT.write_text(report, "utf-8")
    print(json.dumps(measured._asdict(), indent=2) if arguments.json else report)
    return 0


# ------------------------------------------------------------------------------------------ one run, one process


class Took(NamedTuple):
    """What a run took, and how many files it ended with."""

    seconds: float
    cpu: float
    files: int


def run_ours(folder: Path, without: list[str]) -> dict[str, Any]:
    """Collect with nothing remembered from an earlier start."""
    from servestatic import Directory, Package, collect
    from servestatic.sources.directory import DEFAULT_IGNORE

    sources = Directory(folder, ignore=(*DEFAULT_IGNORE, *without)), Package(PYTHON_PACKAGE)
    return _time(lambda: len(collect(*sources, store="none")))._asdict()


def run_manifest(folder: Path, without: list[str]) -> dict[str, Any]:
    """Run collectstatic with ManifestStaticFilesStorage, which hashes and rewrites."""
    return _collectstatic("manifest", folder, without)


def run_plain(folder: Path, without: list[str]) -> dict[str, Any]:
    """Run collectstatic with StaticFilesStorage, which only copies."""
    return _collectstatic("plain", folder, without)


def _collectstatic(storage: str, folder: Path, without: list[str]) -> dict[str, Any]:
    import django
    from django.conf import settings
    from django.core.management import call_command

    apps = ("staticfiles", "contenttypes", "auth", "admin")
    settings.configure(
        INSTALLED_APPS=[f"django.contrib.{app}" for app in apps],
        STATIC_URL="/static/",
        STATIC_ROOT=STATIC_ROOT,
        STATICFILES_DIRS=[folder],
        STORAGES={"staticfiles": {"BACKEND": STORAGES[storage]}},
    )
    django.setup()
    shutil.rmtree(STATIC_ROOT, ignore_errors=True)

    def collect() -> int:
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=without)
        return 0

    took = _time(collect)
    manifest = STATIC_ROOT / "staticfiles.json"
    if manifest.is_file():
        took = took._replace(files=len(json.loads(manifest.read_text("utf-8"))["paths"]))
    shutil.rmtree(STATIC_ROOT)
    return took._asdict()


def run_scanners(folder: Path, without: list[str]) -> dict[str, Any]:
    """Time each scanner over all files of its kinds, and SHA-256 for comparison; no file is read meanwhile."""
    from servestatic.assets.references import SYNTAXES

    pinned, rows = pin(), {}
    kinds: dict[Callable[[bytes], object], list[str]] = {}
    for extension, syntax in SYNTAXES.items():
        kinds.setdefault(syntax.find, []).append(extension)
    for find, extensions in kinds.items():
        files = [path for path in folder.rglob("*") if path.suffix.lower() in extensions and path.is_file()]
        contents = [path.read_bytes() for path in files if str(path.relative_to(folder)) not in without]
        size = sum(map(len, contents)) / 1e6
        if contents:
            speeds = [size / _apply(find, contents) for _ in range(ROUNDS)]
            hashing = size / _apply(hashlib.sha256, contents)
            rows[" ".join(extensions)] = {"files": len(contents), "size": size, "speeds": speeds, "sha256": hashing}
    return {"pinned": pinned, "rows": rows}


def _apply(function: Callable[[bytes], object], contents: list[bytes]) -> float:
    """Return the CPU seconds that a function takes over all contents."""

    def work() -> int:
        for data in contents:
            function(data)
        return len(contents)

    return _time(work).cpu


def _time(work: Callable[[], int]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    files = work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu, files)


RUNS: dict[str, Callable[[Path, list[str]], dict[str, Any]]] = {
    "ours": run_ours,
    "plain": run_plain,
    "manifest": run_manifest,
    "scanners": run_scanners,
}


# -------------------------------------------------------------------------------------------------- all of them


class Measured(NamedTuple):
    """Every figure: `stops` are the files that stop collectstatic, with what it says; `whole` is ours over all."""

    about: dict[str, str]
    stops: dict[str, str]
    rounds: list[dict[str, Took]]
    whole: list[Took]
    scanners: dict[str, Any]


def measure(rounds: int) -> Measured:
    """Find out what collectstatic survives, then measure in turn.

    Raises:
        CannotRunError: a run failed, or collected another tree than the others.
    """
    stops = find_stops()
    names = ["ours", "plain", "manifest"]
    measured, whole = [], []
    for number in range(rounds):
        order = names if number % 2 == 0 else names[::-1]
        one = {name: Took(**start(name, list(stops))) for name in order}
        if one["ours"].files != one["manifest"].files:
            raise CannotRunError(f"The trees are not the same: {one}")
        measured.append(one)
        whole.append(Took(**start("ours", [])))
        print(f"Round {number + 1} of {rounds}: {one['manifest'].cpu / one['ours'].cpu:.1f} ×", file=sys.stderr)
    return Measured(describe(rounds), stops, measured, whole, start("scanners", []))


def find_stops() -> dict[str, str]:
    """Run collectstatic until it gets through, each time without the file that stopped it.

    Raises:
        CannotRunError: something else stops it, or too many files do.
    """
    stops: dict[str, str] = {}
    while (run := _run("manifest", list(stops))).returncode:
        stopped = _STOPPED_BY.search(run.stderr)
        if not stopped or stopped[1] in stops or len(stops) >= MOST_STOPS:
            raise CannotRunError(f"collectstatic does not get through:\n{run.stderr}")
        said = run.stderr.strip().splitlines()[-1]
        stops[stopped[1]] = said.partition(" with <")[0]
        print(f"collectstatic is stopped by {stopped[1]}", file=sys.stderr)
    return stops


def start(name: str, without: list[str]) -> dict[str, Any]:
    """Do one run in a process of its own.

    Raises:
        CannotRunError: it failed.
    """
    run = _run(name, without)
    if run.returncode:
        raise CannotRunError(f"{name} failed:\n{run.stderr}")
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def _run(name: str, without: list[str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks.collect", "--run", name, "--without", *without]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# ------------------------------------------------------------------------------------------------------- report


TITLES = {
    "ours": "ours",
    "plain": "collectstatic, StaticFilesStorage",
    "manifest": "collectstatic, ManifestStaticFilesStorage",
}
ABOUT = """# What collecting costs

Median of all rounds, least and most; written by `python -m benchmarks.collect`. Each run is a process of its own, timed
without its imports. Nothing is remembered from an earlier run (`store="none"`, a fresh STATIC_ROOT); the sources are in
the system's file cache.
"""
ROWS = """
Ratios are those within a round. Ours reads every file, hashes it, finds the references in style sheets, scripts, pages
and manifests, and holds what is rewritten in memory. collectstatic writes each file, twice with the manifest, and
rewrites style sheets and source maps' comments only (`support_js_module_import_aggregation` is off, as by default); the
row in the middle shows what writing once costs.
"""


def describe(rounds: int) -> dict[str, str]:
    """Say when, where and of what the figures are."""
    import django

    files = [path for path in fetch().rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return {
        "Date": datetime.now(UTC).date().isoformat(),
        "Machine": describe_machine(pinned=False),
        "Versions": f"Python {platform.python_version()}, Django {django.__version__}",
        "Corpus": f"{size:.0f} MB in {len(files)} files of npm packages (corpus/package-lock.json), and Django's admin",
        "Rounds": str(rounds),
    }


def render(measured: Measured) -> str:
    """Write the report."""
    scanners = [
        f"| {name} | {each['files']} | {each['size']:.1f} | {_spread(each['speeds'], 0)} | {each['sha256']:.0f} |"
        for name, each in measured.scanners["rows"].items()
    ]
    stops = [f"- `{name}`: {said}" for name, said in measured.stops.items()]
    where = "on one core" if measured.scanners["pinned"] else "not kept on one core"
    lines = [
        ABOUT,
        *(f"- {name}: {text}" for name, text in measured.about.items()),
        "\n## Beside collectstatic\n",
        "|  | files | seconds | CPU seconds | × ours, seconds | × ours, CPU seconds |\n|---|--:|--:|--:|--:|--:|",
        *(_row(name, measured.rounds) for name in TITLES),
        ROWS,
        f"Files that stop collectstatic, and without which all were measured: {len(stops) or 'none'}.\n",
        *stops,
        f"\nOurs over the whole corpus: {_spread([each.seconds for each in measured.whole], 2)} seconds.",
        "\n## Scanners\n",
        f"MB a second of CPU, {where}, over all files of a kind; SHA-256 over the same for comparison.\n",
        "|  | files | MB | MB/s | SHA-256, MB/s |\n|---|--:|--:|--:|--:|",
        *scanners,
        "",
    ]
    return "\n".join(lines)


def _row(name: str, rounds: list[dict[str, Took]]) -> str:
    pairs = [(each[name], each["ours"]) for each in rounds]
    cells = [
        TITLES[name],
        str(rounds[0]["ours"].files),
        _spread([each.seconds for each, _ in pairs], 2),
        _spread([each.cpu for each, _ in pairs], 2),
        _spread([each.seconds / ours.seconds for each, ours in pairs], 1) if name != "ours" else "",
        _spread([each.cpu / ours.cpu for each, ours in pairs], 1) if name != "ours" else "",
    ]
    return f"| {' | '.join(cells)} |"


def _spread(values: list[float], digits: int) -> str:
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


if __name__ == "__main__":
    sys.exit(main())
