"""What is asked: the requests, as Chrome sends them, with the budget of each answer."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

Pairs: TypeAlias = tuple[tuple[str, str], ...]

# A classic script of the page's own site; 15 fields, names as servers hand them on.
CHROME: Pairs = (
    ("host", "www.example.com"),
    ("connection", "keep-alive"),
    ("sec-ch-ua-platform", '"Linux"'),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    ("sec-ch-ua", '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'),
    ("sec-ch-ua-mobile", "?0"),
    ("dnt", "1"),
    ("accept", "*/*"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "no-cors"),
    ("sec-fetch-dest", "script"),
    ("referer", "https://www.example.com/lights/42/"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
    ("cookie", "csrftoken=p7sKz2vQmLx4Yt0aHd8RfWc1Gj5NbUe9; sessionid=x3k9q1m7v5z2c8b4n6l0j2h4g6f8d1s3"),
)


class Scenario(NamedTuple):
    """One kind of request.

    Attributes:
        name: in the report.
        place: the URL that is asked for: `fingerprinted`, `plain`, or `nowhere`, which is no file.
        fields: replace Chrome's of the same name, or follow them; `{etag}` and `{last_modified}` are the validators
            that the contender sent (a field is left out where it sent none), `{n}` is another number each time.
        status: of the answer that is asked for.
        coding: of the answer that is asked for.
        budget: microseconds over the bare handler, from the first decision of the design.
    """

    name: str
    place: str
    fields: Pairs
    status: int
    coding: str
    budget: float


SCENARIOS = (
    Scenario("GET, fingerprinted", "fingerprinted", (), 200, "br", 1.5),
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
        (("accept-encoding", "identity;q=1, *;q=0"), ("range", "bytes={n}-1500")),
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


def write_fields(scenario: Scenario, validators: Mapping[str, str], number: int) -> Pairs:
    """Write the fields of one request."""
    own = {name: text.format(**validators, n=f"{number:03}") for name, text in scenario.fields}
    replaced = [(name, own.pop(name, value)) for name, value in CHROME]
    return (*replaced, *((name, value) for name, value in own.items() if value))
