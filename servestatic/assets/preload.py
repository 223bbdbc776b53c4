"""What a page can announce early: files, and what they need directly and indirectly (see needs.py)."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from servestatic.assets.media_types import media_type
from servestatic.assets.patterns import compile_patterns
from servestatic.errors import UnknownAsset

PreloadKind: TypeAlias = Literal["module", "json", "css", "style", "font"]

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


def find_modules(names: Iterable[str], pattern: str) -> tuple[str, ...]:
    """Return the modules that a shell pattern matches, sorted by name.

    Raises:
        UnknownAsset: no module matches.
    """
    matches = compile_patterns([pattern])
    found = sorted(name for name in names if kind_of(name) == "module" and matches(name))
    if not found:
        raise UnknownAsset(f"no source has a module that matches {pattern!r}. Correct the pattern.")
    return tuple(found)


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
