"""SeaweedFS as an S3 server, which can be stopped and started again with what it has."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_WITHIN = 60.0  # seconds


class Bucket:
    """A server with one bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        servers = ("master", "volume", "filer", "s3")
        self._ports = {f"{server}.port{kind}": free_port() for server in servers for kind in ("", ".grpc")}
        self.port = self._ports["s3.port"]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = "s3://fleet/site"
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": "us-east-1",
        }

    def start(self) -> None:
        """Start the server, and wait until the bucket can be used."""
        self._folder.mkdir(exist_ok=True)
        search = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
        command = [shutil.which("weed", path=search) or "weed", "server", f"-dir={self._folder}", "-s3"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.volumeSizeLimitMB=64"]
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
            except urllib.error.HTTPError as error:
                if error.code == 409:  # it is there since the first start
                    return
            except OSError:
                pass  # not yet
            time.sleep(0.5)
        raise AssertionError((self._folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        """End the server; what it has stays."""
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
