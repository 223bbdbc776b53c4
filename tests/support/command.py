"""Calls the command: in this process, which is fast, or in one of its own, as users do."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from servestatic.cli.application import run

if TYPE_CHECKING:
    from pathlib import Path


class Done(NamedTuple):
    """The exit code of a call, and its output; bytes that are not UTF-8 stand in it as surrogates."""

    code: int
    out: str
    err: str


def call(folder: Path, *arguments: str, **environment: str) -> Done:
    """Call the command in this process, its output as in pipes."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True) for _ in range(2))
    variables = {**os.environ, **environment}
    with (
        chdir(folder),
        patch.dict(os.environ, variables),
        patch.object(sys, "argv", ["servestatic", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            run()
            code: object = 0
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Done(code, *(stream.buffer.getvalue().decode("utf-8", "surrogateescape") for stream in (out, err)))


def command(folder: Path, *arguments: str, **environment: str) -> Done:
    """Call the command in a process of its own."""
    line = [sys.executable, "-m", "servestatic", *arguments]
    variables = {**os.environ, **environment}
    done = subprocess.run(line, cwd=folder, env=variables, capture_output=True, text=True, timeout=60, check=False)
    return Done(done.returncode, done.stdout, done.stderr)
