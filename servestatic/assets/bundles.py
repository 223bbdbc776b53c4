"""What bundlers have said of the files that they made: see `servestatic.pipeline.manifests`, which reads it."""

from collections.abc import Mapping
from typing import NamedTuple


class Bundles(NamedTuple):
    """What manifests say, in logical paths.

    Attributes:
        files: those that a bundler named by their content; they keep their names, and are immutable.
        aliases: the file of an entry by the entry's own name, such as `src/main.ts`.
        needs: what a file needs besides what its text says: its imports, then its stylesheets.
        later: what a module may ask for by `import()`.
    """

    files: frozenset[str]
    aliases: Mapping[str, str]
    needs: Mapping[str, tuple[str, ...]]
    later: Mapping[str, tuple[str, ...]]


NO_BUNDLES = Bundles(frozenset(), {}, {}, {})
