"""The staticfiles storage: its URLs are those of the index, without a manifest on disk."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from django.apps import apps
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.template import Node
from django.urls import get_script_prefix

from servestatic.assets.names import encode, path_of
from servestatic.django.build import StoredFile, write_build
from servestatic.django.holder import configure, holder, static_url
from servestatic.frameworks.names import Names
from servestatic.serving.index import Index

_MAX_DEPTH = 40  # calls; from a tag to the storage they are 4, through a form's media about 12


class ServeStaticStorage(StaticFilesStorage):
    """Set STORAGES["staticfiles"]["BACKEND"] to "servestatic.django.ServeStaticStorage"."""

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

    def url(self, name: str | None) -> str:
        """Return the URL of a file: fingerprinted, below STATIC_URL, with query and fragment.

        A name that no source has gets its plain URL, and is logged once.

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
                strict=configure().strict,
                find=lambda path: self._write_url(index.path(path)),
                plain=self._write_plain_url,
                describe_origin=describe_tag,
            )
            self._index = index
        return self._names

    def _write_url(self, path: str) -> str:
        """Return the URL of a path in the spelling of all others; Django's storages write `@` as `%40`."""
        return urljoin(self.base_url, f"./{encode(path)}")

    def _write_plain_url(self, name: str) -> str:
        """Return the URL of a name that no source has; as in Django's storages, a backslash is a slash."""
        return self._write_url(name.replace("\\", "/").lstrip("/"))

    def post_process(
        self, paths: Mapping[str, StoredFile], dry_run: bool = False, **_: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Write a sealed build of the collected files into STATIC_ROOT."""
        if not dry_run:
            yield from write_build(self, paths)


def describe_tag() -> str:
    """Return ` (Asked for in home.html, line 3.)` for the innermost template tag that is being rendered, or nothing."""
    frame = inspect.currentframe()
    for _ in range(_MAX_DEPTH):
        if frame is None:
            break
        node = frame.f_locals.get("self")
        if isinstance(node, Node):
            token, origin = getattr(node, "token", None), getattr(node, "origin", None)  # set by the parser alone
            if token and origin and origin.template_name:
                return f" (Asked for in {origin}, line {token.lineno}.)"
            return ""
        frame = frame.f_back
    return ""
