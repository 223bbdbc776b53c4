"""collect: the only place where the stages are put in order.

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
import time
from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from typing import TypeAlias

from servestatic.assets.file import File, Skipped
from servestatic.assets.index import Index
from servestatic.assets.merge import Tree, merge
from servestatic.assets.patterns import compile_patterns
from servestatic.assets.policy import Policy, Rule
from servestatic.background import StoringEncoder
from servestatic.bundles import keep_bundled, open_manifests
from servestatic.errors import SettingError
from servestatic.following.index import follow
from servestatic.integrity import Hasher
from servestatic.reading import Read, read
from servestatic.recall import Recall
from servestatic.report import Findings, report, report_ready
from servestatic.rewriting import Rewriter
from servestatic.sealed import load, write
from servestatic.settings import Settings, resolve, usual_origins
from servestatic.sources.directory import Directory
from servestatic.sources.package import Package
from servestatic.stages import link_files, name_files, pack_files, plan_files, scan
from servestatic.store import Store, open_store

Source: TypeAlias = str | PathLike[str] | Iterable[File | Skipped]


def collect(*sources: Source, **settings: object) -> Index:
    """Collect static files into an index that serves them.

    Args:
        sources: directories, or `Directory`, `Package`, or any iterable of `File`; the first that has a name wins.
            None: those of the setting `sources`.
        settings: see `servestatic.settings.Settings`; what is not given comes from the environment, then from the
            pyproject.toml of the working directory.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or there is no source.
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    resolved = resolve(*usual_origins(settings)).settings
    if not (sources or resolved.sources or resolved.build):
        raise SettingError("no source to collect from: pass a directory, or set SERVESTATIC_SOURCES.")
    return build(sources or resolved.sources, resolved)


def build(sources: Iterable[Source], settings: Settings, *, revalidate: bool = False) -> Index:
    """Make the index that the settings, which are resolved, want: sealed, live or collected.

    `revalidate` makes every answer `no-cache`, as a live index does in any case.
    """
    started = time.monotonic()
    policy = policy_of(settings, revalidate=revalidate or settings.live)
    if settings.build:
        index = load(settings.build, policy, settings.prefix)
        index.hasher = Hasher().hash
        report_ready(index, seconds=time.monotonic() - started)
        return index
    expanded, store = expand(sources), open_store(settings.store)
    bundles = open_manifests(settings.manifests, expanded, follow=settings.live, strict=settings.strict)
    policy = keep_bundled(policy, bundles) if settings.manifests else policy
    if settings.live:
        index = follow(expanded, settings.prefix, policy)
    else:
        index, findings = _collect(expanded, settings, policy, store)
        report(index, findings, seconds=time.monotonic() - started, strict=settings.strict)
    index.writer, index.hasher, index.bundles = write, Hasher().hash, bundles
    index.trusted = trusted_places(expanded)
    if store is not None:
        background = settings.compress != "build" and not settings.live
        index.encoder = encoder = StoringEncoder(index, store, background=background)
        if settings.compress == "startup" and not settings.live:
            encoder.settle()
    return index


def examine(sources: Iterable[Source], settings: Settings) -> tuple[Index, Findings]:
    """Collect for somebody who asks about the files: what was found is returned, not reported."""
    expanded, store = expand(sources), open_store(settings.store)
    bundles = open_manifests(settings.manifests, expanded, follow=False, strict=False)
    policy = keep_bundled(policy_of(settings, revalidate=False), bundles)
    index, findings = _collect(expanded, settings, policy, store)
    index.bundles = bundles
    if store is not None:
        index.encoder = StoringEncoder(index, store, background=False)
    return index, findings


def _collect(
    sources: list[Iterable[File | Skipped]], settings: Settings, policy: Policy, store: Store | None
) -> tuple[Index, Findings]:
    """Run the stages."""
    recall, rewriter = Recall(store, map(str, sources)), Rewriter(store)
    skipped: list[Skipped] = []
    tree = merge(scan(sources, skipped), settings.prefix)
    files = _read(tree, recall, skipped)
    links, broken = link_files(tree, files, policy)
    fingerprints, edits = name_files(tree, files, links if settings.fingerprints else {})
    planned = plan_files(tree, files, edits, rewriter)
    known = {path: each.known for path, each in files.items()}
    recall.save(tree.files, known)
    digests = {path: each.digest for path, each in known.items()}
    index = pack_files(tree, files, fingerprints, planned, sources, policy)
    index.rewriter = rewriter.rewrite
    return index, Findings(tree, skipped, broken, digests, links)


def policy_of(settings: Settings, *, revalidate: bool) -> Policy:
    """Return what the settings say about fields."""
    rules = tuple(Rule(compile_patterns([pattern]), fields) for pattern, fields in settings.headers)
    return Policy(
        fingerprints=settings.fingerprints,
        revalidate=revalidate,
        max_age=settings.max_age,
        cors=settings.cors,
        pages=settings.pages,
        index_file=settings.index_file,
        clean_urls=settings.clean_urls,
        immutable=compile_patterns(settings.immutable),
        alone=bool(settings.not_found),
        rules=rules,
    )


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
