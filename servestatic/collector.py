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

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from typing import NamedTuple, TypeAlias

from servestatic.assets.file import File, Skipped
from servestatic.assets.fingerprint import Edit, Link, Node, fingerprint_leaf, fingerprint_nodes, rewrite
from servestatic.assets.index import Index
from servestatic.assets.links import Broken, link
from servestatic.assets.media_types import media_type
from servestatic.assets.merge import Tree, merge
from servestatic.assets.patterns import compile_patterns
from servestatic.assets.policy import Policy, Rule
from servestatic.assets.references import SYNTAXES, extension, respell
from servestatic.assets.rows import ELSEWHERE, Mount, Rewritten, Root, Row
from servestatic.background import StoringEncoder
from servestatic.disk import Reading, read_file, read_slice
from servestatic.errors import SettingError
from servestatic.http.message import Memory, Slice, Stamp
from servestatic.recall import Known, Recall
from servestatic.report import Findings, report, report_ready
from servestatic.sealed import load, write
from servestatic.settings import Settings, resolve, usual_origins
from servestatic.sources.directory import Directory
from servestatic.sources.package import Package
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
    policy = _policy(settings, revalidate=revalidate)
    if settings.build:
        index = load(settings.build, policy, settings.prefix)
        report_ready(index, seconds=time.monotonic() - started)
        return index
    store = open_store(settings.store)
    expanded = _expand(sources)
    recall = Recall(store, map(str, expanded))
    collected = _collect(expanded, settings, policy, recall)
    if collected is None:  # a file that was known changed just now
        collected = _collect(expanded, settings, policy, Recall(None, ()))
    if collected is None:
        raise AssertionError("what was read is held until it is rewritten")
    index, findings = collected
    index.writer = write
    index.trusted = _trusted(expanded)
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
    tree = merge(_scan(sources, skipped), settings.prefix)
    read = _read(tree, recall, skipped)
    links, broken = _link(tree, read, policy)
    fingerprints, edits = _name(tree, read, links if settings.fingerprints else {})
    rewritten = _rewrite(tree, read, edits)
    if rewritten is None:
        return None
    known = {path: each.known for path, each in read.items()}
    recall.save(tree.files, known)
    digests = {path: each.digest for path, each in known.items()}
    return _pack(tree, read, fingerprints, rewritten, sources, policy), Findings(tree, skipped, broken, digests)


def _policy(settings: Settings, *, revalidate: bool) -> Policy:
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


def _expand(sources: Iterable[Source]) -> list[Iterable[File | Skipped]]:
    """Turn paths and packages into directories, and let links lead from each directory to the others."""
    named = [Directory(each) if isinstance(each, (str, PathLike)) else each for each in sources]
    located = [each.locate() if isinstance(each, Package) else each for each in named]
    roots = tuple(each.root for each in located if isinstance(each, Directory))
    return [replace(each, trusted=(*each.trusted, *roots)) if isinstance(each, Directory) else each for each in located]


def _trusted(sources: Iterable[Iterable[File | Skipped]]) -> tuple[str, ...] | None:
    directories = [each for each in sources if isinstance(each, Directory)]
    if any(each.follow_symlinks for each in directories):
        return None
    places = {place for each in directories for place in (each.root, *each.trusted)}
    return tuple(sorted(os.path.realpath(place) for place in places))


def _scan(sources: Iterable[Iterable[File | Skipped]], skipped: list[Skipped]) -> Iterator[File]:
    for source in sources:
        for each in source:
            if isinstance(each, File):
                yield each
            else:
                skipped.append(each)


# ----------------------------------------------------------------------------------------------- read and link


class _Read(NamedTuple):
    """What reading a file told; `data` is kept where it is needed again: to rewrite it, or to serve it."""

    known: Known
    data: bytes | None


def _read(tree: Tree, recall: Recall, skipped: list[Skipped]) -> dict[str, _Read]:
    """Read the files of the tree that are not known from an earlier start; those that cannot be read leave it."""
    read: dict[str, _Read] = {}
    for path, file in tree.files.items():
        known = recall.find(file)
        try:
            read[path] = _Read(known, None) if known else _read_one(file)
        except OSError as error:
            skipped.append(Skipped(file.place, error.strerror or str(error)))
    for path in tree.files.keys() - read.keys():
        del tree.files[path]
    return read


