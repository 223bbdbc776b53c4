"""The paths of a build. What the file system cannot hold is left out and reported; the rest is written.

A path is a file or a folder, never both, and its names are no longer than the file system allows. If two paths exclude
each other, the first stays: plain names come before fingerprinted ones, and those before codings.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from servestatic.assets.names import MAX_SEGMENT
from servestatic.disk.system import ignores_case
from servestatic.runtime.log import get_log

_MAX_NAMED = 20  # paths in one log line
_log = get_log()


class Layout:
    """The paths below OUT that a build takes; `own` are those of its documents, files or folders.

    Attributes:
        absent: paths of names that are left out.
    """

    def __init__(self, out: Path, *own: str) -> None:
        self._fold: Callable[[str], str] = str.casefold if ignores_case(out) else str
        self._own = frozenset(map(self._fold, own))
        self._files = {*own}
        self._taken = {*self._own}  # as the file system tells them apart, files and folders
        self._folders: set[str] = set()
        self._longest = _find_longest(out)
        self._reasons: dict[str, str] = {}
        self.absent: set[str] = set()

    def take(self, path: str) -> bool:
        """Take a path for a name, or leave it out; False if another name already has the same path."""
        reason = self._find_reason(path)
        if reason:
            self._reasons[path] = reason
        if path in self._files and self._fold(path) not in self._own:
            return False
        if reason:
            self.absent.add(path)
        else:
            self._files.add(path)
            self._taken.add(self._fold(path))
            self._folders.update(list_folders(self._fold(path)))
        return True

    def leave_out(self, obstructed: Iterable[str]) -> None:
        """Leave out names that a folder obstructs: one that no build made, and that is not empty."""
        for path in obstructed:
            self._reasons[path] = "a folder is in its place; remove it, and build again"
            if path in self._files:
                self.absent.add(path)

    def has_room(self, path: str) -> bool:
        """Return whether a coding can be written at a path; a file of the tree with that name is not reported."""
        if self._fold(path) in self._taken:
            return False
        if reason := self._find_reason(path):
            self._reasons[path] = reason
        return not reason

    def report(self) -> None:
        """Log what is left out."""
        if self._reasons:
            named = [f"\n  {path!r}: {self._reasons[path]}" for path in sorted(self._reasons)]
            more = [f"\n  and {len(named) - _MAX_NAMED} more"] if len(named) > _MAX_NAMED else []
            _log.warning("left out of the build (%d):%s", len(named), "".join((*named[:_MAX_NAMED], *more)))

    def _find_reason(self, path: str) -> str | None:
        """Return why a path cannot be taken; None if it can."""
        folded = self._fold(path)
        if folded in self._own or folded.partition("/")[0] in self._own:
            return "the build has a file of its own with this name"
        if path in self._files:
            return "another file has this name in the build"
        if folded in self._taken:
            return "another file has this name in the build, and the file system ignores case"
        if folded in self._folders:
            return "other files are in a folder with this name"
        for folder in list_folders(folded):
            if folder in self._taken:
                return f"{folder!r} is a file"
        try:
            longest = max(len(segment.encode()) for segment in path.split("/"))
        except UnicodeEncodeError:
            return "it is not UTF-8"
        return None if longest <= self._longest else f"the file system takes names of at most {self._longest} bytes"


def list_folders(path: str) -> Iterator[str]:
    """Yield the folders that a path is in, the deepest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _find_longest(out: Path) -> int:
    with suppress(AttributeError, OSError, ValueError):  # not on Windows, nor on every file system
        return os.pathconf(out, "PC_NAME_MAX") or MAX_SEGMENT
    return MAX_SEGMENT
