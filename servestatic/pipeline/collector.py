"""The collector: the only place where the stages are put in order.

1. expand    what the caller named → sources
2. scan      sources → files, and what was left out
3. merge     files → tree: the first that has a name wins
4. read      tree → digests and references
5. link      references → links to files of the tree, and broken ones
6. name      links → fingerprints and edits
7. plan      edits → what fingerprinted names serve; the bytes are made when they are asked for
8. pack      all of it → index
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from os import PathLike
from typing import cast

from servestatic.assets.bundles import Bundles
from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.assets.references import MAX_REFERENCES
from servestatic.assets.tree import Tree, merge
from servestatic.errors import SourceError
from servestatic.pipeline.file_cache import Recall
from servestatic.pipeline.live.follow import follow
from servestatic.pipeline.manifests import keep_bundled, open_manifests
from servestatic.pipeline.read import Read, read
from servestatic.pipeline.report import Findings, summarize, tell
from servestatic.pipeline.rewrite import Rewriter
from servestatic.pipeline.snapshot import Snapshot, Snapshots
from servestatic.pipeline.steps import Places, link_files, name_files, pack_files, plan_files, take_files
from servestatic.releases.write import write
from servestatic.serving.compression.background import StoringEncoder
from servestatic.serving.index import Index
from servestatic.serving.integrity import Hasher
from servestatic.serving.resources import Resources
from servestatic.settings.model import Settings, policy_of
from servestatic.sources.directory import Directory
from servestatic.sources.package import Package
from servestatic.sources.source import Confined, Source
from servestatic.store import Store, open_store


def gather(sources: Iterable[Source], settings: Settings, policy: Policy) -> Index:
    """Make an index of what the sources have, live or collected, as the settings want.

    Raises:
        SourceError: a directory does not exist, and may not be missing.
        TypeError: something is not a source.
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    expanded, store = expand(sources, settings), open_store(settings.store)
    if not settings.live:
        check_directories(expanded)
    bundles = open_manifests(settings.manifests, expanded, follow=settings.live, strict=settings.strict)
    policy = keep_bundled(policy, bundles) if settings.manifests else policy
    if settings.live:
        index = follow(expanded, settings.prefix, policy)
    else:
        index = _recall_or_collect(expanded, settings, policy, store)
    _complete(index, expanded, bundles, store)
    if store is not None:
        background = settings.compress != "build" and not settings.live
        index.resources.encoder = encoder = StoringEncoder(index, store, background=background)
        if settings.compress == "startup" and not settings.live:
            encoder.settle_at_start()
    return index


def _complete(
    index: Index, sources: list[Iterable[File | Skipped]], bundles: Callable[[], Bundles], store: Store | None
) -> None:
    """Give an index what it needs of the sources and the store to answer whatever it is asked."""
    index.writer, index.bundles, index.hasher = partial(write, store=store), bundles, Hasher().hash
    index.resources.within = Places(sources).within


def _recall_or_collect(
    sources: list[Iterable[File | Skipped]], settings: Settings, policy: Policy, store: Store | None
) -> Index:
    """Take what an earlier start has left, if every file is as it was then, or run the stages; tell what was found."""
    snapshots = Snapshots(store, sources, settings)
    snapshot = snapshots.find()
    if snapshot:
        index = Index(Resources(snapshot.mounts, Places(sources).roots, policy))
        index.resources.rewriter = Rewriter(store).rewrite
    else:
        found = [*chain(*sources)]
        index, findings = _collect(found, sources, settings, policy, store)
        snapshot = Snapshot(index.mounts, summarize(findings, strict=settings.strict))
        snapshots.keep(found, snapshot)
    tell(snapshot.told)
    return index


def examine(sources: Iterable[Source], settings: Settings) -> tuple[Index, Findings]:
    """Collect for somebody who asks about the files: what was found is returned, not reported."""
    expanded, store = expand(sources, settings), open_store(settings.store)
    bundles = open_manifests(settings.manifests, expanded, follow=False, strict=False)
    policy = keep_bundled(policy_of(settings), bundles)
    index, findings = _collect(chain(*expanded), expanded, settings, policy, store)
    _complete(index, expanded, bundles, store)
    if store is not None:
        index.resources.encoder = StoringEncoder(index, store, background=False)
    return index, findings