def _read_one(file: File) -> _Read:
    reading = _load(file)
    data, syntax = reading.data, SYNTAXES.get(extension(file.name))
    references = syntax.find(data) if syntax and data is not None else []
    utf8 = data is None or not media_type(file.name).text or _is_utf8(data)
    kept = None if isinstance(file.content, str) and not references else data
    return _Read(Known(reading.stamp, reading.digest, utf8, references), kept)


def _load(file: File) -> Reading:
    """Read a file again or for the first time.

    Raises:
        OSError: it is not there or cannot be read.
    """
    if isinstance(file.content, str):
        return read_file(file.content)
    if isinstance(file.content, bytes):
        data = file.content
    else:
        with file.content() as stream:
            data = stream.read()
    return Reading(Stamp(0, 0, len(data), 0, 0), hashlib.sha256(data).digest(), data)


def _is_utf8(data: bytes) -> bool:
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False


def _link(tree: Tree, read: Mapping[str, _Read], policy: Policy) -> tuple[dict[str, list[Link]], list[Broken]]:
    links: dict[str, list[Link]] = {}
    broken: list[Broken] = []
    for path, each in read.items():
        references = each.known.references
        if references and not policy.immutable(tree.files[path].name) and (policy.pages or not media_type(path).page):
            links[path], missing = link(path, references, tree, policy)
            broken += missing
    return links, broken


# -------------------------------------------------------------------------------------------- name and rewrite


def _name(
    tree: Tree, read: Mapping[str, _Read], links: Mapping[str, list[Link]]
) -> tuple[dict[str, str], dict[str, list[Edit]]]:
    leaves = {path: fingerprint_leaf(each.known.digest) for path, each in read.items() if not links.get(path)}
    nodes = {path: Node(tree.files[path].name, read[path].known.digest, each) for path, each in links.items() if each}

    def write(base: str, each: Link, fingerprint: str) -> bytes:
        file, target = tree.files[base], tree.files[each.target]
        url = respell(each.url, base, each.target, fingerprint, one_mount=tree.mount(file) == tree.mount(target))
        return SYNTAXES[extension(file.name)].escape(url)

    named, edits = fingerprint_nodes(nodes, leaves, write)
    return leaves | named, edits


def _rewrite(tree: Tree, read: Mapping[str, _Read], edits: Mapping[str, list[Edit]]) -> dict[str, Rewritten] | None:
    rewritten: dict[str, Rewritten] = {}
    for path, each in edits.items():
        known, data = read[path]
        if data is None:
            data = read_slice(Slice(tree.files[path].place, 0, known.stamp.size, known.stamp))
        if data is None:
            return None
        data = rewrite(data, each)
        rewritten[path] = Rewritten(Memory(data), len(data), hashlib.sha256(data).digest())
    return rewritten


# -------------------------------------------------------------------------------------------------------- pack


def _pack(
    tree: Tree,
    read: Mapping[str, _Read],
    fingerprints: Mapping[str, str],
    rewritten: Mapping[str, Rewritten],
    sources: Iterable[Iterable[File | Skipped]],
    policy: Policy,
) -> Index:
    directories = [each for each in sources if isinstance(each, Directory)]
    roots = tuple(Root(each.root, each.prefix) for each in directories)
    numbers = {(str(each), each.at): number for number, each in enumerate(directories)}
    mounts = {prefix: Mount(prefix, {}, {}, {}, {}) for prefix in tree.mounts}
    for path, file in tree.files.items():
        mount, each = mounts[tree.mount(file)], read[path]
        number = numbers.get((file.origin, file.mount), ELSEWHERE)
        if number == ELSEWHERE or roots[number].place(file.name) != file.content:
            number = ELSEWHERE
            mount.apart[file.name] = file.content if isinstance(file.content, str) else each.data or b""
        known = each.known
        mount.rows[file.name] = Row(known.digest, fingerprints[path], known.stamp, number, known.utf8).pack()
        if path in rewritten:
            mount.rewritten[file.name] = rewritten[path]
    return Index(tuple(mounts.values()), roots, policy)
