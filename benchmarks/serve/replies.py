"""Replies: what bare applications send, copied from the contenders' answers.

The benchmark writes them. After a request for `/-/reply/NAME`, a bare application answers everything with that one.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.chrome import PASSED

CONTROL = "/-/reply/"


class Reply(NamedTuple):
    """A reply: `path` is a file to send as the server itself sends files, "" if `body` is sent."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    path: str = ""


APPLICATION = Reply(200, (("content-type", "text/plain"), ("content-length", str(len(PASSED)))), PASSED)


def read(control: str) -> Reply:
    """Read what a request of `/-/reply/NAME` names."""
    head, _, body = (_place() / control.removeprefix(CONTROL)).read_bytes().partition(b"\n")
    status, fields, path = json.loads(head)
    return Reply(status, tuple((name, value) for name, value in fields), body, path)


def write(place: Path, name: str, reply: Reply) -> str:
    """Write a reply, and return the path of the request that selects it."""
    place.mkdir(parents=True, exist_ok=True)
    head = json.dumps([reply.status, reply.fields, reply.path]).encode()
    (place / name).write_bytes(head + b"\n" + reply.body)
    return f"{CONTROL}{name}"


def _place() -> Path:
    return Path(os.environ["SITE_REPLIES"])
