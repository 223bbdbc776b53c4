"""Which fields the answers for a file carry, besides those that its bytes determine."""

from collections.abc import Callable, Collection
from typing import Literal, NamedTuple, TypeAlias

from servestatic.assets.media_types import MediaType, media_type
from servestatic.assets.names import has_room
from servestatic.assets.patterns import compile_patterns
from servestatic.http.message import NOSNIFF, Fields

Cors: TypeAlias = Literal["all", "fonts", "off"]

# RFC 9111 §5.2.2.1 and RFC 8246: a year, and no revalidation even on reload. Without `public`: max-age alone lets every
# shared cache store the answer, except one to a request with Authorization (RFC 9111 §3.5), and a site behind a
# password should stay there.
IMMUTABLE = "max-age=31536000, immutable"


class Rule(NamedTuple):
    """Additional fields for the files whose logical paths match."""

    matches: Callable[[str], object]
    fields: Fields


class Policy(NamedTuple):
    """What the settings determine about fields and names.

    Attributes:
        fingerprints: URLs carry fingerprints.
        revalidate: every answer is `no-cache`, fingerprinted or not, as development needs it.
        max_age: seconds for which plain URLs are fresh; 0 means `no-cache`.
        cors: what other origins may read: everything, fonts, nothing.
        pages: HTML files keep their plain names, are served rewritten there, and are always revalidated.
        index_file: what a path that ends with a slash serves; empty for nothing.
        clean_urls: a path without `.html` serves the page.
        immutable: matches files whose own names change with their bytes, as bundlers name them.
        alone: no application answers for paths without a file.
        rules: if several name a field, the last wins.
    """

    fingerprints: bool
    revalidate: bool
    max_age: int
    cors: Cors
    pages: bool = True
    index_file: str = ""
    clean_urls: bool = False
    immutable: Callable[[str], object] = compile_patterns(())
    alone: bool = False
    rules: tuple[Rule, ...] = ()

    def keep_names(self, names: Collection[str]) -> "Policy":
        """Return the same policy, but with more files that keep their names and are immutable."""
        named, immutable = frozenset(names), self.immutable
        return self._replace(immutable=lambda name: name in named or immutable(name)) if named else self

    def is_page(self, name: str) -> bool:
        """Return whether a file is a page, which has only its plain name."""
        return self.pages and media_type(name).page

    def keeps_name(self, name: str) -> bool:
        """Return whether a file has only its plain name: it is a page, named by a bundler, or its name is too long."""
        return self.is_page(name) or bool(self.immutable(name)) or not has_room(name)

    def fields(self, name: str) -> Fields:
        """Return the fields of every answer for a file, whatever its status."""
        shared = self.cors == "all" or (self.cors == "fonts" and media_type(name).font)
        usual = {"Access-Control-Allow-Origin": "*"} if shared else {}
        return self._apply_rules(name, usual, cross_origin=True)

    def metadata(self, name: str, *, utf8: bool, fingerprinted: bool) -> Fields:
        """Return the fields of answers that carry a representation of a file."""
        kind = media_type(name)
        usual = {"Content-Type": _content_type(kind, utf8=utf8)}
        usual |= {"Content-Encoding": kind.stored} if kind.stored else {}
        usual |= dict((("Cache-Control", self.freshness(name, fingerprinted=fingerprinted)), NOSNIFF))
        return self._apply_rules(name, usual, cross_origin=False)

    def _apply_rules(self, name: str, usual: dict[str, str], *, cross_origin: bool) -> Fields:
        for rule in self.rules:
            if rule.matches(name):
                usual |= {field: value for field, value in rule.fields if _is_cross_origin(field) == cross_origin}
        return tuple(usual.items())

    def freshness(self, name: str, *, fingerprinted: bool) -> str:
        """Return the Cache-Control of a file."""
        immutable = fingerprinted or self.immutable(name)
        if self.revalidate or self.is_page(name) or not (immutable or self.max_age):
            return "no-cache"
        return IMMUTABLE if immutable else f"max-age={self.max_age}"


def _content_type(kind: MediaType, *, utf8: bool) -> str:
    return f"{kind.essence}; charset=utf-8" if kind.text and utf8 else kind.essence


def _is_cross_origin(field: str) -> bool:
    """Return whether scripts of other origins need a field to see an answer, so that 304, 404 and 405 carry it too."""
    return field.startswith(("Access-Control-", "Cross-Origin-", "Timing-Allow-"))
