"""Ports for servers that tests start."""

from __future__ import annotations

import contextlib
import random
import socket

_LOWEST, _HIGHEST = 20_000, 32_000  # below those that Linux, macOS and Windows give to clients
_TRIES = 100
_random = random.SystemRandom()  # not seeded, as runs of the tests beside each other may be


def free_port() -> int:
    """Return a port that no process listens on.

    A port that the system chooses may become the local port of a client before the server binds it.
    """
    for _ in range(_TRIES):
        port = _random.randrange(_LOWEST, _HIGHEST)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError(f"no port between {_LOWEST} and {_HIGHEST} is free")
