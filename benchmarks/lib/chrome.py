"""Requests as Chrome sends them."""

from collections.abc import Mapping
from typing import TypeAlias

Fields: TypeAlias = tuple[tuple[str, str], ...]

NOWHERE = "/lights/42/"  # the path of no file: the application answers
PASSED = b"the application\n"  # with this
# A classic script of the page's own site; 15 fields, names as servers hand them on.
CHROME: Fields = (
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
IDENTITY: Fields = (("accept-encoding", "identity;q=1, *;q=0"),)  # as a media element asks


def write_fields(fields: Fields, values: Mapping[str, str]) -> Fields:
    """Return Chrome's fields, with others in place of those of the same name, or after them.

    `{name}` in a text stands for a value. A field that is empty then is left out: a validator that was not sent.
    """
    own = {name: text.format_map(values) for name, text in fields}
    replaced = [(name, own.pop(name, value)) for name, value in CHROME]
    return (*replaced, *((name, value) for name, value in own.items() if value))
