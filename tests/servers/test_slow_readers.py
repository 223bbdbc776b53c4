"""Many clients that read slowly, and clients that leave: what they cost a server on an event loop."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

READERS = 32
SIZE = 100 * 1024 * 1024


class Process:
    """A running uvicorn, as /proc shows it."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.port = port

    def status(self, name: str) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
        assert found
        return int(found[1])

    def open_files(self, name: str) -> int:
        count = 0
        for link in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                count += os.readlink(link).endswith(name)
            except FileNotFoundError:
                continue
        return count

    def ask(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.sendall(b"GET /large.bin HTTP/1.1\r\nHost: test\r\n\r\n")
        return connection


@pytest.fixture
def uvicorn(tmp_path: Path) -> Iterator[Process]:
    (tmp_path / "static").mkdir()
    with (tmp_path / "static/large.bin").open("wb") as file:
        file.truncate(SIZE)
    (tmp_path / "static/small.txt").write_text("small")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "servestatic:app", "--port", str(port), "--log-level", "warning"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)
    with server:
        process = Process(server.pid, port)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                process.ask().close()
                break
            except OSError:
                time.sleep(0.05)
        try:
            yield process
        finally:
            server.terminate()
            server.wait(10)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_slow_readers(uvicorn: Process) -> None:
    first = uvicorn.ask()
    first.recv(1024)
    time.sleep(0.3)
    memory, threads = uvicorn.status("VmRSS"), uvicorn.status("Threads")
    readers = [uvicorn.ask() for _ in range(READERS)]
    for reader in readers:
        assert reader.recv(1024).startswith(b"HTTP/1.1 200 OK")
    time.sleep(1)
    for reader in readers:
        assert len(reader.recv(64 * 1024)) > 0
    more = uvicorn.status("VmRSS") - memory
    assert more <= 16 * 1024, f"{more} KiB for {READERS} readers"
    assert uvicorn.status("Threads") - threads < READERS / 2
    assert uvicorn.open_files("/large.bin") == READERS + 1

    for reader in (first, *readers):
        reader.close()
    deadline = time.monotonic() + 5
    while uvicorn.open_files("/large.bin") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert uvicorn.open_files("/large.bin") == 0


def test_a_reader_that_takes_it_all(uvicorn: Process) -> None:
    received = 0
    with uvicorn.ask() as reader:
        head = reader.recv(65536)
        received = len(head) - head.index(b"\r\n\r\n") - 4
        while received < SIZE:
            received += len(reader.recv(1 << 20))
    assert received == SIZE
