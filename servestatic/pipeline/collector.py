"""The collector: the only place where the steps are put in order.

1. expand    what the caller named → sources
2. scan      sources → files, and what was left out
3. merge     files → tree: if several share a name, the first wins
4. read      tree → assets: digests and references
5. link      references → links to files of the tree, and broken ones
6. name      links → fingerprints and edits
7. pack      assets → release; edits are applied on demand
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from os import PathLike
from typing import NamedTuple, cast

from servestatic.assets.asset import Asset
from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.assets.tree import Tree, merge
from servestatic.errors import SourceError
from servestatic.pipeline.file_cache import FileCache
from servestatic.pipeline.read import read
from servestatic.pipeline.report import Findings, log, summarize
from servestatic.pipeline.rewrite import Rewriter
from servestatic.pipeline.snapshot import Snapshots
from servestatic.pipeline.steps import Locator, link_assets, make_mounts, name_assets, take_files
from servestatic.releases.rows import Mount, Release
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.sources import Confined, Source
from servestatic.sources.directory import Directory
from servestatic.sources.package import Package
from servestatic.store import Store

Sources = list[Iterable[File | Skipped]]
ROOT = "/"  # URL path of the files of the setting `root`


class Collected(NamedTuple):
    """What a collection made of each mount, and its findings."""

    mounts: list[Mount]
    findings: Findings


def recall_or_collect(
    sources: Sources, settings: Settings, policy: Policy, store: Store | None, locator: Locator
) -> Release:
    """Take the snapshot of an earlier start if no file has changed since, otherwise collect; log the findings.

    Raises:
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    # No field is in a snapshot. What a function says of names is, and no other process can know what that would be.
    known = None if callable(settings.immutable) else store
    snapshots = Snapshots(known, sources, replace(settings, headers=()), locator.roots)
    snapshot = snapshots.find()
    if snapshot is None:
        found = [*chain(*sources)]
        mounts, findings = collect_files(found, sources, settings, policy, store, locator)
        snapshot = snapshots.take(found, mounts, summarize(findings, strict=settings.strict))
    log(snapshot.reports)
    return snapshot.release


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


# --------------------------------------------------------------------------------------------- expand and read


def expand(sources: Iterable[Source], settings: Settings) -> list[Iterable[File | Skipped]]:
    """Turn paths and packages into directories, add those at the root, and let links lead from each to the others.

    Raises:
        SourceError: a package cannot be imported, or does not have the folder.
        TypeError: something is not a source.
    """
    at_root = (Directory(path, at=ROOT) for path in settings.root)
    named = chain(_flatten(sources), at_root)
    located = [source.locate() if isinstance(source, Package) else source for source in named]
    roots = tuple(source.root for source in located if isinstance(source, Directory))
    return [
        source.confine(roots, follow_symlinks=settings.follow_symlinks) if isinstance(source, Confined) else source
        for source in located
    ]


_NO_SOURCES = (bytes, File, Skipped, Index, Mapping)  # although they are iterable


def _flatten(sources: Iterable[Source]) -> Iterator[Iterable[File | Skipped]]:
    """Yield each source, also those in lists, which differ from lists of files in their items."""
    for source in sources:
        if isinstance(source, (str, PathLike)):
            yield Directory(source)
        elif isinstance(source, _NO_SOURCES) or not isinstance(source, Iterable):
            raise TypeError(
                f"{source!r} is not a source: expected the path of a directory, a Directory or Package, an iterable of"
                " File, or a list of these."
            )
        elif isinstance(source, (list, tuple)) and not any(isinstance(item, (File, Skipped)) for item in source):
            yield from _flatten(source)
        else:
            yield cast("Iterable[File | Skipped]", source)


def check_sources(sources: Iterable[Source], settings: Settings) -> None:
    """Check sources at the start that are collected later.

    Raises:
        SourceError: a directory does not exist, and may not be missing.
        TypeError: something is not a source.
    """
    expanded = expand(sources, settings)
    if not settings.live:
        check_directories(expanded, settings)


def check_directories(sources: Iterable[Iterable[File | Skipped]], settings: Settings) -> None:
    """Check that directories exist, except those that may be missing.

    Raises:
        SourceError: one does not exist.
    """
    for source in sources:
        if isinstance(source, Directory) and not source.missing_ok and not os.path.isdir(source.root):
            path, place = os.fspath(source.path), source.root.rstrip("/")
            where = "" if path == place else f" (looked for at {place})"
            what = "is a file" if os.path.exists(place) else "does not exist"
            if source.at == ROOT and path in settings.root:
                raise SourceError(
                    f"the directory {path!r} of the setting root{where} {what}. Create it, or correct it."
                )
            raise SourceError(
                f"the directory {path!r}{where} {what}."
                f" Create it, correct its name, or write Directory({path!r}, missing_ok=True) to go on without it."
            )


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
