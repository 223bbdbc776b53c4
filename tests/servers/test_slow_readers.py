"""Many clients that read slowly, and clients that leave: what they cost a server on an event loop."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.ports import free_port

READERS = 32
SIZE = 100 * 1024 * 1024


class Process:
    """A running server, as /proc shows it."""

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


# hypercorn looks up a name where a module's __getattr__ is not asked.
MAKE = "servestatic.standalone:make_app()"
SERVERS = {
    "uvicorn": ("uvicorn", "--log-level", "warning", "servestatic:app", "--port", "{port}"),
    "hypercorn": ("hypercorn", "--log-level", "warning", MAKE, "--workers", "0", "--bind", "127.0.0.1:{port}"),
    "granian rsgi": (
        "granian",
        "--log-level",
        "warning",
        "--interface",
        "rsgi",
        "servestatic:rsgi_app",
        "--port",
        "{port}",
    ),
}
OWN_READERS = {"granian rsgi"}  # read files in threads of their own, of which there are as many as slow clients


def worker_of(pid: int) -> int:
    """The process that answers: the last child of the first, since multiprocessing has one of its own; or the first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[-1]) if children else pid


@pytest.fixture(params=SERVERS)
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Process]:
    """A server with one long file, whose log is free of complaints when all is over."""
    (tmp_path / "static").mkdir()
    with (tmp_path / "static/large.bin").open("wb") as file:
        file.truncate(SIZE)
    (tmp_path / "static/small.txt").write_text("small")
    port = free_port()
    command = [sys.executable, "-m", *(each.format(port=port) for each in SERVERS[request.param])]
    with (tmp_path / "log").open("wb") as log:
        started = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    with started:
        process = Process(started.pid, port)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                process.ask().close()
                process.pid = worker_of(started.pid)
                break
            except OSError:
                time.sleep(0.05)
        try:
            yield process
        finally:
            started.terminate()
            try:
                started.wait(10)
            finally:  # granian waits for its clients, which a failed test still holds
                with suppress(ProcessLookupError):
                    os.killpg(started.pid, signal.SIGKILL)
    log_text = (tmp_path / "log").read_text()
    assert "Traceback" not in log_text
    assert "raised exception" not in log_text, "something was sent on a lost connection again and again"


def test_slow_readers(server: Process, request: pytest.FixtureRequest) -> None:
    first = server.ask()
    first.recv(1024)
    time.sleep(0.3)
    memory, threads = server.status("VmRSS"), server.status("Threads")
    readers = [server.ask() for _ in range(READERS)]
    for reader in readers:
        assert reader.recv(1024).startswith(b"HTTP/1.1 200 ")
    time.sleep(1)
    for reader in readers:
        assert len(reader.recv(64 * 1024)) > 0
    more = server.status("VmRSS") - memory
    name = request.node.callspec.params["server"]
    room = 32 * 1024 if name in OWN_READERS else 16 * 1024
    assert more <= room, f"{more} KiB for {READERS} readers"
    assert name in OWN_READERS or server.status("Threads") - threads < READERS / 2
    assert server.open_files("/large.bin") == READERS + 1

    for reader in (first, *readers):
        reader.close()
    deadline = time.monotonic() + 5
    while server.open_files("/large.bin") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.open_files("/large.bin") == 0
    assert server.status("VmRSS") - memory <= room


def test_a_reader_that_takes_it_all(server: Process) -> None:
    received = 0
    with server.ask() as reader:
        head = reader.recv(65536)
        received = len(head) - head.index(b"\r\n\r\n") - 4
        while received < SIZE:
            received += len(reader.recv(1 << 20))
    assert received == SIZE
