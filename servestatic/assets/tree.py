"""The merged tree: the files of all sources, between which references become links.

If several sources have the same name, the first wins, as with Django's finders. A reference that names a file of the
tree is a link; one that should but does not is broken, and is reported.
"""

from collections.abc import Iterable
from typing import NamedTuple

from servestatic.assets.file import File
from servestatic.assets.fingerprint import Link
from servestatic.assets.policy import Policy
from servestatic.assets.references import Reference, is_path, resolve


class Tree(NamedTuple):
    """The files of all sources by URL path.

    Attributes:
        files: by URL path (mount and logical path), in the order of the sources.
        hidden: pairs of a file that won and one of the same URL path that it hides.
        mounts: the URL paths that names are relative to, beginning with the prefix of the collection.
    """

    files: dict[str, File]
    hidden: list[tuple[File, File]]
    mounts: list[str]

    def path(self, file: File) -> str:
        """Return the URL path of a file."""
        return self.mount(file) + file.name

    def mount(self, file: File) -> str:
        """Return the mount that a file's name is relative to."""
        return self.mounts[0] if file.mount is None else file.mount

    def has(self, mount: str, path: str) -> bool:
        """Return whether a file of a mount has a URL path, which may also be below another mount."""
        file = self.files.get(path)
        return file is not None and self.mount(file) == mount


def merge(files: Iterable[File], prefix: str) -> Tree:
    """Arrange files by their URL paths; `prefix` is the mount of files that have none of their own."""
    tree = Tree({}, [], [prefix])
    for file in files:
        winner = tree.files.setdefault(tree.path(file), file)
        if winner is not file:
            tree.hidden.append((winner, file))
        if (mount := tree.mount(file)) not in tree.mounts:
            tree.mounts.append(mount)
    return tree


class Broken(NamedTuple):
    """A reference in the file at URL path `base` whose `target` does not exist; None if that is above the root."""

    base: str
    reference: Reference
    target: str | None


def link(base: str, references: Iterable[Reference], tree: Tree, policy: Policy) -> tuple[list[Link], list[Broken]]:
    """Sort the references of a file into links and broken references.

    References that are not ours to resolve are neither, and so are references to files that keep their names.
    """
    links: list[Link] = []
    broken: list[Broken] = []
    for reference in references:
        if not is_path(reference.url):
            continue
        target = _locate(reference, base, tree)
        if target in tree.files:
            if not policy.keeps_name(tree.files[target].name):
                links.append(Link(reference.start, reference.stop, reference.url, target))
        elif _is_ours(reference, target, tree, policy):
            broken.append(Broken(base, reference, target))
    return links, broken


def _locate(reference: Reference, base: str, tree: Tree) -> str | None:
    """Return the URL path that a reference names; what is bundled is looked for in the folders above, too."""
    target = resolve(reference.url, base)
    if reference.kind == "bundled" and not reference.url.startswith((".", "/")):
        while target not in tree.files and (base := base.rpartition("/")[0]):
            target = resolve(reference.url, base)
    return target


def _is_ours(reference: Reference, target: str | None, tree: Tree, policy: Policy) -> bool:
    """Return whether a reference should have named a file of the tree.

    An absolute path outside all mounts belongs to the application, if one exists. A path that ends with a slash names
    no file, and one without extension may name a page. An import without extension is meant for Node.js or a
    bundler: packages bring such modules along.
    """
    if target is None or reference.kind == "bundled":
        return target is None
    last = target.rpartition("/")[2]
    if not last or ("import" in reference.kind and ("." not in last or f"{target}.js" in tree.files)):
        return False
    if {f"{target}.html", *(f"{target}/{name}" for name in policy.index_files)} & tree.files.keys():
        return False
    mounts = (mount for mount in tree.mounts if mount != "/" or (policy.alone and "." in last))
    return not reference.url.startswith("/") or target.startswith(tuple(mounts))
