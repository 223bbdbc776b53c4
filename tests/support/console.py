"""Follows a page: writes its files, runs its commands and code, and compares what they print.

- A block whose first line is a comment with a file's name (`# app.py`, `<!-- static/a.svg -->`) is that file.
- `$ ` begins a command; what follows is what it prints. `…` is anything in a line, and on a line of its own any lines.
- A command that serves goes on in the background until another one begins, on a free port in place of the page's.
- Other Python is run in the order of the page; a block `text` after it is what it prints.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.support.pages import ROOT, Block, blocks
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 30.0  # seconds
# Commands that serve: the port that they have by themselves, and the option that names another.
SERVERS = {
    "flask": (5000, "--port {port}"),
    "gunicorn": (8000, "--bind 127.0.0.1:{port}"),
    "servestatic serve": (8000, "--port {port}"),
    "uvicorn": (8000, "--port {port}"),
}
NOT_RUN = ("python3 -m venv ", ". .venv/bin/activate")  # the tests have an environment
FOUND = ("servestatic check",)  # these exit with 1 when they find something, which their output shows
_FILE = re.compile(r"(?:#|//|/\*|<!--) (?P<name>[\w./-]+\.\w+)(?: \*/| -->)?\n")


class Session:
    """One reader with one folder: follows a page from its first block to the last."""

    def __init__(self, folder: Path) -> None:
        self.names = vars(ModuleType("page"))
        self._folder = folder
        self._ports: dict[int, int] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._printed = ""

    def close(self) -> None:
        """End the server, and all that it has started."""
        if self._server is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(PATIENCE)
            self._server = None

    def follow(self, page: Path, after: Callable[[int, dict[str, Any]], None], *, with_commands: bool = True) -> int:
        """Follow a page, and call `after` after each Python block; return the number of blocks that were run."""
        done = python = 0
        for block in blocks(page):
            if block.language == "console" and not with_commands:
                continue
            try:
                done += self._do(block, page)
                if block.language == "python" and not _FILE.match(block.text):
                    after(python, self.names)
                    python += 1
            except Exception as error:
                error.add_note(f"in the block at {page.name}:{block.line}")
                raise
        return done

    def _do(self, block: Block, page: Path) -> bool:
        if (named := _FILE.match(block.text)) and block.language != "console":
            self._write(named["name"], block)
        elif block.language == "python":
            self._execute(block.text, f"{page.name}:{block.line}")
        elif block.language == "text" and self._printed:
            check_output(self._printed, block.text)
            self._printed = ""
        elif block.language == "console":
            for command, expected in commands(block.text):
                self._type(command, expected)
        else:
            return False
        return True

    def _write(self, name: str, block: Block) -> None:
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")

    def _execute(self, text: str, name: str) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(text, name, "exec"), self.names)
        self._printed = printed.getvalue()

    # ------------------------------------------------------------------------------------------- commands

    def _type(self, command: str, expected: str) -> None:
        if command.startswith("pip install "):
            check_installed(command)
        elif serves(command):
            self._serve(command, expected)
        elif not command.startswith(NOT_RUN):
            self._run(command, expected)

    def _run(self, command: str, expected: str) -> None:
        for documented, port in self._ports.items():
            command = command.replace(f"localhost:{documented}", f"127.0.0.1:{port}")
        line = ["bash", "-c", command]
        done = subprocess.run(
            line, cwd=self._folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        allowed = {0, 1} if command.startswith(FOUND) else {0}
        assert done.returncode in allowed, f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        if expected:
            check_output(done.stdout, expected)

    def _serve(self, command: str, expected: str) -> None:
        self.close()
        documented, option = SERVERS[str(serves(command))]
        port = free_port()
        self._ports[documented] = port
        log = self._folder / "server.log"
        line = ["bash", "-c", f"{command.partition('  #')[0]} {option.format(port=port)}"]
        with log.open("wb") as output:
            self._server = subprocess.Popen(
                line, cwd=self._folder, env=environment(), stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while not _is_ready(port, log, documented, expected):
            running = self._server.poll() is None and time.monotonic() < deadline
            assert running, f"{command} does not serve. It said:\n{log.read_text()}"
            time.sleep(0.05)


def _is_ready(port: int, log: Path, documented: int, expected: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    said = [line for line in log.read_text().splitlines() if "static files ready" not in line]  # on standard error
    return not expected or bool(
        pattern(expected).fullmatch(tidy("\n".join(said).replace(f":{port}", f":{documented}")))
    )


def serves(command: str) -> str | None:
    """Return the row of SERVERS that a command belongs to."""
    words = [word for word in shlex.split(command, comments=True) if not re.match(r"[A-Z_]+=", word)]
    return next((name for name in SERVERS if words[: len(name.split())] == name.split() and "|" not in words), None)


def environment() -> dict[str, str]:
    """Return the environment of commands: this Python's commands first, the project to import, no settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SERVESTATIC_")}
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), "SERVESTATIC_STORE": "none", "PYTHONUNBUFFERED": "1"}


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of a block with what they print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def check_installed(command: str) -> None:
    """Assert that the distribution and its extras exist."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for word in shlex.split(command, comments=True)[2:]:
        name, _, extras = word.rstrip("]").partition("[")
        assert name in (project["name"], "gunicorn"), command
        assert not extras or set(extras.split(",")) <= set(project["optional-dependencies"]), command


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")


def pattern(expected: str) -> re.Pattern[str]:
    """Return a pattern for the output that a page shows."""
    lines = ["(?:.*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + "\n" for line in
             tidy(expected).splitlines()]  # fmt: skip
    whole = "".join(lines)
    whole = (
        whole.removesuffix("(?:.*\n)*?") + "(?:.*\n?)*" if whole.endswith("(?:.*\n)*?") else whole.removesuffix("\n")
    )
    return re.compile(whole)


def check_output(printed: str, expected: str) -> None:
    """Compare what was printed with what a page says."""
    printed = tidy(printed)
    assert pattern(expected).fullmatch(printed), f"printed:\n{printed}\n\nthe page says:\n{tidy(expected)}"
