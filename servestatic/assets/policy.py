"""Which fields a file's answers carry besides those that its bytes determine: one table of reasons."""

from typing import Literal, NamedTuple, TypeAlias

from servestatic.assets.media_types import MediaType
from servestatic.http.message import Fields

Cors: TypeAlias = Literal["all", "fonts", "off"]

# RFC 9111 §5.2.2.1 and RFC 8246: a year, and no revalidation even on reload. Without `public`: max-age alone lets every
# shared cache store the answer, except one to a request with Authorization (RFC 9111 §3.5), and a site behind a
# password should stay there.
IMMUTABLE = "max-age=31536000, immutable"


class Policy(NamedTuple):
    """What the settings say about fields.

    Attributes:
        fingerprints: URLs carry fingerprints.
        revalidate: every answer is `no-cache`, fingerprinted or not, as development wants it.
        max_age: seconds for which plain URLs are fresh; 0 means `no-cache`.
        cors: what other origins may read: everything, fonts, nothing.
    """

    fingerprints: bool
    revalidate: bool
    max_age: int
    cors: Cors

    def fields(self, kind: MediaType) -> Fields:
        """List the fields of every answer."""
        shared = self.cors == "all" or (self.cors == "fonts" and kind.font)
        return (("Access-Control-Allow-Origin", "*"),) if shared else ()

    def metadata(self, kind: MediaType, *, utf8: bool, fingerprinted: bool) -> Fields:
        """List the fields of answers that carry a representation."""
        content_type = f"{kind.essence}; charset=utf-8" if kind.text and utf8 else kind.essence
        return (
            ("Content-Type", content_type),
            ("Cache-Control", self.freshness(fingerprinted=fingerprinted)),
            ("X-Content-Type-Options", "nosniff"),
        )

    def freshness(self, *, fingerprinted: bool) -> str:
        """Return the Cache-Control of an answer."""
        if self.revalidate or not (fingerprinted or self.max_age):
            return "no-cache"
        return IMMUTABLE if fingerprinted else f"max-age={self.max_age}"
