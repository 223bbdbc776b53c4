"""The collector: the only place where the steps are put in order.

1. expand    what the caller named → sources
2. scan      sources → files, and what was left out
3. merge     files → tree: if several share a name, the first wins
4. read      tree → assets: digests and references
5. link      references → links to files of the tree, and broken ones
6. name      links → fingerprints and edits
7. pack      assets → release; edits are applied on demand
"""

from collections.abc import Iterable
from typing import NamedTuple

from servestatic.assets.asset import Asset
from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.assets.tree import Tree, merge
from servestatic.pipeline.expand import Sources
from servestatic.pipeline.file_cache import FileCache
from servestatic.pipeline.findings import Findings
from servestatic.pipeline.locator import Locator
from servestatic.pipeline.read import read
from servestatic.pipeline.rewrite import Rewriter
from servestatic.pipeline.steps import link_assets, make_mounts, name_assets, take_files
from servestatic.releases.rows import Mount
from servestatic.settings.model import Settings
from servestatic.store import Store


class Collected(NamedTuple):
    """What a collection made of each mount, and its findings."""

    mounts: list[Mount]
    findings: Findings


def collect_files(
    found: Iterable[File | Skipped],
    sources: Sources,
    settings: Settings,
    policy: Policy,
    store: Store | None,
    locator: Locator,
) -> Collected:
    """Run the steps over what the sources yielded."""
    cache, skipped = FileCache(store, map(str, sources)), list[Skipped]()
    tree = merge(take_files(found, skipped), settings.prefix)
    assets = _read(tree, cache, locator, skipped)
    cache.save(assets.values())
    assets, broken = link_assets(tree, assets, policy)
    assets = name_assets(tree, assets, policy)
    mounts = make_mounts(tree, assets, locator, Rewriter(store))
    return Collected(mounts, Findings(tree, assets, skipped, broken))


def _read(tree: Tree, cache: FileCache, locator: Locator, skipped: list[Skipped]) -> dict[str, Asset]:
    """Read the files of the tree that the cache does not know; remove those that cannot be read from the tree."""
    assets: dict[str, Asset] = {}
    for path, file in tree.files.items():
        try:
            assets[path] = cache.find(file) or _forget(read(file, locator.within))
        except OSError as error:
            skipped.append(Skipped(file.location, error.strerror or str(error)))
    for path in tree.files.keys() - assets.keys():
        del tree.files[path]
    return assets


def _forget(asset: Asset) -> Asset:
    """Drop the bytes of a file that can be read again."""
    return asset._replace(data=None) if isinstance(asset.file.content, str) else asset
