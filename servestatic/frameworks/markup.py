"""What templates write for pages that load modules: preload links, import maps, integrity.

Nothing is written twice on a page: a `Page` remembers what it has written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import TypeAlias

from servestatic.assets.importmap import dump, integrity_of, make_importmap
from servestatic.assets.media_types import media_type
from servestatic.assets.preload import Need, kind_of
from servestatic.errors import UnknownAsset
from servestatic.serving.index import Index

Attributes: TypeAlias = Mapping[str, str | None]  # None is an attribute without value; an empty one is left out

# Modules, by kind, with the attribute `as` of their links (HTML, link type "modulepreload"); a script needs none.
_AS = {"module": "", "json": "json", "css": "style"}


class Page:
    """The elements of one page.

    Args:
        index: the files.
        url: returns the public URL of a name; for a name that no source has, it logs a warning or raises UnknownAsset.
        nonce: the nonce of the page's content security policy, or nothing.
        written: what the page already has.
        mark: marks HTML as safe, so that the template engine does not escape it.
    """

    def __init__(
        self,
        index: Index,
        url: Callable[[str], str],
        nonce: str = "",
        written: set[str] | None = None,
        mark: Callable[[str], str] = str,
    ) -> None:
        self._mark = mark
        self._index = index
        self._url = url
        self._nonce = nonce
        self._written = set() if written is None else written

    def integrity(self, name: str) -> str:
        """Return the SRI metadata of a file; nothing if its bytes are unavailable, or its URL leads to others."""
        return integrity_of(self._index, name, self._url(name))

    def modulepreload(self, *names: str) -> str:
        """Write a link for each module, given by name or pattern, and for those that its static imports reach."""
        return self._lines(self._link_module(need) for need, _ in self._reach(names) if need.kind in _AS)

    def preload(self, *names: str) -> str:
        """Write a link for what each file needs, and for a font or module itself.

        A stylesheet itself gets none: the page has a link for it.
        """
        return self._lines(self._link(need) for need, named in self._reach(names) if need.kind != "style" or not named)

    def stylesheet(self, *names: str) -> str:
        """Write a link for each stylesheet, or for those in a bundler's manifest for a module and its imports."""
        return self._lines(self._link_style(name) for name in self._find_styles(names))

    def importmap(self, *names: str | Mapping[str, str], prefix: str = "") -> str:
        """Write an import map: see `servestatic.assets.importmap`; `lit=vendor/lit.js` maps a bare name.

        A second one on a page has only the entries that the first one lacks.
        """
        found: dict[str, dict[str, str]] = {"imports": {}, "integrity": {}}
        for name in _split(names):
            try:
                made = make_importmap(self._index, [name], prefix, self._url)
            except UnknownAsset:
                self._url(name if isinstance(name, str) else next(iter(name.values())))
                continue
            for part, entries in made.items():
                found[part] |= {key: value for key, value in entries.items() if self._is_new(f"{part} {key}")}
        document = {part: entries for part, entries in found.items() if entries}
        start = _start("script", {"type": "importmap", "nonce": self._nonce})
        return self._mark(f"{start}{dump(document)}</script>" if document else "")

    # ------------------------------------------------------------------------------------------------- elements

    def _reach(self, names: Iterable[str]) -> Iterator[tuple[Need, bool]]:
        """Yield what the files reach, and whether it was named itself; a pattern names modules."""
        for name in names:
            try:
                named = self._index.match(name)
                yield from ((need, number < len(named)) for number, need in enumerate(self._index.reach(*named)))
            except UnknownAsset:
                self._url(name)

    def _find_styles(self, names: Iterable[str]) -> Iterator[str]:
        for need, named in self._reach(names):
            if need.kind == "module":
                bundled = need.name in self._index.catalog.bundles().files
                listed = self._index.catalog.needs(need) if bundled else ()
                yield from (name for name in listed if kind_of(name) == "style")
            elif named:
                yield need.name

    def _link(self, need: Need) -> str:
        if need.kind is None:
            return ""
        if need.kind in _AS:
            return self._link_module(need)
        essence = media_type(need.name).essence if need.kind == "font" else ""
        # Fonts are fetched with CORS even from the page's own origin (CSS Fonts 4 §4.8.2).
        cors = {"crossorigin": None} if need.kind == "font" else {"nonce": self._nonce}
        return self._element({"rel": "preload", "as": need.kind, "type": essence, "href": self._url(need.name), **cors})

    def _link_module(self, need: Need) -> str:
        known = {"href": self._url(need.name), "integrity": self.integrity(need.name), "nonce": self._nonce}
        return self._element({"rel": "modulepreload", "as": _AS[need.kind or ""], **known})

    def _link_style(self, name: str) -> str:
        known = {"href": self._url(name), "integrity": self.integrity(name), "nonce": self._nonce}
        return self._element({"rel": "stylesheet", **known, "crossorigin": None})

    def _element(self, attributes: Attributes) -> str:
        return _start("link", attributes) * self._is_new(f"{attributes['rel']} {attributes['href']}")

    def _is_new(self, key: str) -> bool:
        new = key not in self._written
        self._written.add(key)
        return new

    def _lines(self, elements: Iterable[str]) -> str:
        return self._mark("\n".join(filter(None, elements)))


def _start(tag: str, attributes: Attributes) -> str:
    pairs = [(name, value) for name, value in attributes.items() if value != ""]
    written = (name if value is None else f'{name}="{escape(value)}"' for name, value in pairs)
    return f"<{' '.join((tag, *written))}>"


def _split(names: Iterable[str | Mapping[str, str]]) -> Iterator[str | Mapping[str, str]]:
    """Yield the names one by one, `bare=path` as a mapping, so that an unknown one does not spoil the others."""
    for name in names:
        if isinstance(name, str):
            bare, sign, path = name.rpartition("=")
            yield {bare: path} if sign and bare else name
        else:
            yield from ({bare: path} for bare, path in name.items())
