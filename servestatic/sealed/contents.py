"""What a build writes: bytes, each once, under all of their paths."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from servestatic.assets.rows import Rewritten
from servestatic.disk import read_slice
from servestatic.errors import BuildError
from servestatic.http.message import Memory, Slice


class Content(NamedTuple):
    """Bytes to write under some paths below OUT, with their length and SHA-256."""

    body: Memory | Slice
    length: int
    digest: bytes
    paths: list[str]

    def read(self) -> bytes:
        """Return the bytes.

        Raises:
            BuildError: they are others by now.
        """
        data = self.body.data if isinstance(self.body, Memory) else read_slice(self.body)
        if data is None or hashlib.sha256(data).digest() != self.digest:
            raise BuildError(f"the source of {self.paths[0]} changed while the build was written. Write it again.")
        return data


def group(pairs: Iterable[tuple[Rewritten, str]]) -> list[Content]:
    """Bring together the paths of equal bytes: they are read and encoded once; the longest come first."""
    contents: dict[bytes, Content] = {}
    for (body, length, digest), path in sorted(pairs, key=lambda pair: -pair[0].length):
        contents.setdefault(digest, Content(body, length, digest, [])).paths.append(path)
    return list(contents.values())
