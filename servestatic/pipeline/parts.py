"""What collecting and following have in common: sources, policy, store, and the manifests of bundlers."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from servestatic.assets.bundles import NO_BUNDLES, Bundles
from servestatic.assets.policy import Policy
from servestatic.pipeline.expand import Sources, check_directories, expand
from servestatic.pipeline.locator import Locator
from servestatic.pipeline.rewrite import Rewriter
from servestatic.releases.catalog import Catalog
from servestatic.releases.history import History
from servestatic.releases.place import open_place, open_store_place
from servestatic.releases.rows import Release
from servestatic.runtime.worker import Worker
from servestatic.serving.cache import TargetCache
from servestatic.serving.compression.deltas import make_deltas
from servestatic.serving.keeper import Keeper
from servestatic.settings.model import Settings
from servestatic.sources import Source
from servestatic.store import Store, open_store


class Parts(NamedTuple):
    """The parts from which a release of some sources is made."""

    sources: Sources
    policy: Policy
    store: Store | None
    locator: Locator
    rewriter: Rewriter
    bundles: Callable[[], Bundles]

    def make_catalog(self, release: Release) -> Catalog:
        """Return the catalog of a release that was made from these parts."""
        return Catalog(release, self.policy, self.rewriter.rewrite, self.bundles)

    def consult(self, catalog: Catalog, settings: Settings) -> dict[str, Any]:
        """Return the options of resources that serve the files of other releases, too; none if none are kept."""
        if self.store is None or not settings.fingerprints or settings.releases == "none":
            return {}
        chosen, cache = settings.releases, TargetCache()
        place = open_place(chosen) if chosen else open_store_place(self.store, map(str, self.sources))
        history = History(place, self.store, catalog.prefix, cache.forget)
        deltas = make_deltas(history, self.store) if settings.deltas else None
        return {"history": history, "deltas": deltas, "cache": cache}

    def keep(self, catalog: Catalog, settings: Settings) -> dict[str, Any]:
        """Have the release of a catalog kept for others; return what `consult` does, and what goes on keeping it."""
        options = self.consult(catalog, settings)
        if not options or self.store is None:
            return {}
        keeper = Keeper(options["history"], self.store, catalog, chosen=bool(settings.releases))
        keeper.put_at_start()
        return options | {"begin": Worker(keeper.work, "servestatic releases").start}


def open_parts(sources: Iterable[Source], settings: Settings, policy: Policy, *, follow: bool) -> Parts:
    """Check sources, and open what goes with them; `follow` if they may change.

    Raises:
        ServeStaticError: see `servestatic.collect`.
        TypeError: something is not a source.
    """
    expanded = expand(sources, settings)
    if not settings.live:
        check_directories(expanded, settings)
    store = open_store(settings.store)
    bundles = _have_no_bundles
    if settings.manifests:
        from servestatic.pipeline.manifests import keep_bundled, open_manifests

        bundles = open_manifests(settings.manifests, expanded, follow=follow, strict=settings.strict)
        policy = keep_bundled(policy, bundles)
    rewriter = Rewriter(None if follow else store)
    return Parts(expanded, policy, store, Locator(expanded, policy), rewriter, bundles)


def _have_no_bundles() -> Bundles:
    """Return what sites without manifests of bundlers have."""
    return NO_BUNDLES
