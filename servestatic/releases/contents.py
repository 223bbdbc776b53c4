"""What a build writes: equal bytes are read once, and written under all their paths."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from servestatic.disk.read import WHOLE, read_slice
from servestatic.errors import BuildError
from servestatic.http.message import Blob, Memory, Slice
from servestatic.releases.build_files import read_parts


class Content(NamedTuple):
    """Bytes to write at some paths below OUT, with their length and SHA-256."""

    body: Memory | Slice
    length: int
    digest: bytes
    paths: list[str]

    def read(self) -> Iterator[bytes]:
        """Yield the bytes, in parts if they are too large for memory.

        Raises:
            BuildError: they have changed.
        """
        digest = hashlib.sha256()
        for part in self._parts():
            digest.update(part)
            yield part
        if digest.digest() != self.digest:
            raise BuildError(f"the source of {self.paths[0]} changed while the build was written. Write it again.")

    def _parts(self) -> Iterable[bytes]:
        if isinstance(self.body, Memory):
            return (self.body.data,)
        data = read_slice(self.body) if self.length <= WHOLE else None
        # An object of the store may have been written again, with the same bytes and another stamp.
        return (data,) if data is not None else read_parts(self.body)


def group(pairs: Iterable[tuple[Blob, str]]) -> list[Content]:
    """Group the paths of equal bytes, which are read and encoded once; the longest come first."""
    contents: dict[bytes, Content] = {}
    for (body, length, digest), path in sorted(pairs, key=lambda pair: -pair[0].length):
        contents.setdefault(digest, Content(body, length, digest, [])).paths.append(path)
    return list(contents.values())
