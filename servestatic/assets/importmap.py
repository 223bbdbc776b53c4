"""Import maps (HTML §8.1.5.2): which names the modules of a page have, and what their bytes must be.

`index.importmap("js/*.js", {"lit": "vendor/lit/index.js"}, prefix="app/")`, with the one module js/tide.js, is

    {"imports": {"/static/js/tide.js": "/static/js/tide.0123456789ab.js",
                 "app/js/tide.js": "/static/js/tide.0123456789ab.js",
                 "/static/vendor/lit/index.js": "/static/vendor/lit/index.ba9876543210.js",
                 "lit": "/static/vendor/lit/index.ba9876543210.js"},
     "integrity": {"/static/js/tide.0123456789ab.js": "sha384-…", …}}

A string is a logical path or a shell pattern of logical paths; a mapping gives bare names to logical paths. `prefix`
comes before a logical path to make it a bare name. Plain URLs are included for computed `import()` calls, which cannot
be rewritten: they must lead to the same modules as all other names. `integrity` covers the named modules, what their
static imports reach, and what a bundle loads by `import()`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, TypeAlias
from urllib.parse import unquote

from servestatic.assets.names import split_fingerprint
from servestatic.assets.preload import Need
from servestatic.errors import UnknownAsset

ImportMap: TypeAlias = dict[str, dict[str, str]]


class ModuleIndex(Protocol):
    """What an import map needs of an index."""

    def __iter__(self) -> Iterator[str]: ...

    def path(self, name: str) -> str:
        """Return the public logical path."""

    def integrity(self, name: str) -> str:
        """Return the SRI metadata."""

    def match(self, written: str) -> tuple[str, ...]:
        """Return the names that a pattern matches."""

    def reach(self, *names: str) -> Iterator[Need]:
        """Yield files and their needs."""

    def later(self, name: str) -> tuple[str, ...]:
        """Return the modules that a bundled module may load by `import()`."""


class _Named(NamedTuple):
    """The logical path of a module, and the bare name that it gets, if any."""

    name: str
    bare: str | None


def make_importmap(
    index: ModuleIndex, names: Iterable[str | Mapping[str, str]], prefix: str, url: Callable[[str], str]
) -> ImportMap:
    """Make an import map; `url` returns the public URL of a logical path.

    Raises:
        UnknownAsset: no source has a named module, or one that matches a pattern.
    """
    imports: dict[str, str] = {}
    named = [*_expand(index, names, prefix)]
    for name, bare in named:
        public = url(name)
        if (plain := plain_url(index, name, public)) != public:
            imports[plain] = public
        if bare:
            imports[bare] = public
    return {"imports": imports, "integrity": find_integrity(index, [module.name for module in named], url)}


def find_integrity(index: ModuleIndex, names: Iterable[str], url: Callable[[str], str]) -> dict[str, str]:
    """Return the SRI metadata of some modules, and of those that their imports reach, by URL.

    That includes `import()` where the manifest of a bundler lists it. Modules whose bytes are unavailable, because the
    file has changed under the server, are left out.
    """
    urls: dict[str, str] = {}
    wanted = [*names]
    while wanted:
        reached = [need.name for need in index.reach(*wanted) if need.kind not in ("style", "font")]
        urls |= {name: url(name) for name in reached}
        wanted = [later for name in reached for later in index.later(name) if later not in urls]
    found = {public: integrity_of(index, name, public) for name, public in urls.items()}
    return {public: metadata for public, metadata in found.items() if metadata}


def integrity_of(index: ModuleIndex, name: str, public: str) -> str:
    """Return the SRI metadata of the file at a URL; an empty text if its bytes are unavailable.

    The text is empty too if the URL does not end with the public name, as when another storage makes the URLs: such a
    URL leads to other bytes.
    """
    try:
        return index.integrity(name) if unquote(public).endswith(index.path(name)) else ""
    except UnknownAsset:
        return ""


def plain_url(index: ModuleIndex, name: str, public: str) -> str:
    """Return a public URL without its fingerprint, whatever comes before the path."""
    path = index.path(name)
    parts = split_fingerprint(path) if path != name and unquote(public).endswith(path) else None
    return "".join(public.rpartition(f".{parts[1]}")[::2]) if parts else public


def _expand(index: ModuleIndex, names: Iterable[str | Mapping[str, str]], prefix: str) -> Iterator[_Named]:
    for written in names:
        if isinstance(written, str):
            yield from (_Named(name, prefix + name if prefix else None) for name in index.match(written))
        else:
            yield from (_Named(name, bare) for bare, name in written.items())


def dump(document: Mapping[str, object]) -> str:
    """Write JSON that is safe inside a `<script>`: nothing in it can end the element or begin a comment."""
    text = json.dumps(document, indent=None, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
