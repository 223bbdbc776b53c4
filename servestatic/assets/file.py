"""The value that a source yields: a file that has not been read yet."""

from collections.abc import Callable
from typing import BinaryIO, NamedTuple, TypeAlias

from servestatic.assets.names import find_flaw
from servestatic.http.message import Stamp

# A path, the bytes themselves, or a callable that opens a stream of them (for files in zip packages and storages).
FileContent: TypeAlias = str | bytes | Callable[[], BinaryIO]


class File(NamedTuple):
    """A file of a source.

    Attributes:
        name: logical path: relative to the mount, `/`-separated, NFC; see `logical`.
        content: where the bytes are.
        stamp: of the file, if the content is a path; otherwise None.
        origin: the source, as reports name it.
        mount: URL path that the name is relative to, with both slashes; None for the prefix of the collection.
    """

    name: str
    content: FileContent
    stamp: Stamp | None
    origin: str
    mount: str | None = None

    @property
    def location(self) -> str:
        """The file's path, or its name and source, for reports."""
        return self.content if isinstance(self.content, str) else f"{self.name} in {self.origin}"


class Skipped(NamedTuple):
    """Something that a source left out, and why; `whole` if it is the source itself."""

    location: str
    reason: str
    whole: bool = False


def find_fault(file: File) -> str | None:
    """Return what is wrong with the name, mount or path of a file, so that the tree cannot have it, or None."""
    mount = file.mount
    if file.stamp is None and isinstance(file.content, str) and "\0" in file.content:
        return f"its path {file.content!r} has a NUL"
    if mount is None or mount == "/":
        return find_flaw(file.name)
    if mount[:1] != "/" or mount[-1:] != "/" or find_flaw(mount[1:-1]):
        return f"the mount {mount!r} is not a URL path with a slash at both ends, such as '/docs/'"
    return find_flaw(file.name)
