"""The merged tree: many sources, one tree, in which references become links.

The first source that has a name wins, as with Django's finders. A reference that names a file of the tree is a link;
one that should but does not is broken, and is reported.
"""

from collections.abc import Iterable
from typing import NamedTuple

from servestatic.assets.file import File
from servestatic.assets.fingerprint import Link
from servestatic.assets.policy import Policy
from servestatic.assets.references import Reference, is_path, resolve


class Tree(NamedTuple):
    """The merged tree.

    Attributes:
        files: by URL path (mount and logical path), in the order found.
        hidden: pairs of a file that won and one of the same URL path that it hides.
        mounts: the URL paths that names are relative to; the prefix of the collection is the first.
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


def merge(files: Iterable[File], prefix: str) -> Tree:
    """Put files under their URL paths; `prefix` is the mount of those that name none."""
    tree = Tree({}, [], [prefix])
    for file in files:
        winner = tree.files.setdefault(tree.path(file), file)
        if winner is not file:
            tree.hidden.append((winner, file))
        if (mount := tree.mount(file)) not in tree.mounts:
            tree.mounts.append(mount)
    return tree


class Broken(NamedTuple):
    """A reference in the file at URL path `base` that names no file; `target` is missing, None above the root."""

    base: str
    reference: Reference
    target: str | None


def link(base: str, references: Iterable[Reference], tree: Tree, policy: Policy) -> tuple[list[Link], list[Broken]]:
    """Sort the references of one file into links and broken references.

    What is not ours to resolve is neither, nor is a reference to a file that keeps its name.
    """
    links: list[Link] = []
    broken: list[Broken] = []
    for reference in references:
        if not is_path(reference.url):
            continue
        target = resolve(reference.url, base)
        if target in tree.files:
            if not policy.keeps_name(tree.files[target].name):
                links.append(Link(reference.start, reference.stop, reference.url, target))
        elif _is_ours(reference, target, tree, policy):
            broken.append(Broken(base, reference, target))
    return links, broken


def _is_ours(reference: Reference, target: str | None, tree: Tree, policy: Policy) -> bool:
    """Tell whether a reference should have named a file of the tree.

    An absolute path below no mount is the application's, if there is one, a path that ends with a slash names no file,
    one without extension may name a page, and an import without its extension is meant for Node.js or a bundler:
    packages bring such modules along.
    """
    if target is None:
        return True
    last = target.rpartition("/")[2]
    if not last or ("import" in reference.kind and ("." not in last or f"{target}.js" in tree.files)):
        return False
    if {f"{target}.html", f"{target}/{policy.index_file}"} & tree.files.keys():
        return False
    mounts = (each for each in tree.mounts if each != "/" or (policy.alone and "." in last))
    return not reference.url.startswith("/") or target.startswith(tuple(mounts))
