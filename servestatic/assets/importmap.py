"""Import maps (HTML §8.1.5.2): by which names a page's modules are known, and what bytes they must have.

`index.importmap("js/*.js", {"lit": "vendor/lit/index.js"}, prefix="app/")`, with the one module js/tide.js, is

    {"imports": {"/static/js/tide.js": "/static/js/tide.0123456789ab.js",
                 "app/js/tide.js": "/static/js/tide.0123456789ab.js",
                 "/static/vendor/lit/index.js": "/static/vendor/lit/index.ba9876543210.js",
                 "lit": "/static/vendor/lit/index.ba9876543210.js"},
     "integrity": {"/static/js/tide.0123456789ab.js": "sha384-…", …}}

A text is a logical path, or a shell pattern of such; a mapping gives bare names to logical paths. `prefix` stands
before a logical path to make a bare name of it. The plain URL is there for a computed `import()`, which nobody can
rewrite: it must lead to the same module as every other name. `integrity` has all that is named, and what its static
imports reach, and a bundle's `import()`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, TypeAlias
from urllib.parse import unquote

from servestatic.assets.names import split_fingerprint
from servestatic.assets.patterns import compile_patterns
from servestatic.assets.preload import Need, kind_of
from servestatic.errors import UnknownAsset

ImportMap: TypeAlias = dict[str, dict[str, str]]


class Files(Protocol):
    """What is asked of an index."""

    def __iter__(self) -> Iterator[str]: ...

    def path(self, name: str) -> str:
        """Return the public logical path."""

    def integrity(self, name: str) -> str:
        """Return the SRI metadata."""

    def match(self, written: str) -> tuple[str, ...]:
        """Return the names that a pattern means."""

    def reach(self, *names: str) -> Iterator[Need]:
        """Yield files and their needs."""

    def later(self, name: str) -> tuple[str, ...]:
        """Return the modules that a bundled one may ask for by `import()`."""


class _Named(NamedTuple):
    """A module's logical path, and the bare name that it is to have, if any."""

    name: str
    bare: str | None


def make_importmap(
    files: Files, names: Iterable[str | Mapping[str, str]], prefix: str, url: Callable[[str], str]
) -> ImportMap:
    """Make an import map; `url` gives the public URL of a logical path.

    Raises:
        UnknownAsset: no source has a module that is named, or none that a pattern matches.
    """
    imports: dict[str, str] = {}
    named = [*_expand(files, names, prefix)]
    for name, bare in named:
        public = url(name)
        if (plain := plain_url(files, name, public)) != public:
            imports[plain] = public
        if bare:
            imports[bare] = public
    return {"imports": imports, "integrity": find_integrity(files, [each.name for each in named], url)}


def find_integrity(files: Files, names: Iterable[str], url: Callable[[str], str]) -> dict[str, str]:
    """Return the SRI metadata of some modules, and of those that their imports reach, by URL.

    By `import()`, too, where a bundler's manifest says so. What changed under the server, so that its bytes are not to
    be had, is left out.
    """
    urls: dict[str, str] = {}
    asked = [*names]
    while asked:
        reached = [each.name for each in files.reach(*asked) if each.kind not in ("style", "font")]
        urls |= {name: url(name) for name in reached}
        asked = [each for name in reached for each in files.later(name) if each not in urls]
    found = {public: integrity_of(files, name, public) for name, public in urls.items()}
    return {public: metadata for public, metadata in found.items() if metadata}


def integrity_of(files: Files, name: str, public: str) -> str:
    """Return the SRI metadata of what a URL leads to; nothing where the bytes are not to be had.

    Nor where the URL has not the public name, as where another storage makes the URLs: it leads to other bytes.
    """
    try:
        return files.integrity(name) if unquote(public).endswith(files.path(name)) else ""
    except UnknownAsset:
        return ""


def plain_url(files: Files, name: str, public: str) -> str:
    """Return the URL without fingerprint that belongs to a public one, whatever stands before the path."""
    path = files.path(name)
    parts = split_fingerprint(path) if path != name and unquote(public).endswith(path) else None
    return "".join(public.rpartition(f".{parts[1]}")[::2]) if parts else public


def _expand(files: Files, names: Iterable[str | Mapping[str, str]], prefix: str) -> Iterator[_Named]:
    for each in names:
        if isinstance(each, str):
            yield from (_Named(name, prefix + name if prefix else None) for name in files.match(each))
        else:
            yield from (_Named(name, bare) for bare, name in each.items())


def is_pattern(written: str) -> bool:
    """Tell whether something could be a shell pattern."""
    return any(sign in written for sign in "*?[")


def find_modules(names: Iterable[str], pattern: str) -> tuple[str, ...]:
    """Return the modules that a shell pattern means, in the order of their names.

    Raises:
        UnknownAsset: there is none.
    """
    matches = compile_patterns([pattern])
    found = sorted(name for name in names if kind_of(name) == "module" and matches(name))
    if not found:
        raise UnknownAsset(f"no source has a module that matches {pattern!r}. Correct the pattern.")
    return tuple(found)


def dump(document: Mapping[str, object]) -> str:
    """Write JSON that may stand in a `<script>`: nothing in it can end the element or begin a comment."""
    text = json.dumps(document, indent=None, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
