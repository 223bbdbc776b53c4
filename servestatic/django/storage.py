"""The staticfiles storage: its URLs and files are those of the index, without a manifest or copies on disk."""

import inspect
import os
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from django.apps import apps
from django.contrib.staticfiles.storage import ManifestFilesMixin, StaticFilesStorage
from django.core.files.base import File
from django.template import Node
from django.urls import get_script_prefix

from servestatic.assets.names import encode, path_of
from servestatic.django import contents
from servestatic.django.holder import configure, holder, static_url
from servestatic.django.static_root import is_static_root_alone, static_root_alone
from servestatic.frameworks.names import Names
from servestatic.releases.document import manifest_hash
from servestatic.serving.index import Index

if TYPE_CHECKING:
    from servestatic.django.build import StoredFile

_MAX_DEPTH = 40  # calls; from a tag to the storage they are 4, through a form's media about 12


class ServeStaticStorage(StaticFilesStorage, ManifestFilesMixin):
    """Set STORAGES["staticfiles"]["BACKEND"] to "servestatic.django.ServeStaticStorage".

    It reads from the index, then from STATIC_ROOT, and writes to STATIC_ROOT. The mixin tells other packages that names
    are fingerprinted (Wagtail, django-sri). It comes last, so that only its methods for names are used, and not its
    manifest and steps.
    """

    def __init__(self, location: Any = None, base_url: str | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(location, base_url, *args, **kwargs)
        self._follows_script_name = base_url is None and not static_url().startswith(("/", "http://", "https://"))
        self._index: Index | None = None

    @property
    def base_url(self) -> str:
        """STATIC_URL; a relative one is below the script name of the current request, not of the first."""
        if self._follows_script_name:
            return f"{get_script_prefix()}{static_url().rstrip('/')}/"
        return super().base_url

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the URL of a file: fingerprinted, below STATIC_URL, with query and fragment.

        An unknown name gets its plain URL, and is logged once. `force` is that of Django's manifest storage,
        and changes nothing: SERVESTATIC_FINGERPRINTS decides.

        Raises:
            UnknownAsset: only with SERVESTATIC_STRICT.
        """
        written = str(name or "")
        path = path_of(written)
        if not apps.ready or not path or path.endswith("/"):
            return self._write_plain_url(path) + written[len(path) :]
        return self._names_of(holder.index()).url(written)

    def _names_of(self, index: Index) -> Names:
        """Return the names of the current index: a test that overrides STATICFILES_DIRS has its own."""
        if index is not self._index:
            self._names = Names(
                index,
                strict=self.manifest_strict,
                find=partial(self._write_public_url, index),
                plain=self._write_plain_url,
                describe_origin=describe_tag,
            )
            self._index = index
        return self._names

    def _write_url(self, path: str) -> str:
        """Return the URL of a path in the spelling of all others; Django's storages write `@` as `%40`."""
        return urljoin(self.base_url, f"./{encode(path)}")

    def _write_public_url(self, index: Index, name: str) -> str:
        """Return the URL of a file: below STATIC_URL, or, for one at the root of the site, below the script's name."""
        public, mount = contents.public_name(index, name), contents.mount_of(index, name)
        if mount == index.prefix:
            return self._write_url(public)
        return get_script_prefix() + encode(mount[1:] + public)

    def _write_plain_url(self, name: str) -> str:
        """Return the URL of a name that no source has; as in Django's storages, a backslash is a slash."""
        return self._write_url(name.replace("\\", "/").lstrip("/"))

    def integrity(self, name: str) -> str:
        """Return the SRI metadata (`sha384-…`) of the bytes that the URL of a name serves, for a security policy.

        Raises:
            UnknownAsset: no source has the file, or its bytes are unavailable.
        """
        return holder.index().integrity(name)

    # ------------------------------------------------------------------------------------- as a manifest has them

    @property
    def manifest_strict(self) -> bool:  # type: ignore[override] # Django's is an attribute of the class
        """Whether an unknown name is an error, which SERVESTATIC_STRICT decides."""
        return configure().strict

    @property
    def hashed_files(self) -> dict[str, str]:  # type: ignore[override] # read only
        """The names that pages use, by the plain names of all files below STATIC_URL; made at each access."""
        index = holder.index()
        return {name: index.path(name) for name in index.catalog.own}

    @property
    def manifest_hash(self) -> str:  # type: ignore[override] # read only
        """12 hex digits that change when any of `hashed_files` changes."""
        return manifest_hash(self.hashed_files)

    def stored_name(self, name: str) -> str:
        """Return the name of a file that pages use, with query and fragment.

        Raises:
            UnknownAsset: no source has it.
        """
        index = holder.index()
        return Names(index, strict=True, find=partial(contents.public_name, index)).url(name)

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """Return the name of a file that pages use, or would use if it had this content and no references.

        Raises:
            UnknownAsset: no source has it.
        """
        return self.stored_name(name) if content is None else str(super().hashed_name(name, content, filename))

    def file_hash(self, name: str, content: Any = None) -> str:
        """Return the fingerprint of a content without references; nothing without a content."""
        from servestatic.assets.fingerprint import fingerprint_leaf  # a sealed build has its fingerprints

        return "" if content is None else fingerprint_leaf(sha256(b"".join(content.chunks())).digest())

    # ------------------------------------------------------------------------------------------------- reading

    def _index_to_read(self) -> Index | None:
        return holder.index() if apps.ready and not is_static_root_alone() else None

    def _find(self, name: str | os.PathLike[str]) -> contents.Named | None:
        """Find the file of the index that a name is; None if it has none, or STATIC_ROOT is meant."""
        index = self._index_to_read()
        return contents.find(index, str(name)) if index else None

    def path(self, name: str | os.PathLike[str]) -> str:
        """Return the path of a file with the bytes that a name serves; if there is none, of one in STATIC_ROOT.

        Raises:
            FileNotFoundError: there is none, and STATIC_ROOT is not set.
            NotImplementedError: its source is not a file.
        """
        if found := self._find(name):
            return contents.locate(found)
        if not self.location and self._index_to_read():
            raise contents.missing(str(name), "No source has this file, and STATIC_ROOT is not set")
        return str(super().path(str(name)))

    def exists(self, name: str) -> bool:
        """Return whether the index or STATIC_ROOT has a file or folder."""
        index = self._index_to_read()
        if index and (contents.find(index, str(name)) or contents.list_folder(index, str(name))):
            return True
        return bool(self.location or not index) and bool(super().exists(name))

    def size(self, name: str) -> int:
        """Return the number of bytes of what a name serves."""
        with self.open(name) as file:
            return int(file.size)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return the folders and files in a folder, by their plain names."""
        index = self._index_to_read()
        listed = contents.list_folder(index, str(path)) if index else None
        return listed or super().listdir(path)

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        in_static_root: Any = super()
        if set(mode) & set("wax+"):
            with static_root_alone():
                return cast("File[Any]", in_static_root._open(name, mode))
        found = self._find(name)
        opened = contents.open_file(found, text="b" not in mode) if found else in_static_root._open(name, mode)
        return cast("File[Any]", opened)

    # ------------------------------------------------------------------------------------------------- writing

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        """Save a file in STATIC_ROOT."""
        with static_root_alone():
            return super().save(name, content, max_length)

    def delete(self, name: str) -> None:
        """Delete a file of STATIC_ROOT; sources are left alone."""
        with static_root_alone():
            super().delete(name)

    def post_process(
        self, paths: Mapping[str, "StoredFile"], dry_run: bool = False, **_: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Write a sealed build of the collected files into STATIC_ROOT."""
        from servestatic.django.build import write_build

        if not dry_run:
            yield from write_build(self, paths)


def describe_tag() -> str:
    """Return ` (Used in home.html, line 3.)` for the innermost template tag that is being rendered, or nothing."""
    frame = inspect.currentframe()
    for _ in range(_MAX_DEPTH):
        if frame is None:
            break
        node = frame.f_locals.get("self")
        if isinstance(node, Node):
            token, origin = getattr(node, "token", None), getattr(node, "origin", None)  # set by the parser alone
            if token and origin and origin.template_name:
                return f" (Used in {origin}, line {token.lineno}.)"
            return ""
        frame = frame.f_back
    return ""
