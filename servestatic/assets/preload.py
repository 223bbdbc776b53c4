"""What a browser will need of a file at once: a module's static imports, a stylesheet's imports and fonts.

What a script may ask for later (`import()`, `new URL`, workers) is no need, nor is an image.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from servestatic.assets.media_types import media_type
from servestatic.releases.rows import Mount

PreloadKind: TypeAlias = Literal["module", "style", "font"]


class Preload(NamedTuple):
    """Something that a browser can be told of early: `<link rel=modulepreload>` for a module, else `rel=preload`."""

    url: str
    kind: PreloadKind


class Need(NamedTuple):
    """A file that is needed: `name` is its logical path below `mount`."""

    mount: Mount
    name: str

    @property
    def kind(self) -> PreloadKind | None:
        """What it is preloaded as; None for what has no such link (JSON modules)."""
        return kind_of(self.name)


def kind_of(name: str) -> PreloadKind | None:
    """Return what a file is preloaded as, by its media type."""
    kind = media_type(name)
    return "font" if kind.font else _KINDS.get(kind.essence)


_KINDS: dict[str, PreloadKind] = {"text/javascript": "module", "text/css": "style"}


def reach(
    start: Iterable[Need], mounts: Sequence[Mount], needs: Callable[[Mount, str], Iterable[str]]
) -> Iterator[Need]:
    """Yield what is reached from some files, breadth first in the order of texts, each once, and themselves first.

    `needs` tells those of one file, as `Mount.needs` has them. What is no row any more is passed over.
    """
    prefixes = sorted(mounts, key=lambda mount: -len(mount.prefix))
    found = {(each.mount.prefix, each.name): each for each in start}
    queue = deque(found.values())
    while queue:
        each = queue.popleft()
        if each.name not in each.mount.rows:  # asked first: rows that follow their sources see to the needs
            continue
        yield each
        for written in needs(each.mount, each.name):
            need = _locate(written, each.mount, prefixes)
            if need and found.setdefault((need.mount.prefix, need.name), need) is need:
                queue.append(need)


def _locate(written: str, mount: Mount, most_specific_first: Iterable[Mount]) -> Need | None:
    if not written.startswith("/"):
        return Need(mount, written)
    owner = next((each for each in most_specific_first if written.startswith(each.prefix)), None)
    return Need(owner, written[len(owner.prefix) :]) if owner else None
