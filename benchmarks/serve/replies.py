"""Answers that bare applications send: written by whoever measures, read by the server that is told to.

A server is told by a request for `/-/prepared/NAME`; from then on it answers everything with that.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

CONTROL = "/-/prepared/"


class Prepared(NamedTuple):
    """An answer: `path` is a file to send as the server itself sends files, "" where `body` is sent."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    path: str = ""


PASSED = Prepared(200, (("content-type", "text/plain"), ("content-length", "16")), b"the application\n")


def read(control: str) -> Prepared:
    """Read what a request of `/-/prepared/NAME` names."""
    head, _, body = (_place() / control.removeprefix(CONTROL)).read_bytes().partition(b"\n")
    status, fields, path = json.loads(head)
    return Prepared(status, tuple((name, value) for name, value in fields), body, path)


def write(place: Path, name: str, prepared: Prepared) -> str:
    """Write an answer, and return the path that a server is told by."""
    place.mkdir(parents=True, exist_ok=True)
    head = json.dumps([prepared.status, prepared.fields, prepared.path]).encode()
    (place / name).write_bytes(head + b"\n" + prepared.body)
    return f"{CONTROL}{name}"


def _place() -> Path:
    return Path(os.environ["SITE_PREPARED"])
