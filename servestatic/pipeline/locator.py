"""Where files are: in the form of rows, and how far the links to them may lead."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.disk.trust import Within
from servestatic.http.message import Memory
from servestatic.releases.rows import ELSEWHERE, Details, Root, Row
from servestatic.sources.directory import Directory

if TYPE_CHECKING:
    from servestatic.assets.asset import Asset


class Locator:
    """Locates files of sources in the form of rows, as the number of a root or apart, and limits where links lead."""

    def __init__(self, sources: Iterable[Iterable[File | Skipped]], policy: Policy) -> None:
        self._policy = policy
        directories = [source for source in sources if isinstance(source, Directory)]
        self.roots = tuple(Root(directory.root, directory.prefix) for directory in directories)
        self._free = tuple(directory.root for directory in directories if directory.within is None)
        within = {path for source in directories for path in (source.root.rstrip("/"), *(source.within or ()))}
        self._within = tuple(sorted(within))
        self._numbers = {(str(directory), directory.at): number for number, directory in enumerate(directories)}

    def within(self, path: str) -> Within:
        """Return where links may lead when the file at a path is read."""
        return None if path.startswith(self._free) else self._within

    def make_row(self, asset: "Asset", details: Details) -> Row:
        """Make the row of an asset; the details get the path of the file if it is below no root."""
        file = asset.file
        number = self._numbers.get((file.origin, file.mount), ELSEWHERE)
        if number == ELSEWHERE or self.roots[number].path_of(file.name) != file.content:
            number = ELSEWHERE
            details.apart[file.name] = file.content if isinstance(file.content, str) else Memory(asset.data or b"")
        named = self._policy.fingerprints and not self._policy.keeps_name(file.name)
        return Row(asset.digest, asset.fingerprint, asset.stamp, number, asset.utf8, named)
