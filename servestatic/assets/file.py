"""The value that a source yields: one file of the tree, not yet read."""

from collections.abc import Callable
from typing import BinaryIO, NamedTuple, TypeAlias

from servestatic.assets.names import find_flaw
from servestatic.http.message import Stamp

# A path, the bytes themselves, or a callable that opens a stream of them (files of zip packages, of storages).
Content: TypeAlias = str | bytes | Callable[[], BinaryIO]


class File(NamedTuple):
    """One file of a source.

    Attributes:
        name: logical path: relative to the mount, `/`-separated, NFC; see `logical`.
        content: where the bytes are.
        stamp: of the file at a path; None for other content.
        origin: the source, as reports name it.
        mount: URL path that the name is relative to, with both slashes; None for the prefix of the collection.
    """

    name: str
    content: Content
    stamp: Stamp | None
    origin: str
    mount: str | None = None

    @property
    def place(self) -> str:
        """Where the file is, for reports."""
        return self.content if isinstance(self.content, str) else f"{self.name} in {self.origin}"


class Skipped(NamedTuple):
    """Something in a source that was left out, and why; `whole` if it is the source itself."""

    place: str
    reason: str
    whole: bool = False


def find_fault(file: File) -> str | None:
    """Return why a file cannot be taken into the tree: its name, mount or path; None if it can."""
    mount = file.mount
    if file.stamp is None and isinstance(file.content, str) and "\0" in file.content:
        return f"its path {file.content!r} has a NUL"
    if mount is None or mount == "/":
        return find_flaw(file.name)
    if mount[:1] != "/" or mount[-1:] != "/" or find_flaw(mount[1:-1]):
        return f"the mount {mount!r} is not a URL path with a slash at both ends, such as '/docs/'"
    return find_flaw(file.name)
