"""Copies of what no source has as a file, for programs that take paths: one temporary folder for each process."""

import atexit
import os
import shutil
import tempfile
import threading

from servestatic.disk.write import write_file


class Copies:
    """Files below a temporary folder, which is removed when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._folder = ""

    def keep(self, name: str, data: bytes, mtime_ns: int) -> str:
        """Return the path of a file with these bytes; its name fixes them, so that it is written once.

        Raises:
            OSError: the temporary directory cannot hold the file.
        """
        path = os.path.join(self._open(), *name.split("/"))
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_file(path, data)
        os.utime(path, ns=(mtime_ns, mtime_ns))
        return path

    def _open(self) -> str:
        """Return the folder of this process: one that was forked has its own."""
        with self._lock:
            if self._owner != os.getpid():
                self._owner, self._folder = os.getpid(), tempfile.mkdtemp(prefix="servestatic-")
                atexit.register(_remove, self._folder, self._owner)
            return self._folder


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


copies = Copies()
