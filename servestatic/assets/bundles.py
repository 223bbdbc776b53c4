"""What the manifests of bundlers report about the files that they made; `pipeline.manifests` reads them."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Bundles(NamedTuple):
    """The contents of manifests, in logical paths.

    Attributes:
        files: files that a bundler has named by their content; they keep their names and are immutable.
        aliases: the files of entries by the names of the entries, such as `src/main.ts`.
        needs: what files need besides their own references: imports, then stylesheets.
        later: what modules may load by `import()`.
    """

    files: Collection[str]
    aliases: Mapping[str, str]
    needs: Mapping[str, tuple[str, ...]]
    later: Mapping[str, tuple[str, ...]]


NO_BUNDLES = Bundles(frozenset(), {}, {}, {})
