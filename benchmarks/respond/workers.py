"""The workers, as the program sees them: processes that are asked, and answer, in lines of JSON."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.lib.environments import CACHE, CannotRunError, list_variables


class Worker:
    """A process that measures in one environment."""

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
            raise CannotRunError("A worker ended; its last words are above.")
        return json.loads(line)


@contextmanager
def start_worker(python: Path, group: str) -> Iterator[Worker]:
    """Run a worker in the environment of an interpreter."""
    command, pipe = (str(python), "-m", "benchmarks.respond.worker"), subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=CACHE, env=list_variables(group)) as process:
        yield Worker(process)  # then its standard input is closed, so it ends
