"""The staticfiles storage whose URLs are those of the index, without any manifest on disk."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from django.apps import apps
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix
from django.utils.encoding import filepath_to_uri

from servestatic.assets.names import path_of
from servestatic.django.collected import Collected, write_collected
from servestatic.django.holder import configure, holder, static_url
from servestatic.django.places import find_place
from servestatic.frameworks.names import Names
from servestatic.serving.index import Index


class ServeStaticStorage(StaticFilesStorage):
    """Set STORAGES["staticfiles"]["BACKEND"] to "servestatic.django.ServeStaticStorage"."""

    def __init__(self, location: Any = None, base_url: str | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(location, base_url, *args, **kwargs)
        self._follows_script_name = base_url is None and not static_url().startswith(("/", "http://", "https://"))
        self._index: Index | None = None

    @property
    def base_url(self) -> str:
        """STATIC_URL; a relative one is below the script's name of this request, not of the first."""
        if self._follows_script_name:
            return f"{get_script_prefix()}{static_url().rstrip('/')}/"
        return super().base_url

    def url(self, name: str | None) -> str:
        """Return the URL of a file: fingerprinted, under STATIC_URL; query and fragment are kept.

        A name that no source has gives its plain URL and one warning.

        Raises:
            UnknownAsset: only with SERVESTATIC_STRICT.
        """
        written = str(name or "")
        path = path_of(written)
        if not apps.ready or not path or path.endswith("/"):
            return super().url(path) + written[len(path) :]
        return self._names_of(holder.index()).url(written)

    def _names_of(self, index: Index) -> Names:
        """Return the names of the present index: a test that overrides STATICFILES_DIRS has its own."""
        if index is not self._index:
            self._index, self._names = (
                index,
                Names(
                    index,
                    strict=configure().strict,
                    find=lambda path: self._write_url(index.path(path)),
                    plain=super().url,
                    place=find_place,
                ),
            )
        return self._names

    def _write_url(self, path: str) -> str:
        """Write the URL of a file. Django's own storages write a slash for a backslash: that is another file."""
        if "\\" not in path:
            return super().url(path)
        return urljoin(self.base_url, "%5C".join(map(filepath_to_uri, path.split("\\"))))

    def post_process(
        self, paths: Mapping[str, Collected], dry_run: bool = False, **_: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Write a sealed build of what collectstatic has collected, over STATIC_ROOT."""
        if not dry_run:
            yield from write_collected(self, paths)
