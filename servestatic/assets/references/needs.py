"""Which of a file's references name what a browser needs at once: imports of a module; of a stylesheet fonts, too.

What a script may ask for later (`import()`, `new URL`, workers) is no need, nor is an image.
"""

from collections.abc import Iterable, Iterator, Sequence

from servestatic.assets.media_types import media_type
from servestatic.assets.preload import PreloadKind, kind_of
from servestatic.assets.references import Reference, is_path, resolve
from servestatic.assets.tree import Tree

_MODULES = ("text/javascript", "application/json", "application/wasm")


def find_needs(path: str, references: Iterable[Reference], tree: Tree) -> tuple[str, ...]:
    """Return the needs of the file at a URL path, in the order of its text, as `Mount.needs` has them."""
    kind = kind_of(tree.files[path].name)
    if kind not in ("module", "style"):
        return ()
    mount = tree.mount(tree.files[path])
    found: dict[str, None] = {}
    for each in references:
        if each.kind == "import" or (kind == "style" and each.kind == "url" and _may_be_font(each.url)):
            target = resolve(each.url, path) if is_path(each.url) else None
            file = tree.files.get(target) if target and target != path else None
            if file and _is_need(kind, each, file.name):
                found[file.name if tree.mount(file) == mount else tree.path(file)] = None
    return tuple(_without_older_fonts([*found]))


def _may_be_font(url: str) -> bool:
    return media_type(url.partition("?")[0].partition("#")[0]).font


def _is_need(kind: PreloadKind, reference: Reference, name: str) -> bool:
    """A script that imports an image is meant for a bundler; a stylesheet that is a module is none of the page."""
    if kind == "module":
        return media_type(name).essence in _MODULES
    return reference.kind == "import" or media_type(name).font


def _without_older_fonts(names: Sequence[str]) -> Iterator[str]:
    """Leave out fonts in formats that no browser takes where the same font is there as WOFF2."""
    newest = {name.rpartition(".")[0] for name in names if name.lower().endswith(".woff2")}
    for name in names:
        stem, _, extension = name.rpartition(".")
        if not (media_type(name).font and stem in newest) or extension.lower() == "woff2":
            yield name
