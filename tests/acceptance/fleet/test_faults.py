"""Processes that die while they put a release, and releases that are put and pruned at once.

Whatever happens, a finished release has all of its files: its document is the last thing written.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import servestatic
from servestatic.disk.temporary import PREFIX
from servestatic.errors import BuildError
from servestatic.releases.document import PENDING, PRUNING
from servestatic.releases.known import has_release, read_document
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
from servestatic.releases.retain import DAY, Retention, list_dated, prune
from tests.support.files import write

if TYPE_CHECKING:
    from servestatic import Index

KILLS = 50
ROUNDS = 170  # in each of them, six releases are put and pruned at once
FILES = 60
PUT = """
import sys, servestatic
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
index = servestatic.collect(sys.argv[1], store="none")
print("begin", flush=True)
put(DirectoryPlace(sys.argv[2]), index.catalog)
print("end", flush=True)
"""


def check(place: DirectoryPlace) -> int:
    """Check that every finished release has all of its files, whole; return how many there are."""
    releases = [dated.id for dated in list_dated(place)]
    for release in releases:
        for path, row in read_document(place, release).list_public():
            data = place.read(path, row.stamp.size)
            assert data is not None, f"{release} lacks {path}"
            assert hashlib.sha256(data).digest() == row.digest, path
    return len(releases)


def age(place: DirectoryPlace, seconds: float, spared: tuple[str, ...] = (PENDING, PRUNING)) -> None:
    """Date files back, except those below the folders that are spared: by default, what processes announce."""
    moment = time.time() - seconds
    for listed in place.list():
        if not listed.path.startswith(spared):
            try:
                os.utime(Path(place.name) / listed.path, (moment, moment))
            except FileNotFoundError:  # removed meanwhile
                continue


def test_killed_at_any_moment(tmp_path: Path) -> None:
    place, numbers = DirectoryPlace(tmp_path / "place"), random.Random(1)
    killed = 0
    for number in range(KILLS):
        files = {f"{name}.css": f"a{{--{name}:{number if name % 3 else 0}}}" * 500 for name in range(FILES)}
        write(tmp_path / "static", files)
        command = [sys.executable, "-c", PUT, str(tmp_path / "static"), place.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begin\n"
            time.sleep(numbers.random() * 0.06)
            process.kill()
            killed += process.stdout.read() == ""
        check(place)
    assert killed > KILLS // 4, "most of the putting processes were faster"
    index = servestatic.collect(tmp_path / "static", store="none")
    if not has_release(place, index.release):
        put(place, index.catalog)
    assert check(place) >= 1
    age(place, 30 * DAY, spared=())
    prune(place, Retention(1, DAY))
    assert check(place) == 1
    assert [listed.path for listed in place.list() if PREFIX in listed.path or listed.path.startswith(PENDING)] == []


def test_put_and_pruned_at_once(tmp_path: Path) -> None:
    place = DirectoryPlace(tmp_path / "place")
    place.pause = 0.01
    indexes = [
        servestatic.collect(
            write(tmp_path / str(number), {"a.css": "a{}", "b.svg": f"{number % 3}", "c.js": f"{number}"}), store="none"
        )
        for number in range(6)
    ]
    errors: list[BaseException] = []

    def work(index: Index) -> None:
        try:
            put(place, index.catalog)
            age(place, 30 * DAY)
            prune(place, Retention(1, DAY))
        except (FileNotFoundError, BuildError):
            pass  # what another has removed; the next round puts it again
        except BaseException as error:  # noqa: BLE001 - of a thread: shown by the test
            errors.append(error)

    found = 0
    for _ in range(ROUNDS):
        threads = [threading.Thread(target=work, args=(index,)) for index in random.sample(indexes, len(indexes))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        found += check(place)
    assert found > ROUNDS // 2, "releases are put, too; two prunes may each see the other's as the newest"


@pytest.mark.parametrize("kept", [1, 3])
def test_a_prune_that_dies(tmp_path: Path, kept: int) -> None:
    """It holds up a put for a few seconds only, and the next prune completes its work."""
    place = DirectoryPlace(tmp_path / "place")
    for number in range(6):
        put(place, servestatic.collect(write(tmp_path / "static", {"a.css": f"{number}"}), store="none").catalog)
    age(place, 30 * DAY)
    script = (
        "import sys\nfrom servestatic.releases.place import DirectoryPlace\n"
        "from servestatic.releases.retain import DAY, Retention, prune\n"
        "print('begin', flush=True)\nprune(DirectoryPlace(sys.argv[1]), Retention(int(sys.argv[2]), DAY))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, place.name, str(kept)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    check(place)
    following = servestatic.collect(write(tmp_path / "static", {"a.css": "7"}), store="none")
    assert put(place, following.catalog, within=10.0), "it is taken for dead after a few seconds"
    assert not [*place.list(PRUNING)]
    age(place, 30 * DAY)
    prune(place, Retention(kept, DAY))
    assert check(place) == kept
