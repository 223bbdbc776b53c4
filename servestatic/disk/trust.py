"""Opening only what may be opened: regular files of a bounded size, and only where links may lead.

A path says where a file was, so what was opened is checked itself. A link may replace a file or a folder above it at
any moment: between checking and opening, or between `realpath` and opening.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

from servestatic.disk.system import FLAGS, FOLDER, HAS_STEPS, NO_LINK, PASSED, spell

Within: TypeAlias = tuple[str, ...] | None  # real paths that links may lead to; None: anywhere
Inode: TypeAlias = tuple[int, int]  # device and number
# Which links are followed: within all sources, also into installed packages, or anywhere. The later follow more.
FollowSymlinks: TypeAlias = Literal["inside", "packages", "all"]

_INSTALLED = r"[/\\](?:site|dist)-packages[/\\]"
_PACKAGE = r"[/\\](?:(?:site|dist)-packages|node_modules)[/\\]"
_MAX_HOPS = 40  # links that lead to links, as in Linux
_RULES: dict[object, FollowSymlinks] = {
    "inside": "inside",
    False: "inside",
    "packages": "packages",
    "all": "all",
    True: "all",
}


def is_within(path: str, folder: str) -> bool:
    """Return whether a path is a folder or below it."""
    path, folder = spell(path), spell(folder)
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_installed(path: str) -> bool:
    """Return whether a folder belongs to an installed package, whose files an installer may have linked."""
    return re.search(_INSTALLED, f"{path}/") is not None


def widest(*rules: object) -> FollowSymlinks:
    """Return the rule that follows the most links; True is `all`, False is `inside`.

    Raises:
        ValueError: one is not a rule.
    """
    if unknown := [rule for rule in rules if not isinstance(rule, (str, bool)) or rule not in _RULES]:
        raise ValueError(f"follow_symlinks is {unknown[0]!r}: expected 'inside', 'packages' or 'all'.")
    return max((_RULES[rule] for rule in rules), key=[*_RULES.values()].index)


def is_outside(path: str, within: Within) -> bool:
    """Return whether a real path is in none of the folders that links may lead to."""
    return within is not None and not any(is_within(path, folder) for folder in within)


def resolve(path: str, within: Within, follow: FollowSymlinks = "inside") -> str:
    """Return the real path of an absolute one.

    Raises:
        OSError: it does not exist, or links lead out of `within`, and `follow` does not take them.
    """
    real = os.path.realpath(path, strict=True)
    if spell(real) == spell(path) or not is_outside(real, within):
        return real
    through = _leads_through_package(path)
    if follow == "all" or (follow == "packages" and through):
        return real
    remedy = f"SERVESTATIC_FOLLOW_SYMLINKS={'packages' if through else 'all'}"
    raise OSError(0, f"the link leads out of every source, to {real} ({remedy} follows it)")


def _leads_through_package(path: str) -> bool:
    """Return whether a link is in an installed package or leads to one; an installer may have put a link there."""
    for _ in range(_MAX_HOPS):
        folder = os.path.realpath(os.path.dirname(path))
        place = os.path.join(folder, os.path.basename(path))
        if re.search(_PACKAGE, os.path.normpath(path)) or re.search(_PACKAGE, place):
            return True
        if not os.path.islink(place):
            break
        path = os.path.join(folder, os.readlink(place))
    return False


def open_within(path: str, flags: int, within: Within, seen: Inode | None = None) -> int:
    """Open a path for reading if links do not lead out of `within`, or if it still is the file that was `seen`.

    Raises:
        OSError: links lead elsewhere at the time of opening, or the path cannot be opened.
    """
    if within is None or seen is not None:
        descriptor = os.open(path, flags | FLAGS)
        if within is None or inode_of(os.fstat(descriptor)) == seen:
            return descriptor
        os.close(descriptor)
    return _open_real(resolve(path, within), flags | FLAGS)


def inode_of(status: os.stat_result) -> Inode:
    """Return what identifies a file as long as it exists."""
    return status.st_dev, status.st_ino


def _open_real(real: str, flags: int) -> int:
    if not HAS_STEPS:
        return os.open(real, flags)
    with _open_parent(real) as (folder, name):
        return os.open(name, flags | NO_LINK, dir_fd=folder)


def stat_real(real: str) -> os.stat_result:
    """Return the status of a real path, without following a link that has replaced a part of it since.

    Raises:
        OSError: it does not exist.
    """
    if not HAS_STEPS:
        return os.lstat(real)
    with _open_parent(real) as (folder, name):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)


@contextmanager
def _open_parent(real: str) -> Iterator[tuple[int, str]]:
    """Open the folder of a real path step by step, and yield its descriptor and the name in it."""
    folder = os.open("/", PASSED)
    try:
        *names, last = real.strip("/").split("/")
        for name in names:
            inner = os.open(name, PASSED, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder, last or "."
    finally:
        os.close(folder)


@contextmanager
def open_folder(path: str, within: Within, seen: Inode | None) -> Iterator[int | str]:
    """Open a folder as `open_within` does, for `os.scandir`.

    Raises:
        OSError: see `open_within`.
    """
    if not HAS_STEPS:
        yield path
        return
    descriptor = open_within(path, os.O_RDONLY | FOLDER, within, seen)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_bounded(path: str, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Raises:
        OSError: it cannot be read, is a pipe, a device or a directory, or is longer.
    """
    with open(os.open(path, os.O_RDONLY | FLAGS), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file")
        if status.st_size > limit:
            raise OSError(0, f"it has more than {limit} bytes")
        return file.read(status.st_size)
