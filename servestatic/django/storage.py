"""The staticfiles storage whose URLs are those of the index, without any manifest on disk."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urljoin

from django.apps import apps
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix
from django.utils.encoding import filepath_to_uri

from servestatic.django.collected import Collected, write_collected
from servestatic.django.holder import configure, holder, static_url
from servestatic.django.places import find_place
from servestatic.errors import UnknownAsset
from servestatic.serving.index import Index

_MOST_UNKNOWN = 1000  # names that are remembered as unknown
_log = logging.getLogger("servestatic.django")
_NAME = re.compile(r"[^?#]*")


class ServeStaticStorage(StaticFilesStorage):
    """Set STORAGES["staticfiles"]["BACKEND"] to "servestatic.django.ServeStaticStorage"."""

    def __init__(self, location: Any = None, base_url: str | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(location, base_url, *args, **kwargs)
        self._follows_script_name = base_url is None and not static_url().startswith(("/", "http://", "https://"))
        self._index: Index | None = None
        self._unknown: set[str] = set()  # names that this index does not have, as far as somebody asked

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
        path = cast("re.Match[str]", _NAME.match(written))[0]
        rest = written[len(path) :]
        if not apps.ready or not path or path.endswith("/"):
            return super().url(path) + rest
        index = holder.index()
        if self._is_still_unknown(index, path):
            return super().url(path) + rest
        try:
            return self._write_url(index.path(path)) + rest
        except UnknownAsset as error:
            return self._url_of_whole(index, path, rest, error)

    def _write_url(self, path: str) -> str:
        """Write the URL of a file. Django's own storages write a slash for a backslash: that is another file."""
        if "\\" not in path:
            return super().url(path)
        return urljoin(self.base_url, "%5C".join(map(filepath_to_uri, path.split("\\"))))

    def _url_of_whole(self, index: Index, path: str, rest: str, error: UnknownAsset) -> str:
        """Look for a file whose name has a ? or # in it; without one, say what is missing."""
        if rest:
            try:
                return self._write_url(index.path(path + rest))
            except UnknownAsset:
                pass  # the name before the ? or # is what was meant
        if configure().strict:
            raise error
        if path not in self._unknown and len(self._unknown) < _MOST_UNKNOWN:
            self._unknown.add(path)
            _log.warning("%s Its URL has no fingerprint.%s", error, find_place())
        return super().url(path) + rest

    def _is_still_unknown(self, index: Index, path: str) -> bool:
        """Tell what a look for the nearest name would tell again, but slowly; while developing, files come and go."""
        if index is not self._index:
            self._index, self._unknown = index, set()
        return path in self._unknown and index.get(index.prefix + path) is None and path not in index

    def post_process(
        self, paths: Mapping[str, Collected], dry_run: bool = False, **_: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Write a sealed build of what collectstatic has collected, over STATIC_ROOT."""
        if not dry_run:
            yield from write_collected(self, paths)
