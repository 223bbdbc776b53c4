"""A deploy loses no file: workers of several releases behind nginx, with what they share in the store or a place."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import servestatic
from tests.acceptance.fleet.fleet import SIZE, Fleet, make_release, report
from tests.acceptance.fleet.s3 import bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.acceptance.fleet.fleet import Crawler

REQUESTS = int(os.environ.get("FLEET_REQUESTS", "2000"))
OUTAGE = float(os.environ.get("FLEET_OUTAGE", "8"))  # seconds


def roll_out(crawler: Crawler, start: Callable[[int, int], None]) -> None:
    """Roll a second release out, back, and a third one out, worker by worker, until enough was requested."""
    release = 0
    for following in (1, 0, 2):
        for number in range(SIZE):
            start(number, following)
            time.sleep(0.5)
        release = following
    assert release == 2
    while crawler.requests < REQUESTS:
        time.sleep(0.2)
    sys.stdout.write(f"{report(crawler)}\n")


def settings_of(store: Path, place: str = "") -> dict[str, str]:
    return {"SERVESTATIC_STORE": str(store), "SERVESTATIC_RELEASES": place}


def test_one_machine_in_place(tmp_path: Path) -> None:
    """The files are replaced below running workers, as `git pull` does, which are then restarted one by one."""
    fleet, source = Fleet(tmp_path), tmp_path / "source"
    releases = [make_release(tmp_path / f"release{number}", number) for number in range(3)]
    shutil.copytree(releases[0], source)
    for number in range(SIZE):
        fleet.start(number, source, settings_of(tmp_path / "store"))
    checked_out = [0]

    def start(number: int, release: int) -> None:
        if checked_out[0] != release:
            check_out(releases[release], source)
            checked_out[0] = release
        fleet.start(number, source, settings_of(tmp_path / "store"))

    with fleet.behind_nginx() as crawler:
        time.sleep(2)  # pages were loaded before the deploy
        roll_out(crawler, start)
    assert crawler.failures == [], report(crawler)
    assert len(crawler.releases) == 3


def check_out(release: Path, source: Path) -> None:
    """Replace changed files and remove what is gone, as git does."""
    for path in [path for path in source.rglob("*") if path.is_file()]:
        if not (release / path.relative_to(source)).exists():
            path.unlink()
    for path in (path for path in release.rglob("*") if path.is_file()):
        target = source / path.relative_to(release)
        if not target.exists() or target.read_bytes() != path.read_bytes():
            target.unlink(missing_ok=True)
            shutil.copy(path, target)


def test_a_shared_directory(tmp_path: Path) -> None:
    """Every worker is a machine of its own, with its own store."""
    roll_between_machines(tmp_path, str(tmp_path / "place"))


def roll_between_machines(folder: Path, place: str) -> Crawler:
    fleet = Fleet(folder)
    sources = [make_release(folder / f"release{number}", number) for number in range(3)]

    def start(number: int, release: int) -> None:
        fleet.start(number, sources[release], settings_of(folder / f"store{number}-{release}", place))

    for number in range(SIZE):
        start(number, 0)
    with fleet.behind_nginx() as crawler:
        time.sleep(1)
        roll_out(crawler, start)
    assert crawler.failures == [], report(crawler)
    assert len(crawler.releases) == 3
    return crawler


def test_a_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket(tmp_path / "s3") as place:
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        place.gate.delay = 0.05
        roll_between_machines(tmp_path, place.url)


def test_a_bucket_that_cannot_be_reached_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are not held up, what workers know goes on being served, the rest is 404; afterwards all is well again."""
    with bucket(tmp_path / "s3") as place:
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        fleet = Fleet(tmp_path)
        sources = [make_release(tmp_path / f"release{number}", number) for number in range(2)]
        for number in range(SIZE):
            fleet.start(number, sources[number % 2], settings_of(tmp_path / f"store{number}", place.url))
        with fleet.behind_nginx() as crawler:
            time.sleep(1)
            crawler.wait_until_all_are_asked()
            assert crawler.failures == [], report(crawler)
            place.gate.is_open = False
            fleet.start(0, sources[0], settings_of(tmp_path / "empty", place.url))  # it knows nothing of the other
            time.sleep(OUTAGE)
            during = [*crawler.failures]
            place.gate.is_open = True
            time.sleep(35)  # it is tried again
            after = len(crawler.failures)
            time.sleep(5)
            assert len(crawler.failures) == after, report(crawler)
        workers = {failure.worker for failure in during}
        assert {worker.rpartition(", ")[2] for worker in workers} <= {f"127.0.0.1:{fleet.ports[0]}"}, (
            f"the others know all that they serve: {report(crawler)}"
        )
        assert {failure.what for failure in during} <= {"404"}


def test_images_alone(tmp_path: Path) -> None:
    """Each image has the releases before it, and workers share nothing: only files of later releases are missed."""
    fleet, first, since = Fleet(tmp_path), dict[str, int](), dict[tuple[str, int], float]()
    outs = [tmp_path / f"image{number}" for number in range(3)]
    for number, out in enumerate(outs):
        index = servestatic.collect(make_release(tmp_path / f"release{number}", number), store="none")
        index.write(str(out), previous=str(outs[number - 1]) if number else "")
        first |= {index.url(name): number for name in index if index.url(name) not in first}

    def start(number: int, release: int) -> None:
        fleet.start(number, tmp_path, {"SERVESTATIC_STORE": "none", "SERVESTATIC_BUILD": str(outs[release])})
        since[f"127.0.0.1:{fleet.ports[number]}", release] = time.monotonic()

    for number in range(SIZE):
        start(number, 0)
    began = time.monotonic()
    with fleet.behind_nginx() as crawler:
        for release in (1, 2):
            for number in range(SIZE):
                start(number, release)
                time.sleep(0.5)
        settled, requests = len(crawler.failures), crawler.requests
        while crawler.requests < max(REQUESTS, requests + 500):
            time.sleep(0.2)
    sys.stdout.write(f"{report(crawler)}\n")
    assert len(crawler.failures) == settled, "pages of the first release have their files at workers of the last"
    assert {failure.what for failure in crawler.failures} <= {"404"}
    for failure in crawler.failures:
        worker, release = failure.worker.rpartition(", ")[2], first[failure.url]  # nginx may have tried another before
        assert began + failure.at < since[worker, release] + 0.5, "the worker has an earlier release"
    assert len(crawler.releases) == 3


def test_without_a_place(tmp_path: Path) -> None:
    """What happens otherwise: the crawler notices, so it would notice above."""
    fleet = Fleet(tmp_path)
    sources = [make_release(tmp_path / f"release{number}", number) for number in range(3)]

    def start(number: int, release: int) -> None:
        fleet.start(number, sources[release], settings_of(tmp_path / "store", "none"))

    for number in range(SIZE):
        start(number, 0)
    with fleet.behind_nginx() as crawler:
        roll_out(crawler, start)
    assert {failure.what for failure in crawler.failures} == {"404"}
