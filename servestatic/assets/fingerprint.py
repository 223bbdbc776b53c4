"""Fingerprints: names that change exactly when the bytes served under them change.

The fingerprint of a file covers the format below, the digest of its source and, for each rewritten reference in order,
the span and the text written there, which contains the fingerprint of the target. Files are therefore processed in
order of dependency. Files that refer to each other in a circle have no such order: they share one digest, in which the
logical path of the target takes the place of a reference within the circle.

If a file already has the name that another would get with its fingerprint, the other gets a second fingerprint.
"""

import hashlib
import struct
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from servestatic.assets.names import DIGITS, insert_fingerprint

FORMAT = b"servestatic fingerprint 1\n"  # must change whenever what is covered, or how, changes
_AGAIN = b"servestatic fingerprint 1, again\n"


class Link(NamedTuple):
    """A reference that resolves: bytes `start` to `stop` name the file at URL path `target`, written as `url`."""

    start: int
    stop: int
    url: str
    target: str


class Node(NamedTuple):
    """What a fingerprint covers of a file: logical path, SHA-256 of its source, and its references in order."""

    name: str
    digest: bytes
    links: Sequence[Link]


class Edit(NamedTuple):
    """The replacement of bytes `start` to `stop` by `text`."""

    start: int
    stop: int
    text: bytes


# Returns the text to write, given the URL path of the referring file, the link and the fingerprint of its target.
Write: TypeAlias = Callable[[str, Link, str], bytes]


def fingerprint_leaf(digest: bytes, path: str = "", taken: Container[str] = ()) -> str:
    """Return the fingerprint of a file in which nothing is rewritten, given the SHA-256 of its source.

    `taken` contains the URL paths of all files; the file's fingerprinted path will not be one of them.
    """
    return _shorten(FORMAT + digest, path, taken)


def fingerprint_nodes(
    nodes: Mapping[str, Node], leaves: Mapping[str, str], write: Write, taken: Container[str] = ()
) -> tuple[dict[str, str], dict[str, list[Edit]]]:
    """Return the fingerprints and the edits of files with links, by URL path.

    Every target must be a key of `nodes` or of `leaves`, which maps files without links to their fingerprints. For
    `taken` see `fingerprint_leaf`.
    """
    fingerprints: dict[str, str] = {}
    edits: dict[str, list[Edit]] = {}

    def known(path: str) -> str:
        return fingerprints.get(path) or leaves[path]

    def make_edits(path: str) -> list[Edit]:
        links = nodes[path].links
        return [Edit(link.start, link.stop, write(path, link, known(link.target))) for link in links]

    for circle in _strongly_connected(nodes):
        path, members = circle[0], frozenset(circle)
        if members.isdisjoint(link.target for link in nodes[path].links):
            edits[path] = make_edits(path)
            fingerprints[path] = _shorten(_cover(nodes[path], [edit.text for edit in edits[path]]), path, taken)
        else:
            fingerprints |= _fingerprint_circle(members, nodes, known, write, taken)
            edits |= {path: make_edits(path) for path in circle}
    return fingerprints, edits


def _fingerprint_circle(
    members: frozenset[str],
    nodes: Mapping[str, Node],
    known: Callable[[str], str],
    write: Write,
    taken: Container[str],
) -> dict[str, str]:
    def text(path: str, link: Link) -> bytes:
        if link.target in members:
            return b"\0" + _encode(nodes[link.target].name)
        return write(path, link, known(link.target))

    common = hashlib.sha256()
    for path in sorted(members, key=lambda path: (nodes[path].name, path)):
        node = nodes[path]
        common.update(struct.pack("<Q", len(_encode(node.name))) + _encode(node.name))
        common.update(_cover(node, [text(path, link) for link in node.links]))
    digest = common.digest()
    return {path: _shorten(FORMAT + digest + _encode(nodes[path].name), path, taken) for path in members}


def _cover(node: Node, texts: Sequence[bytes]) -> bytes:
    written = (
        struct.pack("<QQQ", link.start, link.stop, len(text)) + text
        for link, text in zip(node.links, texts, strict=True)
    )
    return FORMAT + node.digest + struct.pack("<Q", len(node.links)) + b"".join(written)


def _encode(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _shorten(covered: bytes, path: str, taken: Container[str]) -> str:
    """Return a fingerprint that gives the file at `path` a name that is not taken."""
    fingerprint = hashlib.sha256(covered).hexdigest()[:DIGITS]
    while insert_fingerprint(path, fingerprint) in taken:
        covered = _AGAIN + covered
        fingerprint = hashlib.sha256(covered).hexdigest()[:DIGITS]
    return fingerprint


def rewrite(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Apply edits, which must be in order and must not overlap, in one pass."""
    parts: list[bytes] = []
    done = 0
    for start, stop, text in edits:
        parts += (data[done:start], text)
        done = stop
    parts.append(data[done:])
    return b"".join(parts)


def _strongly_connected(nodes: Mapping[str, Node]) -> Iterator[list[str]]:
    """Yield the strongly connected components, dependencies first (Tarjan 1972, without recursion)."""
    order: dict[str, int] = {}  # when a node was reached
    lowest: dict[str, int] = {}  # the earliest node reachable from it that is still open
    open_nodes: dict[str, None] = {}
    for root in nodes:
        if root in order:
            continue
        work = [(root, _targets(nodes, root))]
        while work:
            path, targets = work[-1]
            if path not in order:
                order[path] = lowest[path] = len(order)
                open_nodes[path] = None
            for target in targets:
                if target not in order:
                    work.append((target, _targets(nodes, target)))
                    break
                if target in open_nodes:
                    lowest[path] = min(lowest[path], order[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[path])
                if lowest[path] == order[path]:
                    yield list(_close(open_nodes, path))


def _targets(nodes: Mapping[str, Node], path: str) -> Iterator[str]:
    return (link.target for link in nodes[path].links if link.target in nodes)


def _close(open_nodes: dict[str, None], last: str) -> Iterator[str]:
    while True:
        path, _ = open_nodes.popitem()
        yield path
        if path == last:
            return
