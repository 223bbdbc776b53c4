"""What a browser needs together with a file: static imports of a module, imports and fonts of a stylesheet.

What a script may load later (`import()`, `new URL`, workers) is not a need, and neither are images. JSON and
stylesheets that a module imports (`with { type: "json" }`) are modules, too.
"""

from collections.abc import Iterable, Iterator, Sequence

from servestatic.assets.media_types import media_type
from servestatic.assets.preload import PreloadKind, kind_of
from servestatic.assets.references import Reference, is_path, resolve
from servestatic.assets.tree import Tree

# Media types of what a module's import may name, by the kind of the reference.
_IMPORTED = {
    "import": ("text/javascript", "application/wasm"),
    "json import": ("application/json",),
    "css import": ("text/css",),
}


def find_needs(path: str, references: Iterable[Reference], tree: Tree) -> tuple[str, ...]:
    """Return the needs of the file at a URL path, in the order of its text.

    A need is a name below the same mount, or a URL path below another one.
    """
    kind = kind_of(tree.files[path].name)
    if kind not in ("module", "style"):
        return ()
    mount = tree.mount(tree.files[path])
    found: dict[str, None] = {}
    for reference in references:
        if reference.kind in _IMPORTED or (kind == "style" and reference.kind == "url" and _may_be_font(reference.url)):
            target = resolve(reference.url, path) if is_path(reference.url) else None
            file = tree.files.get(target) if target and target != path else None
            if file and _is_need(kind, reference, file.name):
                found[file.name if tree.mount(file) == mount else tree.path(file)] = None
    return tuple(_without_older_fonts([*found]))


def _may_be_font(url: str) -> bool:
    return media_type(url.partition("?")[0].partition("#")[0]).font


def _is_need(kind: PreloadKind, reference: Reference, name: str) -> bool:
    """Return whether a reference is a need; not the import of an image, which only bundlers understand."""
    if kind == "module":
        return media_type(name).essence in _IMPORTED[reference.kind]
    return reference.kind == "import" or media_type(name).font


def _without_older_fonts(names: Sequence[str]) -> Iterator[str]:
    """Leave out fonts in older formats if the same font exists as WOFF2, which every browser supports."""
    newest = {name.rpartition(".")[0] for name in names if name.lower().endswith(".woff2")}
    for name in names:
        stem, _, extension = name.rpartition(".")
        if not (media_type(name).font and stem in newest) or extension.lower() == "woff2":
            yield name
