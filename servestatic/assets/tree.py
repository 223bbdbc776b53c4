"""Merge: many sources, one tree. The first source that has a name wins, as with Django's finders."""

from collections.abc import Iterable
from typing import NamedTuple

from servestatic.assets.file import File


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