def _collect(
    found: Iterable[File | Skipped],
    sources: list[Iterable[File | Skipped]],
    settings: Settings,
    policy: Policy,
    store: Store | None,
) -> tuple[Index, Findings]:
    """Run the stages."""
    recall, rewriter = Recall(store, map(str, sources)), Rewriter(store)
    skipped: list[Skipped] = []
    tree = merge(take_files(found, skipped), settings.prefix)
    files = _read(tree, recall, Places(sources), skipped)
    links, broken = link_files(tree, files, policy)
    fingerprints, edits = name_files(tree, files, links if settings.fingerprints else {})
    planned = plan_files(tree, files, edits, rewriter)
    known = {path: each.known for path, each in files.items()}
    recall.save(tree.files, known)
    digests = {path: each.digest for path, each in known.items()}
    index = pack_files(tree, files, fingerprints, planned, sources, policy)
    index.resources.rewriter = rewriter.rewrite
    crowded = [path for path, each in known.items() if len(each.references) > MAX_REFERENCES]
    return index, Findings(tree, skipped, broken, digests, links, crowded)


# --------------------------------------------------------------------------------------------- expand and scan


def expand(sources: Iterable[Source], settings: Settings) -> list[Iterable[File | Skipped]]:
    """Turn paths and packages into directories, and let links lead from each source to the others.

    Raises:
        SourceError: a package cannot be imported, or has no such folder.
        TypeError: something is not a source.
    """
    located = [each.locate() if isinstance(each, Package) else each for each in _flatten(sources)]
    roots = tuple(each.root for each in located if isinstance(each, Directory))
    return [
        each.confine(roots, follow_symlinks=settings.follow_symlinks) if isinstance(each, Confined) else each
        for each in located
    ]


_NO_SOURCES = (bytes, File, Skipped, Index, Mapping)  # though they can be iterated over


def _flatten(sources: Iterable[Source]) -> Iterator[Iterable[File | Skipped]]:
    """Yield each source, those in lists too, which are told from lists of files by their items."""
    for each in sources:
        if isinstance(each, (str, PathLike)):
            yield Directory(each)
        elif isinstance(each, _NO_SOURCES) or not isinstance(each, Iterable):
            raise TypeError(
                f"{each!r} is not a source: expected the path of a directory, a Directory or Package, an iterable of"
                " File, or a list of these."
            )
        elif isinstance(each, (list, tuple)) and not any(isinstance(item, (File, Skipped)) for item in each):
            yield from _flatten(each)
        else:
            yield cast("Iterable[File | Skipped]", each)


def check_directories(sources: Iterable[Iterable[File | Skipped]]) -> None:
    """Check that directories exist, but for those that may be missing.

    Raises:
        SourceError: one of them does not.
    """
    for each in sources:
        if isinstance(each, Directory) and not each.missing_ok and not os.path.isdir(each.root):
            path, place = os.fspath(each.path), each.root.rstrip("/")
            where = "" if path == place else f" (looked for at {place})"
            raise SourceError(
                f"the directory {path!r}{where} {'is a file' if os.path.exists(place) else 'does not exist'}."
                f" Make it, correct its name, or write Directory({path!r}, missing_ok=True) to go on without it."
            )


def _read(tree: Tree, recall: Recall, places: Places, skipped: list[Skipped]) -> dict[str, Read]:
    """Read the files of the tree that are not known from an earlier start; those that cannot be read leave it."""
    found: dict[str, Read] = {}
    for path, file in tree.files.items():
        known = recall.find(file)
        try:
            found[path] = Read(known, None) if known else _forget(file, read(file, places.within))
        except OSError as error:
            skipped.append(Skipped(file.place, error.strerror or str(error)))
    for path in tree.files.keys() - found.keys():
        del tree.files[path]
    return found


def _forget(file: File, found: Read) -> Read:
    """Drop the bytes of a file that can be read again."""
    return found._replace(data=None) if isinstance(file.content, str) else found
