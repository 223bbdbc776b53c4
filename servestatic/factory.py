"""The composition root: `collect`, `live`, and the only module that puts the parts of an index together.

An index of a sealed build needs nothing that reads, rewrites or compresses files, so those modules are not imported.
"""

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

from servestatic.assets.policy import Policy
from servestatic.errors import BuildError, SettingError
from servestatic.releases.catalog import Catalog
from servestatic.releases.rows import Release
from servestatic.runtime.installation import check_unmixed
from servestatic.serving.cache import TargetCache
from servestatic.serving.compression.encoders import BuildCodings, Encoder, FastEncoder, codings_beside
from servestatic.serving.compression.table import Codings
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources
from servestatic.settings.keywords import FollowedDict, SettingsDict
from servestatic.settings.model import Settings, policy_of
from servestatic.settings.origins import resolve, usual_origins
from servestatic.sources import Source

if TYPE_CHECKING:
    from servestatic.pipeline.report import Findings
    from servestatic.releases.history import History
    from servestatic.store import Store

_log = logging.getLogger("servestatic")


def collect(*sources: Source, **settings: Unpack[SettingsDict]) -> Index:
    """Collect static files into an index that serves them.

    Args:
        sources: directories, or `Directory`, `Package`, or any iterable of `File`; the first that has a name wins.
            Without any, those of the setting `sources`.
        settings: see `servestatic.settings.Settings`; others come from the environment, then from the
            pyproject.toml of the working directory.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or no source is given.
        SourceError: a directory does not exist; see `Directory.missing_ok`.
        TypeError: an argument is not a source.
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    resolved = resolve(*usual_origins(settings)).settings
    if not (sources or resolved.sources or resolved.build):
        raise SettingError("no source to collect from: pass a directory, or set SERVESTATIC_SOURCES.")
    return build(sources or resolved.sources, resolved)


def live(*sources: Source, **settings: Unpack[FollowedDict]) -> Index:
    """Collect static files into an index that follows its sources: as `collect`, for development.

    Changed, new and removed files show at the next request, and fingerprints with them. Answers are `no-cache`.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or no source is given.
    """
    return collect(*sources, **settings, live=True)


def open_index(given: Index | Source) -> Index:
    """Return an index as it is, or collect the source that was given instead of one.

    Raises:
        TypeError: it is neither an index nor a source.
        ServeStaticError: as `collect`.
    """
    return given if isinstance(given, Index) else collect(given)


def check_sources(sources: Iterable[Source], settings: Settings) -> None:
    """Check sources at the start that are collected later.

    Raises:
        SourceError: a directory does not exist, and may not be missing.
        TypeError: something is not a source.
    """
    from servestatic.pipeline.collector import check_directories, expand

    expanded = expand(sources, settings)
    if not settings.live:
        check_directories(expanded)


def build(sources: Iterable[Source], settings: Settings, *, revalidate: bool = False, static_root: str = "") -> Index:
    """Make an index as the settings want it.

    Args:
        sources: what to collect.
        settings: resolved.
        revalidate: make every answer `no-cache`, as a live index does in any case.
        static_root: directory of a build whose codings are used for the same bytes.
    """
    check_unmixed()
    policy = policy_of(settings, revalidate=revalidate or settings.live)
    started = time.monotonic()
    if settings.build:
        index = _load(settings, policy)
    elif settings.live:
        index = _follow(sources, settings, policy)
    else:
        index = _collect(sources, settings, policy, static_root)
    if not settings.live:
        took = time.monotonic() - started
        _log.log(
            logging.INFO if len(index) else logging.WARNING,
            "%d static files ready in %.2f s, release %s",
            len(index),
            took,
            index.release,
        )
    return index


def examine(sources: Iterable[Source], settings: Settings) -> tuple[Index, "Findings"]:
    """Collect for a command that inspects files: the findings are returned, not logged."""
    from servestatic.pipeline.collector import collect_files
    from servestatic.releases.local import hold

    pipeline = _Pipeline(sources, settings, policy_of(settings), follow=False)
    found, parts = chain(*pipeline.sources), (pipeline.policy, pipeline.store, pipeline.locator)
    collected = collect_files(found, pipeline.sources, settings, *parts)
    release = hold(collected.mounts, pipeline.locator.roots)
    return pipeline.serve(release, background=False), collected.findings


# ------------------------------------------------------------------------------------------- the three kinds of index


def _load(settings: Settings, policy: Policy) -> Index:
    """Serve a sealed build."""
    from servestatic.releases.load import load

    loaded = load(settings.build, settings.prefix)
    policy = policy.keep_names(loaded.bundles.files)
    catalog = Catalog(loaded.release, policy, _has_no_edits, lambda: loaded.bundles)
    build = BuildCodings(loaded.out, lambda: loaded.codings)
    within = (str(loaded.out),)
    return _assemble(catalog, lambda _: FastEncoder(build), _refuse_to_write, within=lambda path: within)


def _collect(sources: Iterable[Source], settings: Settings, policy: Policy, static_root: str) -> Index:
    """Collect sources, or take the snapshot of an earlier start."""
    from servestatic.pipeline.collector import recall_or_collect

    pipeline = _Pipeline(sources, settings, policy, follow=False)
    release = recall_or_collect(pipeline.sources, settings, pipeline.policy, pipeline.store, pipeline.locator)
    kept = settings.releases if settings.fingerprints else "none"
    index = pipeline.serve(release, background=settings.compress != "build", static_root=static_root, kept=kept)
    if settings.compress == "startup":
        index.resources.encoder.settle_at_start()
    return index


def _follow(sources: Iterable[Source], settings: Settings, policy: Policy) -> Index:
    """Follow sources that change."""
    from servestatic.pipeline.live.follow import LiveResources, follow

    pipeline = _Pipeline(sources, settings, policy, follow=True)
    release, on_lookup = follow(pipeline.sources, settings.prefix, pipeline.policy)
    return pipeline.serve(release, background=False, make_resources=partial(LiveResources, on_lookup))


class _Pipeline:
    """The parts that collected and live indexes share: sources, store, and the manifests of bundlers."""

    def __init__(self, sources: Iterable[Source], settings: Settings, policy: Policy, *, follow: bool) -> None:
        from servestatic.pipeline.collector import check_directories, expand
        from servestatic.pipeline.manifests import keep_bundled, open_manifests
        from servestatic.pipeline.steps import Locator
        from servestatic.store import open_store

        self.sources = expand(sources, settings)
        if not settings.live:
            check_directories(self.sources)
        self.store = open_store(settings.store)
        self._follow = follow
        self._bundles = open_manifests(settings.manifests, self.sources, follow=follow, strict=settings.strict)
        self.policy = keep_bundled(policy, self._bundles) if settings.manifests else policy
        self.locator = Locator(self.sources, self.policy)

    def serve(
        self,
        release: Release,
        *,
        background: bool,
        static_root: str = "",
        kept: str = "none",
        make_resources: Callable[..., Resources] = Resources,
    ) -> Index:
        """Put together the index of a release of these sources."""
        from servestatic.pipeline.rewrite import Rewriter
        from servestatic.releases.write import write
        from servestatic.serving.compression.coders import codings

        catalog = Catalog(release, self.policy, Rewriter(None if self._follow else self.store).rewrite, self._bundles)
        others = self._keep(catalog, self.store, kept) if background and self.store and kept != "none" else {}
        make_encoder = partial(
            self._make_encoder, catalog, background=background, static_root=static_root, history=others.get("history")
        )
        writer = partial(write, codings=codings, store=self.store)
        return _assemble(catalog, make_encoder, writer, make_resources, within=self.locator.within, **others)

    def _keep(self, catalog: Catalog, store: "Store", setting: str) -> dict[str, Any]:
        """Return the options of resources that serve other releases, too, and have this one kept for others."""
        from servestatic.releases.history import History
        from servestatic.releases.place import open_place, open_store_place
        from servestatic.releases.selection import KEPT_IN_STORE, LIMITS
        from servestatic.runtime.worker import Worker
        from servestatic.serving.keeper import Keeper

        place = open_place(setting) if setting else open_store_place(store, map(str, self.sources))
        history = History(place, store, catalog.prefix)
        keeper = Keeper(place, store, catalog, history, LIMITS if setting else KEPT_IN_STORE)
        keeper.put_at_start()
        return {"history": history, "begin": Worker(keeper.work, "servestatic releases").start}

    def _make_encoder(
        self, catalog: Catalog, table: Codings, *, background: bool, static_root: str, history: "History | None"
    ) -> Encoder:
        build = codings_beside(static_root) if static_root else None
        if self.store is None:
            return FastEncoder(build)
        from servestatic.serving.compression.background import StoreEncoder

        shared = {"take": history.take} if history else {}
        return StoreEncoder(self.store, table, catalog.contents, background=background, build=build, **shared)


def _assemble(
    catalog: Catalog,
    make_encoder: Callable[[Codings], Encoder],
    write: Callable[..., Any],
    make_resources: Callable[..., Resources] = Resources,
    **options: Any,
) -> Index:
    """Put together what serves a catalog; `options` are those of its resources."""
    cache = TargetCache()
    codings = Codings(cache.forget)
    return Index(catalog, make_resources(catalog, codings, make_encoder(codings), cache, **options), write)


def _has_no_edits(*_: object) -> None:
    """Rewrite nothing: every name of a build serves the bytes of its own file."""


def _refuse_to_write(*_: object, **__: object) -> NoReturn:
    raise BuildError("this index was loaded from a build: collect the sources to write another.")
