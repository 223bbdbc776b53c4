"""How output looks: on a terminal of some width, in a pipe, with NO_COLOR, on a dumb terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from servestatic.cli.output import amount, size
from tests.support.command import call, command
from tests.support.files import write

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLORS = re.compile(r"\x1b\[[0-9;]*m")


# The command with a bar that does not wait until the work takes long.
AT_ONCE = ("-c", "from servestatic.cli import main, output; output._SOON = -1; main()")


def on_terminal(
    folder: Path, width: int, *arguments: str, run: tuple[str, str] = ("-m", "servestatic"), **environment: str
) -> str:
    """Return what a terminal of that width is sent."""
    own, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    variables = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")
    }
    line = [sys.executable, *run, *arguments]
    with subprocess.Popen(
        line, cwd=folder, env={**variables, "TERM": "xterm", **environment}, stdout=other, stderr=other, stdin=other
    ) as process:
        os.close(other)
        text = b""
        try:
            while data := os.read(own, 65536):
                text += data
        except OSError:  # Linux says so when the other side is closed
            pass
        os.close(own)
        process.wait(60)
    return text.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize(
    "line", ["list one two", "check one two", "settings", "explain css/site.css one", "explain nope one"]
)
def test_no_line_is_longer_than_the_terminal(troubled: Path, width: int, line: str) -> None:
    text = ESCAPES.sub("", on_terminal(troubled, width, *line.split()))
    assert text.strip()
    assert [each for each in text.splitlines() if len(each) > width] == []


def test_words_are_whole(troubled: Path) -> None:
    line = ("check", "one", "two")
    narrow = ESCAPES.sub("", on_terminal(troubled, 60, *line))
    assert narrow.split() == command(troubled, *line).out.split()
    assert narrow.count("\n    ") >= 3


def test_colors(troubled: Path) -> None:
    line = ("check", "one", "two")
    plain = command(troubled, *line).out
    assert "\x1b" not in plain
    assert COLORS.search(on_terminal(troubled, 200, *line))
    assert ESCAPES.sub("", on_terminal(troubled, 200, *line)) == plain
    assert not COLORS.search(on_terminal(troubled, 200, *line, NO_COLOR="1"))
    assert "\x1b" not in on_terminal(troubled, 200, *line, TERM="dumb")


def test_the_bar(folder: Path) -> None:
    """It is there while somebody waits, and gone afterwards; in a pipe and on a dumb terminal it never was."""
    seen = on_terminal(folder, 80, "build", "one", "static", run=AT_ONCE)
    assert "encoding" in seen
    assert re.search(r" \d+/\d+ ", ESCAPES.sub("", seen))
    assert seen.endswith("for URLs below /\n")
    assert "encoding" not in on_terminal(folder, 80, "build", "two", "static", run=AT_ONCE, TERM="dumb")
    piped = subprocess.run(
        [sys.executable, *AT_ONCE, "build", "three", "static"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert piped.stdout.startswith("three: ")
    assert "encoding" not in piped.stderr


def test_a_pipe_gets_whole_lines(tmp_path: Path) -> None:
    name = "/".join(["folder" * 10] * 5) + "/a.css"
    write(tmp_path / "static", {name: "a{}"})
    lines = call(tmp_path, "list", "static", COLUMNS="40").out.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(f"{name}  /")


def test_nobody_reads_to_the_end(tmp_path: Path) -> None:
    write(tmp_path / "static", {f"{number}.txt": "x" for number in range(3000)})
    shell = f"{sys.executable} -m servestatic list static | head -1"
    done = subprocess.run(shell, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.startswith("name ")
    assert done.stderr == ""


def test_control_characters_and_undecodable_text_do_not_get_out(tmp_path: Path) -> None:
    write(tmp_path / "static", {"a.css": b"a{background:url('\x1b[31mx.png')}b{background:url(\xff.png)}"})
    done = command(tmp_path, "check", "static", PYTHONIOENCODING="utf-8")
    assert done.code == 1
    assert r"\x1b[31mx.png" in done.out
    assert "\x1b" not in done.out
    latin = command(write(tmp_path / "latin", {"static/ä → b.css": "a{}"}), "list", PYTHONIOENCODING="ascii")
    assert (latin.code, latin.err) == (0, "")
    assert latin.out.splitlines()[1].startswith(r"\xe4 \u2192 b.css")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_940, "99.9 kB"), (123_456, "123 kB"), (2_500_000_000, "2.5 GB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_amounts() -> None:
    assert [amount(count, "file") for count in (0, 1, 1234)] == ["0 files", "1 file", "1,234 files"]
