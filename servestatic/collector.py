"""collect: the only place where the stages are put in order.

1. expand    what the caller named → sources
2. scan      sources → files, and what was left out
3. merge     files → tree: the first that has a name wins
4. read      tree → digests and references
5. link      references → links to files of the tree, and broken ones
6. name      links → fingerprints and edits
7. rewrite   edits → the bytes that fingerprinted names serve
8. pack      all of it → index
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from os import PathLike
from typing import TypeAlias

from servestatic.assets.file import File, Skipped
from servestatic.assets.index import Index
from servestatic.assets.merge import Tree, merge
from servestatic.assets.patterns import compile_patterns
from servestatic.assets.policy import Policy, Rule
from servestatic.background import StoringEncoder
from servestatic.errors import SettingError
from servestatic.reading import Read, read
from servestatic.recall import Recall
from servestatic.report import Findings, report, report_ready
from servestatic.sealed import load, write
from servestatic.settings import Settings, resolve, usual_origins
from servestatic.sources.directory import Directory
from servestatic.sources.package import Package
from servestatic.stages import link_files, name_files, pack_files, rewrite_files
from servestatic.store import open_store

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
    """Collect with settings that are resolved; `revalidate` makes every answer `no-cache`."""
    started = time.monotonic()
    policy = policy_of(settings, revalidate=revalidate)
    if settings.build:
        index = load(settings.build, policy, settings.prefix)
        report_ready(index, seconds=time.monotonic() - started)
        return index
    store = open_store(settings.store)
    expanded = expand(sources)
    recall = Recall(store, map(str, expanded))
    collected = _collect(expanded, settings, policy, recall)
    if collected is None:  # a file that was known changed just now
        collected = _collect(expanded, settings, policy, Recall(None, ()))
    if collected is None:
        raise AssertionError("what was read is held until it is rewritten")
    index, findings = collected
    index.writer = write
    index.trusted = trusted_places(expanded)
    if store is not None:
        index.encoder = StoringEncoder(index, store, background=settings.compress == "background")
    if isinstance(index.encoder, StoringEncoder) and settings.compress == "startup":
        index.encoder.settle()
    report(index, findings, seconds=time.monotonic() - started, strict=settings.strict)
    return index


def _collect(
    sources: list[Iterable[File | Skipped]], settings: Settings, policy: Policy, recall: Recall
) -> tuple[Index, Findings] | None:
    """Run the stages; None if a file that was not read changed before it was rewritten."""
    skipped: list[Skipped] = []
    tree = merge(scan(sources, skipped), settings.prefix)
    files = _read(tree, recall, skipped)
    links, broken = link_files(tree, files, policy)
    fingerprints, edits = name_files(tree, files, links if settings.fingerprints else {})
    rewritten = rewrite_files(tree, files, edits)
    if rewritten is None:
        return None
    known = {path: each.known for path, each in files.items()}
    recall.save(tree.files, known)
    digests = {path: each.digest for path, each in known.items()}
    index = pack_files(tree, files, fingerprints, rewritten, sources, policy)
    return index, Findings(tree, skipped, broken, digests)


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
        immutable=compile_patterns(settings.immutable),
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


def scan(sources: Iterable[Iterable[File | Skipped]], skipped: list[Skipped]) -> Iterator[File]:
    """Yield the files of all sources in order, and put what they left out into `skipped`."""
    for source in sources:
        for each in source:
            if isinstance(each, File):
                yield each
            else:
                skipped.append(each)


def _read(tree: Tree, recall: Recall, skipped: list[Skipped]) -> dict[str, Read]:
    """Read the files of the tree that are not known from an earlier start; those that cannot be read leave it."""
    found: dict[str, Read] = {}
    for path, file in tree.files.items():
        known = recall.find(file)
        try:
            found[path] = Read(known, None) if known else read(file)
        except OSError as error:
            skipped.append(Skipped(file.place, error.strerror or str(error)))
    for path in tree.files.keys() - found.keys():
        del tree.files[path]
    return found
