"""The files of an index as Django's storages have them: what a plain or fingerprinted name serves, without STATIC_ROOT.

Names that another system has written may have backslashes; a file whose own name has them comes first.
"""

import errno
import io
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.files.base import ContentFile, File

from servestatic.assets.names import logical
from servestatic.disk.read import stamp_of
from servestatic.errors import UnknownAsset
from servestatic.http.message import Memory, Slice
from servestatic.releases.lookup import Found
from servestatic.releases.rows import Mount
from servestatic.serving.deliver import answer
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources


def public_name(index: Index, name: str) -> str:
    """Return the name that pages use of a file.

    Raises:
        UnknownAsset: no source has it.
    """
    return _try_both(index.path, name)


def mount_of(index: Index, name: str) -> str:
    """Return the URL path that the name of a file is relative to.

    Raises:
        UnknownAsset: no source has it.
    """
    others = index.catalog.has_others
    return _try_both(lambda written: index.catalog.locate(written).mount.prefix, name) if others else index.prefix


def _try_both(find: Callable[[str], str], name: str) -> str:
    try:
        return find(name)
    except UnknownAsset:
        if "\\" not in name:
            raise
        return find(name.replace("\\", "/"))


class Named(NamedTuple):
    """A file of an index by one of its names.

    Attributes:
        url: its URL path, percent-decoded.
    """

    resources: Resources
    url: str
    found: Found

    @property
    def name(self) -> str:
        """The name, relative to its mount."""
        return self.url.removeprefix(self.found.mount.prefix)


def find(index: Index, name: str) -> Named | None:
    """Return the file that has a plain or fingerprinted name; None if the index has no such file."""
    name = index.catalog.bundles().aliases.get(name, name)
    for written in dict.fromkeys((name, name.replace("\\", "/"))):
        for mount in index.catalog.mounts:
            url = logical(mount.prefix + written)
            found = index.catalog.find(url)
            if isinstance(found, Found) and _is_name(found, mount, url):
                return Named(index.resources, url, found)
    return None


def _is_name(found: Found, mount: Mount, url: str) -> bool:
    """Return whether a URL is a name of its mount: one within it has its own, and so do pages and index files."""
    return found.mount.prefix == mount.prefix and (found.fingerprinted or found.key == url)


def locate(named: Named) -> str:
    """Return the path of a file with the bytes of a name: the source, or a copy of what was made of it.

    The path of a page is that of its source, in which the references are as they were written.

    Raises:
        FileNotFoundError: the bytes are unavailable.
        NotImplementedError: the source is not a file, as Django documents `Storage.path`.
    """
    found = named.found
    _, source, served = named.resources.consider(found)
    if not isinstance(source, Slice):
        raise NotImplementedError(f"{found.name!r} comes from a storage without paths. Read it with open().")
    if not found.fingerprinted or (served and served.body == source and _is_current(source)):
        return source.path
    from servestatic.django.copies import copies  # few programs take paths

    with open_file(named) as file:
        return copies.keep(named.name, file.read(), source.stamp.mtime_ns)


def _is_current(source: Slice) -> bool:
    try:
        return stamp_of(os.stat(source.path)) == source.stamp
    except OSError:
        return False


def open_file(named: Named, *, text: bool = False) -> "File[Any]":
    """Open what a GET of a name receives, without coding.

    Raises:
        FileNotFoundError: a fingerprinted name whose bytes are gone, or a file that was removed.
    """
    resources, name = named.resources, named.name
    offer = resources.get(named.url)
    response, opened = answer(resources, offer, ("GET", {}, "")) if offer else (None, None)
    if response is None or response.status != 200:
        raise missing(name, "The bytes of this name are no longer available. Collect again")
    if opened is None:
        data = response.body.data if isinstance(response.body, Memory) else b""
        return ContentFile(data.decode() if text else data, name=name)
    buffered = io.BufferedReader(opened)
    return File(io.TextIOWrapper(buffered, encoding="utf-8") if text else buffered, name=name)


def missing(name: str, sentence: str) -> FileNotFoundError:
    """Return the error of a name that has no file."""
    return FileNotFoundError(errno.ENOENT, sentence, name)


def list_folder(index: Index, folder: str) -> tuple[list[str], list[str]] | None:
    """Return the folders and files in a folder, by their plain names; None if no file is below it."""
    start = folder.replace("\\", "/").strip("/")
    below = f"{start}/" if start not in ("", ".") else ""
    names = [name[len(below) :] for name in index if name.startswith(below)]
    folders = dict.fromkeys(name.partition("/")[0] for name in names if "/" in name)
    return ([*folders], [name for name in names if "/" not in name]) if names or not below else None
