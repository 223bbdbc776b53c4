"""Where the store is, and whom it belongs to."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from servestatic.errors import StoreError

# Another format of the files in a folder gets the folder another name: two versions then do not see each other's.
OBJECTS, COLLECTIONS, LOCKS, USES = FOLDERS = ("objects", "collections", "locks", "uses")
_HAS_OWNERS = hasattr(os, "getuid")  # Windows keeps a user's folders apart by other means


def usual_place() -> Path:
    """Return where the store is by default: in the user's cache directory, else in the directory of temporary files."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    existing = cache
    while not os.path.lexists(existing) and existing != os.path.dirname(existing):
        existing = os.path.dirname(existing)
    if os.path.isabs(cache) and os.path.isdir(existing) and os.access(existing, os.W_OK | os.X_OK):
        return Path(cache) / "servestatic"
    return Path(tempfile.gettempdir()) / (f"servestatic-{os.getuid()}" if _HAS_OWNERS else "servestatic")


def prepare(place: Path, *more: str) -> None:
    """Make the store's folders and more of them, or make sure that the store is what we would have made.

    Raises:
        StoreError: the directory cannot be made, is a link, or others may write it.
    """
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        check(place)
        for folder in (*(os.path.join(place, name) for name in FOLDERS), *more):
            with suppress(FileExistsError):
                os.mkdir(folder, 0o700)
    except OSError as error:
        raise StoreError(f"{place}: {error.strerror}") from error


def check(place: Path) -> None:
    """Make sure that a directory is what we would have made.

    Raises:
        StoreError: it is a link, or others may write it.
        OSError: it is not there.
    """
    status = os.lstat(place)
    if not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{place} is no directory")
    if _HAS_OWNERS and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        raise StoreError(f"{place} belongs to somebody else, or others may write it")


def is_ours(status: os.stat_result) -> bool:
    """Tell whether a file is a plain one of this user: what lies in a directory that took our place is not."""
    return stat.S_ISREG(status.st_mode) and (not _HAS_OWNERS or status.st_uid == os.getuid())
