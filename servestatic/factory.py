"""The composition root: `collect`, `live`, and the only module that puts the parts of an index together.

An index of a sealed build needs nothing that reads, rewrites or compresses files, so those modules are not imported.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

from servestatic.assets.policy import Policy
from servestatic.errors import BuildError, SettingError
from servestatic.releases.catalog import Catalog
from servestatic.releases.versions import BuildVersions
from servestatic.runtime.installation import check_unmixed
from servestatic.runtime.log import get_log
from servestatic.serving.cache import TargetCache
from servestatic.serving.compression.delta_cache import MemoryCache
from servestatic.serving.compression.deltas import make_deltas
from servestatic.serving.compression.encoders import BuildCodings, Encoder, FastEncoder, codings_beside
from servestatic.serving.compression.table import Codings
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources
from servestatic.settings.model import Settings, policy_of
from servestatic.settings.origins import resolve, usual_origins
from servestatic.sources import Source

if TYPE_CHECKING:
    from servestatic.pipeline.findings import Findings
    from servestatic.pipeline.parts import Parts
    from servestatic.settings.keywords import FollowedDict, SettingsDict

_log = get_log()


def collect(*sources: Source, **settings: Unpack["SettingsDict"]) -> Index:
    """Collect static files into an index that serves them.

    Args:
        sources: directories, or `Directory`, `Package`, or any iterable of `File`; the first that has a file wins.
            Without any, those of the setting `sources`.
        settings: as `SettingsDict` lists them; others come from the environment, then from the pyproject.toml of the
            working directory.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or no source is given.
        SourceError: a directory does not exist; see `Directory.missing_ok`.
        TypeError: an argument is not a source.
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    resolved = resolve(*usual_origins(settings)).settings
    if not (sources or resolved.names_files):
        raise SettingError("no source to collect from: pass a directory, or set SERVESTATIC_SOURCES.")
    return build(sources or resolved.sources, resolved)


def live(*sources: Source, **settings: Unpack["FollowedDict"]) -> Index:
    """Collect static files into an index that follows changes of its sources: like `collect`, for development.

    The next request sees changed, new and removed files, and their new fingerprints. Responses are `no-cache`.

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


def examine(sources: Iterable[Source], settings: Settings, *, others: bool = False) -> tuple[Index, "Findings"]:
    """Collect for a command that inspects files: the findings are returned, not logged.

    With `others`, answers have the deltas that a server would make from other releases.
    """
    from servestatic.pipeline.collector import collect_files
    from servestatic.pipeline.parts import open_parts
    from servestatic.releases.local import hold

    parts = open_parts(sources, settings, policy_of(settings), follow=False)
    found = chain(*parts.sources)
    collected = collect_files(found, parts.sources, settings, parts.policy, parts.store, parts.locator)
    catalog = parts.make_catalog(hold(collected.mounts, parts.locator.roots))
    options = parts.consult(catalog, settings) if others else {}
    if options:
        options["history"].update()
    return _serve(parts, catalog, deltas=options.get("deltas")), collected.findings


# ------------------------------------------------------------------------------------------- the three kinds of index


def _load(settings: Settings, policy: Policy) -> Index:
    """Serve a sealed build."""
    from servestatic.releases.load import load

    loaded = load(settings.build, settings.prefix)
    policy = policy.keep_names(loaded.bundles.files)
    catalog = Catalog(loaded.release, policy, _has_no_edits, lambda: loaded.bundles)
    build = BuildCodings(loaded.out, lambda: [document.codings for document in loaded.documents])
    within, versions = (str(loaded.out),), BuildVersions(loaded.out, settings.prefix, loaded.documents)
    return _assemble(
        catalog,
        lambda _: FastEncoder(build),
        _refuse_to_write,
        within=lambda path: within,
        deltas=make_deltas(versions, MemoryCache()) if settings.deltas else None,
    )


def _collect(sources: Iterable[Source], settings: Settings, policy: Policy, static_root: str) -> Index:
    """Collect sources, or take the snapshot of an earlier start."""
    from servestatic.pipeline.parts import open_parts
    from servestatic.pipeline.recall import recall_or_collect

    parts = open_parts(sources, settings, policy, follow=False)
    release = recall_or_collect(parts.sources, settings, parts.policy, parts.store, parts.locator)
    catalog, background = parts.make_catalog(release), settings.compress != "build"
    options = parts.keep(catalog, settings) if background else {}
    encoding: dict[str, Any] = {"background": background}
    encoding |= {"build": codings_beside(static_root)} if static_root else {}
    encoding |= {"take": options["history"].take} if options else {}
    index = _serve(parts, catalog, encoding, **options)
    if settings.compress == "startup":
        index.resources.encoder.settle_at_start()
    return index


def _follow(sources: Iterable[Source], settings: Settings, policy: Policy) -> Index:
    """Follow sources that change."""
    from servestatic.pipeline.live.follow import LiveResources, follow
    from servestatic.pipeline.parts import open_parts

    parts = open_parts(sources, settings, policy, follow=True)
    release, on_lookup = follow(parts.sources, settings.prefix, parts.policy)
    catalog = parts.make_catalog(release)
    return _serve(parts, catalog, make_resources=partial(LiveResources, on_lookup))


# ------------------------------------------------------------------------------------------------------- their parts


def _serve(
    parts: "Parts",
    catalog: Catalog,
    encoding: Mapping[str, Any] = MappingProxyType({}),
    make_resources: Callable[..., Resources] = Resources,
    **options: Any,
) -> Index:
    """Put together an index that can be written, too; `encoding` are options of its encoder."""
    from servestatic.serving.compression.background import make_encoder

    writer = partial(_write, store=parts.store)
    encoder = partial(make_encoder, parts.store, catalog.contents, **encoding)
    return _assemble(catalog, encoder, writer, make_resources, within=parts.locator.within, **options)


def _assemble(
    catalog: Catalog,
    make_encoder: Callable[[Codings], Encoder],
    write: Callable[..., Any],
    make_resources: Callable[..., Resources] = Resources,
    cache: TargetCache | None = None,
    **options: Any,
) -> Index:
    """Put together what serves a catalog; `options` are those of its resources."""
    cache = cache or TargetCache()
    codings = Codings(cache.forget)
    return Index(catalog, make_resources(catalog, codings, make_encoder(codings), cache, **options), write)


def _write(*given: Any, **options: Any) -> Any:
    """Write a sealed build, which few programs do."""
    from servestatic.releases.write import write
    from servestatic.serving.compression.coders import codings

    return write(*given, codings=codings, **options)


def _has_no_edits(*_: object) -> None:
    """Rewrite nothing: every name of a build serves the bytes of its own file."""


def _refuse_to_write(*_: object, **__: object) -> NoReturn:
    raise BuildError("this index was loaded from a build: collect the sources to write another.")
