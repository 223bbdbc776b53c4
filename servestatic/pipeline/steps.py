"""The stages from what files told to the rows of an index.

Each takes the files it is given: `collector` all of a tree, `following` those that a request needs.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from servestatic.assets.file import File, Skipped, find_fault, has_room
from servestatic.assets.fingerprint import Edit, Link, Node, fingerprint_leaf, fingerprint_nodes, rewrite
from servestatic.assets.links import Broken, link
from servestatic.assets.media_types import media_type
from servestatic.assets.policy import Policy
from servestatic.assets.references import MAX_REFERENCES, SYNTAXES, extension, respell
from servestatic.assets.references.needs import find_needs
from servestatic.assets.tree import Tree
from servestatic.disk.read import read_slice
from servestatic.disk.trust import Within
from servestatic.http.message import Memory, Slice
from servestatic.pipeline.read import Read
from servestatic.pipeline.rewrite import Rewriter, pack_edits
from servestatic.releases.rows import ELSEWHERE, Edits, Mount, Rewritten, Root, Row
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources
from servestatic.sources.directory import Directory

_REWRITTEN_INLINE = 8 * 1024 * 1024  # bytes; rewriting more would hold up other requests


def take_files(found: Iterable[File | Skipped], skipped: list[Skipped]) -> Iterator[File]:
    """Yield the files, of all sources, whose names can be served, and put what is left out into `skipped`."""
    for each in found:
        if isinstance(each, Skipped):
            skipped.append(each)
        elif not isinstance(each, File):
            raise TypeError(f"a source yields {each!r}: expected File or Skipped.")
        elif fault := find_fault(each):
            skipped.append(Skipped(each.place, fault))
        else:
            yield each if each.stamp else _resolve(each)


def _resolve(file: File) -> File:
    """Put a file at its real path where its source does not care: a link that moves later takes nothing away."""
    return file._replace(content=os.path.realpath(file.content)) if isinstance(file.content, str) else file


def link_files(tree: Tree, files: Mapping[str, Read], policy: Policy) -> tuple[dict[str, list[Link]], list[Broken]]:
    """Turn the references of files, by URL path, into links to files of the tree, and broken ones."""
    links: dict[str, list[Link]] = {}
    broken: list[Broken] = []
    for path, each in files.items():
        references = each.known.references[:MAX_REFERENCES]
        if references and not policy.immutable(tree.files[path].name) and (policy.pages or not media_type(path).page):
            found, missing = link(path, references, tree, policy)
            broken += missing
            if media_type(path).page or has_room(path):  # else only its own bytes are ever served
                links[path] = found
    return links, broken


def name_files(
    tree: Tree, files: Mapping[str, Read], links: Mapping[str, Sequence[Link]]
) -> tuple[dict[str, str], dict[str, list[Edit]]]:
    """Give files their fingerprints, and the edits that write those of others into them.

    `files` holds all that the links of its files lead to.
    """
    taken = tree.files
    leaves = {
        path: fingerprint_leaf(each.known.digest, path, taken) for path, each in files.items() if not links.get(path)
    }
    nodes = {path: Node(tree.files[path].name, files[path].known.digest, each) for path, each in links.items() if each}

    def write(base: str, each: Link, fingerprint: str) -> bytes:
        return SYNTAXES[extension(tree.files[base].name)].escape(spell_link(tree, base, each, fingerprint))

    named, edits = fingerprint_nodes(nodes, leaves, write, taken)
    return leaves | named, edits


def spell_link(tree: Tree, base: str, each: Link, fingerprint: str) -> str:
    """Return the URL that a link in the file at URL path `base` is served as."""
    file, target = tree.files[base], tree.files[each.target]
    # A page may be served at other URLs than its own (a 404 page, a single-page application's): its absolute
    # references stay absolute. It has no fingerprint, so they may.
    relative = tree.mount(file) == tree.mount(target) and not media_type(file.name).page
    return respell(each.url, base, each.target, fingerprint, one_mount=relative)


def rewrite_files(
    tree: Tree, files: Mapping[str, Read], edits: Mapping[str, list[Edit]]
) -> dict[str, Rewritten] | None:
    """Apply edits; None if a file that is not held changed since it was read."""
    rewritten: dict[str, Rewritten] = {}
    for path, each in edits.items():
        known, data = files[path]
        if data is None:
            data = read_slice(Slice(tree.files[path].place, 0, known.stamp.size, known.stamp))
        if data is None:
            return None
        data = rewrite(data, each)
        rewritten[path] = Rewritten(Memory(data), len(data), hashlib.sha256(data).digest())
    return rewritten


def plan_files(
    tree: Tree, files: Mapping[str, Read], edits: Mapping[str, Sequence[Edit]], rewriter: Rewriter
) -> dict[str, Rewritten | Edits]:
    """Say what fingerprinted names serve: edits, which are applied when the bytes are asked for.

    They are applied now where that would keep a request waiting.
    """
    planned: dict[str, Rewritten | Edits] = {}
    for path, each in edits.items():
        (known, data), packed = files[path], pack_edits(each)
        made = None
        if known.stamp.size > _REWRITTEN_INLINE:
            source = Slice(tree.files[path].place, 0, known.stamp.size, known.stamp)
            made = rewriter.rewrite(known.digest, packed, source if data is None else Memory(data))
        planned[path] = made if made and isinstance(made.body, Memory) else packed  # else the store has it
    return planned


class Places:
    """Where the files of sources are, as rows say it: by the number of a root, or apart; and where links may lead."""

    def __init__(self, sources: Iterable[Iterable[File | Skipped]]) -> None:
        directories = [each for each in sources if isinstance(each, Directory)]
        self.roots = tuple(Root(each.root, each.prefix) for each in directories)
        self._free = tuple(each.root for each in directories if each.within is None)
        within = {place for each in directories for place in (each.root.rstrip("/"), *(each.within or ()))}
        self._within = tuple(sorted(within))
        self._numbers = {(str(each), each.at): number for number, each in enumerate(directories)}

    def within(self, path: str) -> Within:
        """Return where links may lead from the place of a file when it is read."""
        return None if path.startswith(self._free) else self._within

    def put(self, file: File, mount: Mount, each: Read, fingerprint: str) -> Row:
        """Make the row of a file, and note its place in the mount where no root leads to it."""
        number = self._numbers.get((file.origin, file.mount), ELSEWHERE)
        if number == ELSEWHERE or self.roots[number].place(file.name) != file.content:
            number = ELSEWHERE
            mount.apart[file.name] = file.content if isinstance(file.content, str) else each.data or b""
        return Row(each.known.digest, fingerprint, each.known.stamp, number, each.known.utf8)


def note_needs(tree: Tree, path: str, each: Read, mount: Mount) -> None:
    """Put into the mount what a browser needs with a file, or take out what it needed before."""
    references = each.known.references
    needs = find_needs(path, references, tree) if references else ()
    if needs:
        mount.needs[tree.files[path].name] = needs
    else:
        mount.needs.pop(tree.files[path].name, None)


def pack_files(
    tree: Tree,
    files: Mapping[str, Read],
    fingerprints: Mapping[str, str],
    planned: Mapping[str, Rewritten | Edits],
    sources: Iterable[Iterable[File | Skipped]],
    policy: Policy,
) -> Index:
    """Make the index of a whole tree."""
    places = Places(sources)
    rows: dict[str, dict[str, bytes]] = {prefix: {} for prefix in tree.mounts}
    mounts = {prefix: Mount(prefix, rows[prefix], {}, {}, {}, {}) for prefix in tree.mounts}
    for path, file in tree.files.items():
        mount = mounts[tree.mount(file)]
        rows[mount.prefix][file.name] = places.put(file, mount, files[path], fingerprints[path]).pack()
        if path in planned:
            mount.rewritten[file.name] = planned[path]
        note_needs(tree, path, files[path], mount)
    return Index(Resources(tuple(mounts.values()), places.roots, policy))
