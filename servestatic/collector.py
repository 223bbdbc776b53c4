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
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import chain
from os import PathLike

from servestatic.assets.bundles import Bundles
from servestatic.assets.file import File, Skipped
from servestatic.assets.index import Index
from servestatic.assets.merge import Tree, merge
from servestatic.assets.policy import Policy
from servestatic.assets.references import MAX_REFERENCES
from servestatic.assets.resources import Resources
from servestatic.background import StoringEncoder
from servestatic.bundles import keep_bundled, open_manifests
from servestatic.following.index import follow
from servestatic.integrity import Hasher
from servestatic.reading import Read, read
from servestatic.recall import Recall
from servestatic.report import Findings, summarize, tell
from servestatic.rewriting import Rewriter
from servestatic.sealed.writing import write
from servestatic.settings import Settings, policy_of
from servestatic.snapshot import Snapshot, Snapshots
from servestatic.sources.directory import Directory
from servestatic.sources.package import Package
from servestatic.sources.source import Source
from servestatic.stages import Places, link_files, name_files, pack_files, plan_files, take_files
from servestatic.store import Store, open_store


def gather(sources: Iterable[Source], settings: Settings, policy: Policy) -> Index:
    """Make an index of what the sources have, live or collected, as the settings want.

    Raises:
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    expanded, store = expand(sources), open_store(settings.store)
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
    index: Index, sources: Iterable[Iterable[File | Skipped]], bundles: Callable[[], Bundles], store: Store | None
) -> None:
    """Give an index what it needs of the sources and the store to answer whatever it is asked."""
    index.writer, index.bundles, index.hasher = partial(write, store=store), bundles, Hasher().hash
    index.resources.trusted = trusted_places(sources)


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
    expanded, store = expand(sources), open_store(settings.store)
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
    files = _read(tree, recall, skipped)
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


def expand(sources: Iterable[Source]) -> list[Iterable[File | Skipped]]:
    """Turn paths and packages into directories, and let links lead from each directory to the others."""
    named = [Directory(each) if isinstance(each, (str, PathLike)) else each for each in sources]
    located = [each.locate() if isinstance(each, Package) else each for each in named]
    roots = tuple(each.root for each in located if isinstance(each, Directory))
    return [replace(each, trusted=(*each.trusted, *roots)) if isinstance(each, Directory) else each for each in located]


def trusted_places(sources: Iterable[Iterable[File | Skipped]]) -> tuple[str, ...] | None:
    """List the real paths that a file may be in when it is read again; None where links may lead anywhere."""
    directories = [each for each in sources if isinstance(each, Directory)]
    if any(each.follow_symlinks for each in directories):
        return None
    places = {place for each in directories for place in (each.root, *each.trusted)}
    return tuple(sorted(os.path.realpath(place) for place in places))


def _read(tree: Tree, recall: Recall, skipped: list[Skipped]) -> dict[str, Read]:
    """Read the files of the tree that are not known from an earlier start; those that cannot be read leave it."""
    found: dict[str, Read] = {}
    for path, file in tree.files.items():
        known = recall.find(file)
        try:
            found[path] = Read(known, None) if known else _forget(file, read(file))
        except OSError as error:
            skipped.append(Skipped(file.place, error.strerror or str(error)))
    for path in tree.files.keys() - found.keys():
        del tree.files[path]
    return found


def _forget(file: File, found: Read) -> Read:
    """Drop the bytes of a file that can be read again."""
    return found._replace(data=None) if isinstance(file.content, str) else found
