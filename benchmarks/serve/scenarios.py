"""What is asked for: requests as Chrome writes them, and what a right answer is."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.lib.chrome import IDENTITY, NOWHERE, PASSED, Fields, write_fields
from benchmarks.serve.load import NUMBER
from benchmarks.serve.tree import File

_MEDIA = (("accept", "image/avif,image/webp,*/*;q=0.8"), ("sec-fetch-dest", "image"))


class Scenario(NamedTuple):
    """One kind of request.

    Attributes:
        name: in the report.
        file: that is asked for by its fingerprinted name; "" for the path of no file.
        fields: replace Chrome's of the same name, or follow them; `{etag}` is what the contender sent, and `NUMBER` is
            another one each time.
        status: of the right answer.
        coding: of the right answer.
        cut: of the file that is the right answer; None where it has no body.
        connections: that ask at the same time.
        figure: what is reported: CPU for each request, the time of one (`latency`), bytes for each CPU second (`rate`).
    """

    name: str
    file: str
    fields: Fields = ()
    status: int = 200
    coding: str = ""
    cut: slice | None = slice(None)
    connections: int = 64
    figure: str = "cpu"


SMALL = (
    Scenario("4 KB brotli", "app.js", coding="br"),
    Scenario("29 KB brotli", "bundle.js", coding="br"),
    Scenario("4 KB identity", "icon.png", _MEDIA),
    Scenario("304", "app.js", (("if-none-match", "{etag}"),), 304, "", None),
    Scenario("pass-through", ""),
)
RANGE = Scenario(
    "64 KB range", "photo.jpg", (*IDENTITY, ("range", "bytes=65536-131071")), 206, "", slice(65536, 131072), 16
)
PARTS = Scenario(
    "64 KB range, another each time",
    "photo.jpg",
    (*IDENTITY, ("range", f"bytes=65{NUMBER}-130{NUMBER}")),
    206,
    "",
    slice(65000, 130001),
    16,
)
IMAGE = Scenario("1 MB image", "photo.jpg", _MEDIA, connections=8)
DOWNLOAD = Scenario("100 MiB", "film.mp4", connections=1, figure="rate")
LATENCY = Scenario("latency of one connection", "app.js", coding="br", connections=1, figure="latency")
SCENARIOS = (
    *SMALL,
    Scenario("100 KB JavaScript", "bundle.js", IDENTITY, connections=16),
    RANGE,
    PARTS,
    IMAGE,
    DOWNLOAD,
    LATENCY,
)


def write_request(scenario: Scenario, path: str, etag: str) -> bytes:
    """Write the bytes of a request."""
    fields = write_fields(scenario.fields, {"etag": etag})
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def find_path(scenario: Scenario, files: Mapping[str, File]) -> str:
    """Return the path that is asked for."""
    return files[scenario.file].path if scenario.file else NOWHERE


def find_body(scenario: Scenario, files: Mapping[str, File]) -> bytes:
    """Return the body of the right answer, uncoded."""
    if not scenario.file:
        return PASSED
    return b"" if scenario.cut is None else files[scenario.file].data[scenario.cut]
