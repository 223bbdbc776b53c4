"""Dynos: processes of a Procfile in a read-only slug, with a fresh /tmp and 512 MB."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.heroku.limits import Limit, descendants, limited
from tests.acceptance.heroku.slug import PACKAGES, PYTHON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BOOTS_WITHIN = 60.0  # seconds: Heroku's R10
SETTLES_WITHIN = 240.0  # seconds: two processes may have one core
SETTLED = r"compression finished in [\d.]+ s, (\d+) codings made"
_VISITORS, _REST = 8, 1.0  # and seconds
ENDS_WITHIN = 10.0  # seconds; Heroku waits for 30
_ALONE = ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork", "--mount-proc"]
_ENTER = [*_ALONE, "sh", f"{Path(__file__).parent}/enter.sh"]
HONCHO = [PYTHON, "-m", "honcho", "start"]


def enter(
    folder: Path, slug: Path, place: str, command: list[str], *, mode: str = "ro", tmp: str = "rw", **variables: str
) -> list[str]:
    """Return the command that enters a dyno and executes another there.

    Args:
        folder: where the dyno's /tmp and, with other dynos, the database are on this machine.
        slug: the directory that is at `place` there.
        command: what to execute, as Heroku would.
        mode: whether the slug can be written, `ro` or `rw`; `tmp`: whether /tmp can.
        variables: of the environment, beside those of every dyno; an empty one is not set.
    """
    fresh, database = folder / "tmp", folder.parent / "database"
    for directory in (fresh, database):
        directory.mkdir(exist_ok=True, parents=True)
        directory.chmod(0o1777)
    environment = {
        "DATABASE_URL": "sqlite:////media/db.sqlite3",
        "DYNO": "web.1",
        "FORWARDED_ALLOW_IPS": "*",
        "HOME": place,
        "LD_LIBRARY_PATH": "/opt/lib",
        "PATH": f"{place}/{PACKAGES}/bin:/opt/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{place}:{place}/{PACKAGES}",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": "the same for all processes",
        "WEB_CONCURRENCY": "2",
        **variables,
    }
    given = [f"{name}={value}" for name, value in environment.items() if value]
    return [*_ENTER, str(slug), place, mode, sys.base_prefix, str(fresh), tmp, str(database), *given, *command]


def run(
    folder: Path, slug: Path, command: list[str], *, mode: str = "ro", place: str = "/srv", **variables: str
) -> str:
    """Run a command to its end in a dyno of its own, as Heroku builds and releases; return its output."""
    entered = enter(folder, slug, place, command, mode=mode, **variables)
    done = subprocess.run(
        entered, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


class Dyno:
    """A dyno that runs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path, limit: Limit) -> None:
        self.process = process
        self.port = port
        self.tmp = folder / "tmp"
        self.limit = limit
        self.booted = 0.0  # seconds until the first 200
        self._log = folder / "log"

    def log(self) -> str:
        return self._log.read_text()

    def wait_for(
        self, pattern: str, count: int, seconds: float, meanwhile: Callable[[], object] = lambda: None
    ) -> list[str]:
        """Wait until a pattern is in the log `count` times."""
        deadline = time.monotonic() + seconds
        while len(found := re.findall(pattern, self.log())) < count:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, f"{len(found)} × {pattern}:\n{self.log()}"
            meanwhile()
            time.sleep(0.02)
        return found

    def settle(self) -> list[int]:
        """Wait until both workers have the best codings; return how many each made.

        A worker begins with its first request, and the kernel may hand many in a row to the other: so more come. They
        leave time, since codings are made while nothing else wants a processor.
        """
        with ThreadPoolExecutor(_VISITORS) as pool:

            def visit() -> None:
                for status in pool.map(self.get, ["/"] * _VISITORS):
                    assert status == 200
                time.sleep(_REST)

            return [*map(int, self.wait_for(SETTLED, 2, SETTLES_WITHIN, visit))]

    def wait_for_boot(self, started: float) -> None:
        """Wait for the first 200."""
        while self.get("/") != 200:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < started + BOOTS_WITHIN, self.log()
            time.sleep(0.02)
        self.booted = time.monotonic() - started

    def get(self, path: str) -> int:
        """Request a path as a browser does and return the status; 0 without an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=BOOTS_WITHIN)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path, headers={"X-Forwarded-Proto": "https", "Accept-Encoding": "gzip, br"})
            return connection.getresponse().status
        return 0

    def signal(self, *, everybody: bool) -> None:
        """Send SIGTERM to honcho, which passes it on, or to every process at once, as Heroku does."""
        manager, *others = descendants(self.process.pid)
        for pid in (manager, *others) if everybody else (manager,):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def wait_for_end(self) -> None:
        """Wait until every process has ended: they end with the first of their namespace."""
        self.process.wait(ENDS_WITHIN)


@contextlib.contextmanager
def running(
    folder: Path, slug: Path, command: Iterable[str] = (*HONCHO, "web"), *, place: str = "/srv", **variables: str
) -> Iterator[Dyno]:
    """Start the `web` process of a slug's Procfile, or another, and yield the dyno when it has answered.

    What is left at the end is ended by SIGKILL.
    """
    folder.mkdir(exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    entered = enter(folder, slug, place, [*command], **{"PORT": str(port), **variables})
    with limited() as limit, (folder / "log").open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen([*limit.command, *entered], stdout=output, stderr=subprocess.STDOUT)
        dyno = Dyno(process, port, folder, limit)
        try:
            dyno.wait_for_boot(started)
            yield dyno
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End what is left: with the first process of a namespace all of them end."""
    for pid in descendants(process.pid)[:1] or [process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(ENDS_WITHIN)
