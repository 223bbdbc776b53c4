"""Environments, the tree that is served, and the workers. Everything is below .cache/, which git ignores."""

import gzip
import json
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parents[1]
CACHE = HERE / ".cache"
REQUIREMENTS = HERE / "requirements-peers.txt"
LENGTH = 16 * 1024  # bytes of the script that is served; a quarter of it in brotli


class CannotRunError(Exception):
    """What a measurement needs is not here; the text says what, and what to do."""


def make_peers() -> Path:
    """Make the peers' environment, where it is not there yet, and return its interpreter."""
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    place = CACHE / "peers"
    stamp = place / "made-of"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print("Making the peers' environment …", file=sys.stderr)
    try:
        venv.create(place, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS)]
        subprocess.run(pip, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRunError(f"{place} cannot be made ({error}). Measure ours alone with --without-peers.") from error
    stamp.write_text(wanted)
    return python


class Tree(NamedTuple):
    """What is served: `ours` is the source alone; `peers` has what collectstatic and a compressor leave."""

    ours: str
    peers: str
    paths: dict[str, str]

    def question(self, group: str) -> dict[str, Any]:
        """Return what a worker is told first."""
        directory = self.ours if group == "ours" else self.peers
        return {"group": group, "directory": directory, "paths": self.paths}


def make_tree() -> Tree:
    """Write the script that is asked for; a peer finds the very bytes that we make."""
    sys.path.insert(0, str(HERE.parent))  # this tree's package, installed or not
    import brotli

    from servestatic import collect

    ours, peers = CACHE / "respond" / "ours", CACHE / "respond" / "peers"
    data = _write_script()
    ours.mkdir(parents=True, exist_ok=True)
    (ours / "app.js").write_bytes(data)
    name = collect(ours, store="none").path("app.js")
    peers.mkdir(parents=True, exist_ok=True)
    for each in ("app.js", name):
        (peers / each).write_bytes(data)
        (peers / f"{each}.br").write_bytes(brotli.compress(data, quality=11))
        (peers / f"{each}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    paths = {"fingerprinted": f"/static/{name}", "plain": "/static/app.js", "nowhere": "/lights/42/"}
    return Tree(str(ours), str(peers), paths)


def _write_script() -> bytes:
    """Write something like a script, always the same, without a reference to another file."""
    choose = Random(1)
    words = [bytes(choose.choices(b"abcdefghijklmnopqrstuvwxyz", k=choose.randint(2, 9))).decode() for _ in range(300)]
    lines: list[str] = []
    while sum(map(len, lines)) < LENGTH:
        name, left, right, value = choose.choices(words, k=4)
        lines.append(f"export function {name}({left}) {{ return {right}({left}, {value!r}); }}\n")
    return "".join(lines).encode()[: LENGTH - 1] + b"\n"


class Worker:
    """A process that measures in one environment, asked and answering in lines of JSON."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, question: dict[str, Any]) -> Any:
        """Ask and wait for the answer.

        Raises:
            CannotRunError: the process ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise CannotRunError("A worker ended; what it said is above.")
        return json.loads(line)


@contextmanager
def start_worker(python: Path) -> Iterator[Worker]:
    """Run a worker in the environment of an interpreter, away from our package unless it is installed there."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SERVESTATIC_"))}
    ours = {"PYTHONPATH": str(HERE.parent)} if python == Path(sys.executable) else {}
    command = [str(python), "-m", "benchmarks.respond.worker"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=HERE, env=inherited | ours) as process:
        yield Worker(process)  # then its standard input is closed, so it ends


def pin() -> bool:
    """Keep this process, and the workers that it starts, on one core; tell whether the system can."""
    try:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    except (AttributeError, OSError):  # only Linux has it; a sandbox may refuse it
        return False
    return True


def describe_machine(*, pinned: bool) -> str:
    """Say what kind of machine this is."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    where = "pinned to one" if pinned else "not pinned"
    return f"{model}, {os.cpu_count()} cores ({where}), {platform.system()} {platform.machine()}"
