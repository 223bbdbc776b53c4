"""What is asked: the requests, as Chrome sends them, with the budget of each answer."""

from typing import NamedTuple

from benchmarks.lib.chrome import IDENTITY, Fields


class Scenario(NamedTuple):
    """One kind of request.

    Attributes:
        name: in the report.
        path: what is asked for: `fingerprinted`, `plain`, or `nowhere`, where no file is.
        fields: replace Chrome's of the same name, or follow them; `{etag}` and `{last_modified}` are the validators
            that the contender sent (a field is left out if it sent none), `{n}` is another number each time.
        status: of the answer that is asked for.
        coding: of the answer that is asked for.
        budget: microseconds over the bare handler, from the first decision of the design.
    """

    name: str
    path: str
    fields: Fields
    status: int
    coding: str
    budget: float


SCENARIOS = (
    Scenario("GET, fingerprinted", "fingerprinted", (), 200, "br", 1.5),
    Scenario(  # as Chrome asks for the next version of a file that it has: here, of no release that is kept
        "GET, with a dictionary",
        "fingerprinted",
        (
            ("accept-encoding", "gzip, deflate, br, zstd, dcb, dcz"),
            ("available-dictionary", ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"),
        ),
        200,
        "br",
        1.7,
    ),
    Scenario("GET, plain URL", "plain", (), 200, "br", 1.5),
    Scenario("304, If-None-Match", "fingerprinted", (("if-none-match", "{etag}"),), 304, "", 1.5),
    Scenario(  # what Chrome sends where the response that it stored had both
        "304, If-None-Match and If-Modified-Since",
        "fingerprinted",
        (("if-none-match", "{etag}"), ("if-modified-since", "{last_modified}")),
        304,
        "",
        1.5,
    ),
    Scenario("pass-through", "nowhere", (), 200, "", 0.4),
    Scenario(  # as a media element asks: identity, so that ranges of all processes fit together
        "Range, another each time",
        "fingerprinted",
        (*IDENTITY, ("range", "bytes={n}-1500")),
        206,
        "",
        8.0,
    ),
    Scenario(
        "Accept-Encoding, another each time",
        "fingerprinted",
        (("accept-encoding", "gzip;q=0.{n}, deflate, br, zstd"),),
        200,
        "br",
        8.0,
    ),
)
TEXTS = 1000  # different texts for `{n}`, one after the other: more than any contender keeps
