"""The steps from what sources yield to the rows of a release; each takes assets, and returns them with more.

The collector takes all assets of a tree through them, the live pipeline those that a request needs.
"""

import os
from collections.abc import Iterable, Iterator, Mapping

from servestatic.assets.asset import Asset
from servestatic.assets.file import File, Skipped, find_fault
from servestatic.assets.fingerprint import Link, Node, fingerprint_leaf, fingerprint_nodes
from servestatic.assets.media_types import media_type
from servestatic.assets.names import has_room
from servestatic.assets.needs import find_needs
from servestatic.assets.policy import Policy
from servestatic.assets.references import MAX_REFERENCES, SYNTAXES, extension, respell
from servestatic.assets.tree import Broken, Tree, link
from servestatic.http.message import Blob, Memory, Slice
from servestatic.pipeline.locator import Locator
from servestatic.pipeline.rewrite import Rewriter, pack_edits
from servestatic.releases.rows import Details, Edits, Mount, Row

_REWRITTEN_INLINE = 8 * 1024 * 1024  # bytes; rewriting more would hold up other requests


def take_files(found: Iterable[File | Skipped], skipped: list[Skipped]) -> Iterator[File]:
    """Yield the files whose names can be served, and append the others to `skipped`."""
    for item in found:
        if isinstance(item, Skipped):
            skipped.append(item)
        elif not isinstance(item, File):
            raise TypeError(f"a source yields {item!r}: expected File or Skipped.")
        elif fault := find_fault(item):
            skipped.append(Skipped(item.location, fault))
        else:
            yield item if item.stamp else _resolve(item)


def _resolve(file: File) -> File:
    """Resolve the path of a file, so that it stays served if a link to it moves later."""
    return file._replace(content=os.path.realpath(file.content)) if isinstance(file.content, str) else file


def link_assets(tree: Tree, assets: Mapping[str, Asset], policy: Policy) -> tuple[dict[str, Asset], list[Broken]]:
    """Turn the references of assets, by URL path, into links to files of the tree, and broken ones."""
    linked, broken = dict(assets), list[Broken]()
    for path, asset in assets.items():
        references = asset.references[:MAX_REFERENCES]
        if references and not policy.immutable(asset.file.name) and (policy.pages or not media_type(path).page):
            links, missing = link(path, references, tree, policy)
            broken += missing
            if media_type(path).page or has_room(path):  # otherwise only its own bytes are ever served
                linked[path] = asset._replace(links=links)
    return linked, broken


def name_assets(tree: Tree, assets: Mapping[str, Asset], policy: Policy) -> dict[str, Asset]:
    """Give assets their fingerprints, and the edits that write the fingerprints of others into them.

    `assets` must have the targets of all links.
    """
    linked = {path: asset for path, asset in assets.items() if asset.links and policy.fingerprints}
    leaves = {
        path: fingerprint_leaf(asset.digest, path, tree.files) for path, asset in assets.items() if path not in linked
    }
    nodes = {path: Node(asset.file.name, asset.digest, asset.links) for path, asset in linked.items()}

    def write(base: str, link: Link, fingerprint: str) -> bytes:
        return SYNTAXES[extension(tree.files[base].name)].escape(spell_link(tree, base, link, fingerprint))

    fingerprints, edits = fingerprint_nodes(nodes, leaves, write, tree.files)
    named = {path: asset._replace(fingerprint=leaves[path]) for path, asset in assets.items() if path in leaves}
    return named | {
        path: asset._replace(fingerprint=fingerprints[path], edits=edits[path]) for path, asset in linked.items()
    }


def spell_link(tree: Tree, base: str, link: Link, fingerprint: str) -> str:
    """Return a link in the file at URL path `base` as it is served."""
    file, target = tree.files[base], tree.files[link.target]
    # A page may be served at other URLs than its own (a 404 page, a single-page application's): its absolute
    # references stay absolute. They may, since a page has no fingerprint.
    relative = tree.mount(file) == tree.mount(target) and not media_type(file.name).page
    return respell(link.url, base, link.target, fingerprint, one_mount=relative)


def make_mounts(tree: Tree, assets: Mapping[str, Asset], locator: Locator, rewriter: Rewriter) -> list[Mount]:
    """Make the mounts of a whole tree, with the edits that are applied when the bytes are first requested."""
    rows: dict[str, dict[str, Row]] = {prefix: {} for prefix in tree.mounts}
    details = {prefix: Details({}, {}, {}) for prefix in tree.mounts}
    for path, file in tree.files.items():
        asset, prefix = assets[path], tree.mount(file)
        rows[prefix][file.name] = locator.make_row(asset, details[prefix])
        if asset.edits:
            details[prefix].rewritten[file.name] = _plan(asset, rewriter)
        note_needs(tree, path, asset, details[prefix])
    return [Mount(prefix, rows[prefix], *details[prefix], longest=0) for prefix in tree.mounts]


def source_of(asset: Asset) -> Memory | Slice:
    """Return the bytes of an asset: in memory, or as a slice of its file."""
    if asset.data is not None or not isinstance(asset.file.content, str):
        return Memory(asset.data or b"")
    return Slice(asset.file.content, 0, asset.stamp.size, asset.stamp)


def _plan(asset: Asset, rewriter: Rewriter) -> Blob | Edits:
    """Return the edits of an asset, or their result if making it would delay a request and no store keeps it."""
    packed = pack_edits(asset.edits)
    made = None
    if asset.stamp.size > _REWRITTEN_INLINE:
        made = rewriter.rewrite(asset.digest, packed, source_of(asset))
    return made if made and isinstance(made.body, Memory) else packed


def note_needs(tree: Tree, path: str, asset: Asset, details: Details) -> None:
    """Note what a browser needs with a file, or remove an earlier need."""
    needs = find_needs(path, asset.references, tree) if asset.references else ()
    if needs:
        details.needs[asset.file.name] = needs
    else:
        details.needs.pop(asset.file.name, None)
