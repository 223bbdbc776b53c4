"""The value that all reference scanners return, and how their loops end. Nothing here opens a file."""

from typing import Literal, NamedTuple

# References of one file that are followed: more are a mistake, or an attack on the memory of every start. If a file
# has more, `find` returns one more.
MAX_REFERENCES = 20_000

Kind = Literal["url", "import", "json import", "css import", "dynamic import", "bundled", "source map"]


class Reference(NamedTuple):
    """A URL that a file refers to, as a span of the file's bytes.

    Attributes:
        start: offset of the first byte of the URL's text, inside the quotes.
        stop: offset after its last byte (half-open).
        url: the URL as the file's syntax reads it: escapes and entities decoded, percent-encoding kept.
        kind: what the reference is for; a missing `source map` is not worth a warning. A `json import` and a `css
            import` are those of a module, `with { type: "json" }`. What is `bundled` is named relative to the file or
            to the root of the bundle, a folder above.
    """

    start: int
    stop: int
    url: str
    kind: Kind = "url"


# Ends a loop `(?:…` of a regular expression. Every loop that may fail in the middle of an iteration needs a last branch
# that fails at once: before 3.11.5, Python's `re` stays where the last branch stopped (python/cpython#106052).
OR_STOP = rb"|(?!))*+"
