"""The store's directory: where it is, and that it belongs to this user."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from servestatic.disk.system import HAS_OWNERS
from servestatic.errors import StoreError

# When the format of the files in a folder changes, the folder gets a new name, so that two versions share no file.
OBJECTS, NOTES, PLACES, LOCKS, USES = FOLDERS = ("objects", "notes", "places", "locks", "uses")


def usual_place() -> Path:
    """Return the default directory: in the user's cache directory, else in the directory for temporary files."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    existing = cache
    while not os.path.lexists(existing) and existing != os.path.dirname(existing):
        existing = os.path.dirname(existing)
    if os.path.isabs(cache) and os.path.isdir(existing) and os.access(existing, os.W_OK | os.X_OK):
        return Path(cache) / "servestatic"
    return Path(tempfile.gettempdir()) / (f"servestatic-{os.getuid()}" if HAS_OWNERS else "servestatic")


def prepare(place: Path, *more: str) -> None:
    """Create the store's folders and `more` paths, or check that an existing store is one that we would have created.

    Raises:
        StoreError: the directory cannot be created, is a link, or others may write it.
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
    """Check that a directory is one that we would have created.

    Raises:
        StoreError: it is a link, or others may write it.
        OSError: it does not exist.
    """
    status = os.lstat(place)
    if not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{place} is not a directory")
    if HAS_OWNERS and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        raise StoreError(f"{place} belongs to another user, or others may write it")


def is_ours(status: os.stat_result) -> bool:
    """Return whether a file is a regular one of this user: one in a directory that replaced ours may not be."""
    return stat.S_ISREG(status.st_mode) and (not HAS_OWNERS or status.st_uid == os.getuid())
