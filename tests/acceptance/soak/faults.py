"""What happens to a site in years, in minutes: files change in every way, releases come and go, workers die."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from servestatic.errors import BuildError
from servestatic.releases.document import ALIVE, PENDING, PRUNING
from servestatic.releases.place import DirectoryPlace
from servestatic.releases.put import put
from servestatic.releases.retain import DAY, Retention, prune
from tests.acceptance.soak.journal import ABSENT, REPLACED, TOUCHED, WRITTEN, Interval, Journal, Kill
from tests.acceptance.soak.site import DELETED, NAMES, VERSIONS, cut, make_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.soak.site import Known

KILLED_EVERY = 9.0  # seconds
_EVERY = 0.15  # seconds between two changes of files
_RELEASED_EVERY = 1.5  # seconds
_RESTORED_AFTER = 2.5  # seconds
_CHUNK = 64 * 1024  # bytes that `cp` writes at a time


class Files:
    """The source of the site, which changes; one thread uses it."""

    def __init__(self, folder: Path, journal: Journal, numbers: random.Random) -> None:
        self._folder, self._journal, self._random = folder, journal, numbers
        self._version = dict.fromkeys(NAMES, 0)
        self._broken: dict[str, float] = {}  # when each was cut or deleted
        for name in NAMES:
            self._replace(name, 0)

    def change(self) -> None:
        """Do something to a file; those that were cut or deleted a while ago are restored."""
        for name, since in [*self._broken.items()]:
            if time.monotonic() - since > _RESTORED_AFTER:
                self._restore(name)
        name = self._random.choice([name for name in NAMES if name not in self._broken])
        faults = [self._replace_by_another, self._rewrite, self._overwrite, self._truncate, self._touch]
        if name in DELETED:
            faults += [self._delete] * 2
        fault = self._random.choice(faults)
        fault(name)
        self._journal.count(fault.__name__.strip("_").partition("_")[0])

    def restore_all(self) -> dict[str, bytes]:
        """Restore every file; return their bytes."""
        for name in NAMES:
            self._restore(name)
        return {name: make_source(name, self._version[name]) for name in NAMES}

    def _path(self, name: str) -> Path:
        return self._folder / name

    def _another(self, name: str) -> int:
        version = self._random.choice([each for each in range(VERSIONS) if each != self._version[name]])
        self._version[name] = version
        return version

    def _replace(self, name: str, version: int) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(make_source(name, version))
        with self._journal.noting(REPLACED, name):
            beside.replace(path)
        self._version[name] = version

    def _replace_by_another(self, name: str) -> None:
        self._replace(name, self._another(name))

    def _rewrite(self, name: str) -> None:
        """Write as `cp` does: the file is empty first, and grows."""
        self._write(name, "wb")

    def _overwrite(self, name: str) -> None:
        """Write as a database does: over the old bytes."""
        self._write(name, "r+b")

    def _write(self, name: str, mode: str) -> None:
        data = make_source(name, self._another(name))
        with self._journal.noting(WRITTEN, name), self._path(name).open(mode, buffering=0) as file:
            for offset in range(0, len(data), _CHUNK):
                file.write(data[offset : offset + _CHUNK])
            file.truncate(len(data))

    def _truncate(self, name: str) -> None:
        with self._journal.noting(WRITTEN, name):
            os.truncate(self._path(name), len(cut(make_source(name, self._version[name]))))
        self._broken[name] = time.monotonic()

    def _touch(self, name: str) -> None:
        with self._journal.noting(TOUCHED, name):
            os.utime(self._path(name))

    def _delete(self, name: str) -> None:
        self._journal.begin(ABSENT, name)
        self._path(name).unlink()
        self._broken[name] = time.monotonic()

    def _restore(self, name: str) -> None:
        absent = not self._path(name).exists()
        self._replace(name, self._version[name])
        if absent:
            self._journal.end(ABSENT, name)
        if self._broken.pop(name, None):
            self._journal.count("restore")


class Releases:
    """The place of the site, into which releases are put, and from which all but two and that of the servers go."""

    def __init__(self, place: Path, known: Known, journal: Journal, numbers: random.Random) -> None:
        self._place = DirectoryPlace(place)
        self._known, self._journal, self._random = known, journal, numbers
        self._own = known.indexes[0].release

    def change(self) -> None:
        """Put a release, or date all of them back and prune; what others do meanwhile may hinder either."""
        with contextlib.suppress(FileNotFoundError, BuildError):
            if self._random.random() < 0.7:
                put(self._place, self._random.choice(self._known.indexes).catalog)
                self._journal.count("put")
            else:
                self._age()
                prune(self._place, Retention(2, DAY))
                self._journal.count("prune")

    def _age(self) -> None:
        moment = time.time() - 30 * DAY
        for listed in self._place.list():
            if not listed.path.startswith((PENDING, PRUNING, f"{ALIVE}/{self._own}")):
                with contextlib.suppress(FileNotFoundError):
                    os.utime(Path(self._place.name) / listed.path, (moment, moment))


def kill(pid: int, journal: Journal) -> None:
    """End a worker at once, and note when it died."""
    began = time.monotonic()
    journal.kills.append(Kill(pid, Interval(began, float("inf"))))
    os.kill(pid, signal.SIGKILL)
    while is_running(pid):
        time.sleep(0.005)
    journal.kills[-1] = Kill(pid, Interval(began, time.monotonic()))
    journal.count("kill")


def is_running(pid: int) -> bool:
    """Return whether a process has anything open: the first of its threads may have ended before the others."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


class Faults(threading.Thread):
    """Repeats something until it is stopped; an error ends it, and is kept."""

    def __init__(self, work: Callable[[], None], every: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.error: BaseException | None = None
        self._work, self._every, self._stop_event = work, every, stop

    def run(self) -> None:
        """Repeat it."""
        try:
            while not self._stop_event.wait(self._every):
                self._work()
        except BaseException as error:  # noqa: BLE001 - of a thread: shown by the test
            self.error = error


def repeat(files: Files, releases: Releases, kill_one: Callable[[], None], stop: threading.Event) -> list[Faults]:
    """Begin with all faults."""
    rows = ((files.change, _EVERY), (releases.change, _RELEASED_EVERY), (kill_one, KILLED_EVERY))
    return [Faults(work, every, stop) for work, every in rows]
