"""What a browser needs together with a file: static imports of a module, imports and fonts of a stylesheet.

What a script may load later (`import()`, `new URL`, workers) is not a need, and neither are images. JSON and
stylesheets that a module imports (`with { type: "json" }`) are modules, too.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from servestatic.assets.media_types import media_type
from servestatic.assets.references import Reference, is_path, resolve
from servestatic.assets.tree import Tree

PreloadKind: TypeAlias = Literal["module", "json", "css", "style", "font"]

# Media types of what a module's import may name, by the kind of the reference.
_IMPORTED = {
    "import": ("text/javascript", "application/wasm"),
    "json import": ("application/json",),
    "css import": ("text/css",),
}
_KINDS: dict[str, PreloadKind] = {"text/javascript": "module", "application/json": "json", "text/css": "style"}


class Preload(NamedTuple):
    """A file that a page can announce early.

    That is `<link rel=modulepreload>` for a module, with `as=json` or `as=style` for one of the kind `json` or `css`
    (HTML, link type "modulepreload"); otherwise `<link rel=preload>`.
    """

    url: str
    kind: PreloadKind


class Need(NamedTuple):
    """A file that another file needs: `name` is its logical path below the URL path `mount`.

    `imported` marks a stylesheet that is a module: a script imports it.
    """

    mount: str
    name: str
    imported: bool = False

    @property
    def kind(self) -> PreloadKind | None:
        """How the file is preloaded; None if no link can do so."""
        return "css" if self.imported else kind_of(self.name)


def kind_of(name: str) -> PreloadKind | None:
    """Return how a file is preloaded, by its media type."""
    kind = media_type(name)
    return "font" if kind.font else _KINDS.get(kind.essence)


# -------------------------------------------------------------------------------------------- what one file needs


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


# ------------------------------------------------------------------------------------------ what all of them need


def reach(
    start: Iterable[Need],
    mounts: Collection[str],
    needs: Callable[[Need], Iterable[str] | None],
    bundled: Collection[str] = (),
) -> Iterator[Need]:
    """Yield files, then what they need directly and indirectly, each once: breadth first, in the order of their texts.

    `needs` returns the needs of a file in the form of `find_needs`; None if the file no longer exists. `bundled` are
    the files of a bundler: the stylesheets that its modules need are not modules.
    """
    most_specific_first = sorted(mounts, key=len, reverse=True)
    found = dict.fromkeys(start)
    queue = deque(found)
    while queue:
        need = queue.popleft()
        written = needs(need)
        if written is None:
            continue
        yield need
        imports = need.kind == "module" and need.name not in bundled
        for text in written:
            located = _locate(text, need.mount, most_specific_first)
            if located and imports and located.kind == "style":
                located = located._replace(imported=True)
            if located and located not in found:
                found[located] = None
                queue.append(located)


def _locate(written: str, mount: str, most_specific_first: Iterable[str]) -> Need | None:
    if not written.startswith("/"):
        return Need(mount, written)
    owner = next((prefix for prefix in most_specific_first if written.startswith(prefix)), None)
    return Need(owner, written[len(owner) :]) if owner else None
