"""Servers as processes, and a client for single answers: a socket and no library, so that it takes little of a core."""

import os
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from benchmarks.lib.environments import CACHE

PATIENCE = 60  # seconds that a server may take to listen, and for an answer


@contextmanager
def run_server(
    command: Sequence[str | Path], variables: Mapping[str, str], log: IO[bytes] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server, and end it afterwards whatever happens."""
    process = subprocess.Popen(command, cwd=CACHE, env=dict(variables), start_new_session=True, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own: a worker may outlive the server
        process.wait()


def find_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Answer(NamedTuple):
    """An answer as a whole: `length` on the wire, names of fields in lower case."""

    status: int
    fields: dict[str, str]
    raw_fields: tuple[tuple[str, str], ...]
    body: bytes
    length: int

    @property
    def closes(self) -> bool:
        """Whether the server ends the connection."""
        return self.fields.get("connection", "").lower() == "close"


def connect(port: int) -> socket.socket:
    """Connect; a read that takes too long raises."""
    client = socket.create_connection(("127.0.0.1", port), PATIENCE)
    client.settimeout(None)  # Python's own timeouts cost a poll for each read
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", PATIENCE, 0))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def ask(client: socket.socket, request: bytes) -> Answer:
    """Send a request and read its answer.

    Raises:
        ConnectionResetError: it ends too early.
    """
    client.sendall(request)
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        _receive(client, data)
    line, *lines = data[:end].decode("latin-1").split("\r\n")
    pairs = tuple((name, value.strip()) for name, _, value in (text.partition(":") for text in lines))
    fields = {name.lower(): value for name, value in pairs}
    status = int(line.split()[1])
    body = b"" if status == 304 else _read_body(client, data, end + 4, fields)
    return Answer(status, fields, pairs, body, len(data))


def _receive(client: socket.socket, data: bytearray) -> None:
    more = client.recv(1 << 20)
    if not more:
        raise ConnectionResetError(f"the connection ends after {len(data)} bytes")
    data += more


def _read_body(client: socket.socket, data: bytearray, start: int, fields: Mapping[str, str]) -> bytes:
    if fields.get("transfer-encoding") == "chunked":
        return _read_chunks(client, data, start)
    if "content-length" in fields:
        while len(data) < start + int(fields["content-length"]):
            _receive(client, data)
    else:
        with suppress(ConnectionResetError):
            while True:
                _receive(client, data)
    return bytes(data[start:])


def _read_chunks(client: socket.socket, data: bytearray, start: int) -> bytes:
    body = bytearray()
    while True:
        while (end := data.find(b"\r\n", start)) < 0:
            _receive(client, data)
        size, start = int(data[start:end], 16), end + 2
        while len(data) < start + size + 2:
            _receive(client, data)
        body += data[start : start + size]
        start += size + 2
        if not size:
            return bytes(body)
