"""Which fields the answers for a file carry, besides those that its bytes determine."""

from collections.abc import Callable, Collection, Iterable
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


# Returns additional fields for the file at a logical path that is requested by a URL path, percent-decoded; if several
# name a field, the last wins. The URL path is empty for a redirect, and for a 404 in place of an earlier release.
FindFields: TypeAlias = Callable[[str, str], Fields]


def find_no_fields(name: str, path: str) -> Fields:
    """Add no field."""
    return ()


def find_by_pattern(rules: Iterable[tuple[str, Fields]]) -> FindFields:
    """Return a function that finds the fields of all patterns that match the logical path."""
    compiled = [(compile_patterns([pattern]), fields) for pattern, fields in rules]
    return lambda name, path: tuple(pair for matches, fields in compiled if matches(name) for pair in fields)


class Policy(NamedTuple):
    """What the settings determine about fields and names.

    Attributes:
        fingerprints: URLs carry fingerprints.
        revalidate: every answer is `no-cache`, fingerprinted or not, as development needs it.
        max_age: seconds for which plain URLs are fresh; 0 means `no-cache`, None no Cache-Control at all.
        cors: what other origins may read: everything, fonts, nothing.
        pages: HTML files keep their plain names, are served rewritten there, and are always revalidated.
        index_files: what a path that ends with a slash serves: the first of these names that exists.
        clean_urls: a path without `.html` serves the page.
        immutable: matches files whose own names change with their bytes, as bundlers name them.
        alone: no application answers for paths without a file.
        headers: finds additional fields.
    """

    fingerprints: bool
    revalidate: bool
    max_age: int | None
    cors: Cors
    pages: bool = True
    index_files: tuple[str, ...] = ()
    clean_urls: bool = False
    immutable: Callable[[str], object] = compile_patterns(())
    alone: bool = False
    headers: FindFields = find_no_fields

    def keep_names(self, names: Collection[str]) -> "Policy":
        """Return the same policy, but with more files that keep their names and are immutable."""
        immutable = self.immutable
        return self._replace(immutable=lambda name: name in names or immutable(name)) if names else self

    def is_page(self, name: str) -> bool:
        """Return whether a file is a page, which has only its plain name."""
        return self.pages and media_type(name).page

    def keeps_name(self, name: str) -> bool:
        """Return whether a file has only its plain name: it is a page, named by a bundler, or its name is too long."""
        return self.is_page(name) or bool(self.immutable(name)) or not has_room(name)

    def fields(self, name: str, path: str = "") -> Fields:
        """Return the fields of every answer for a file at a URL path, whatever its status."""
        shared = self.cors == "all" or (self.cors == "fonts" and media_type(name).font)
        usual = {"Access-Control-Allow-Origin": "*"} if shared else {}
        return self._add_fields(name, path, usual, cross_origin=True)

    def metadata(self, name: str, path: str, *, utf8: bool, fingerprinted: bool) -> Fields:
        """Return the fields of answers that carry a representation of a file at a URL path."""
        kind, freshness = media_type(name), self.freshness(name, fingerprinted=fingerprinted)
        usual = {"Content-Type": _content_type(kind, utf8=utf8)}
        usual |= {"Content-Encoding": kind.stored} if kind.stored else {}
        usual |= {"Cache-Control": freshness} if freshness else {}
        return self._add_fields(name, path, usual | dict((NOSNIFF,)), cross_origin=False)

    def _add_fields(self, name: str, path: str, usual: dict[str, str], *, cross_origin: bool) -> Fields:
        added = self.headers(name, path)
        usual |= {field: value for field, value in added if _is_cross_origin(field) == cross_origin}
        return tuple(usual.items())

    def freshness(self, name: str, *, fingerprinted: bool) -> str:
        """Return the Cache-Control of a file; empty for none."""
        if self.revalidate or self.is_page(name):
            return "no-cache"
        if fingerprinted or self.immutable(name):
            return IMMUTABLE
        if self.max_age is None:
            return ""
        return f"max-age={self.max_age}" if self.max_age else "no-cache"


def _content_type(kind: MediaType, *, utf8: bool) -> str:
    return f"{kind.essence}; charset=utf-8" if kind.text and utf8 else kind.essence


def _is_cross_origin(field: str) -> bool:
    """Return whether scripts of other origins need a field to see an answer, so that 304, 404 and 405 carry it too."""
    return field.startswith(("Access-Control-", "Cross-Origin-", "Timing-Allow-"))
