"""References become links where they name a file of the tree, and are reported where they should but do not."""

from collections.abc import Iterable
from typing import NamedTuple

from servestatic.assets.fingerprint import Link
from servestatic.assets.policy import Policy
from servestatic.assets.references import Reference, is_path, resolve
from servestatic.assets.tree import Tree


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
