"""What systems differ in: the only module that knows which one this is.

Linux has all of it. macOS has no O_PATH and no RWF_NOWAIT, and its file systems usually ignore the case of names.
Windows opens no file below an open folder (openat), does not lock as flock(2) does, keeps open files from being removed
or replaced, lists folders without inodes, writes paths with backslashes and in any case, and has no owners in the sense
of POSIX. What a system lacks is looked for by name, so that a test can take it away.
"""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

IS_WINDOWS = os.name == "nt"
REPLACES_OPEN = not IS_WINDOWS  # what is open can be removed and replaced, and goes on being read
HAS_OWNERS = hasattr(os, "getuid")  # Windows keeps a user's folders apart by other means
NO_WAIT: int = getattr(os, "RWF_NOWAIT", 0)  # Linux

# A pipe or device that has replaced a file must not block us; a child process must not inherit the descriptor.
CLOSED: int = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
FLAGS: int = getattr(os, "O_NONBLOCK", 0) | CLOSED
NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
FOLDER: int = getattr(os, "O_DIRECTORY", 0) | FLAGS
PASSED: int = getattr(os, "O_PATH", os.O_RDONLY) | NO_LINK | FOLDER  # O_PATH: a folder may be passed but not listed
# Whether folders can be opened one in another, so that no link is followed that takes a place meanwhile.
HAS_STEPS = bool(NO_LINK) and {os.open, os.stat} <= os.supports_dir_fd and os.scandir in os.supports_fd


_seeking = threading.Lock()


def _seek_and_read(descriptor: int, count: int, offset: int) -> bytes:
    with _seeking:  # threads share the descriptor's position
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)


# Reads bytes of a descriptor from a position, as pread(2) does.
read_at: Callable[[int, int, int], bytes] = getattr(os, "pread", _seek_and_read)


def hold(descriptor: int) -> bool | None:
    """Hold a file until it is closed, and return whether no other process does; None if files cannot be locked."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def stat_entry(entry: "os.DirEntry[str]", path: str) -> os.stat_result:
    """Return the status of an entry at a path, links not followed; a listing on Windows has no inodes."""
    return os.lstat(path) if IS_WINDOWS else entry.stat(follow_symlinks=False)


def spell(path: str) -> str:
    """Return a path as it can be compared with others, of the same length: Windows has two separators and no case."""
    return path.replace("\\", "/").lower() if IS_WINDOWS else path


def ignores_case(folder: Path) -> bool:
    """Return whether a folder, or the nearest one that exists, takes names that differ in case for one."""
    existing = next((each for each in (folder.absolute(), *folder.absolute().parents) if each.exists()), folder)
    for each in (existing, *existing.parents):
        other = each.with_name(each.name.swapcase()) if each.name.swapcase() != each.name else None
        if other is not None:
            return other.exists() and os.path.samefile(each, other)
    return sys.platform in ("win32", "darwin")
