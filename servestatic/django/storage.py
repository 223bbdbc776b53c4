"""The staticfiles storage whose URLs are those of the index, without any manifest on disk."""

import logging
import re
from typing import cast

from django.apps import apps
from django.contrib.staticfiles.storage import StaticFilesStorage

from servestatic.django.holder import configure, holder
from servestatic.errors import UnknownAsset

_log = logging.getLogger("servestatic.django")
_NAME = re.compile(r"[^?#]*")


class ServeStaticStorage(StaticFilesStorage):
    """Set STORAGES["staticfiles"]["BACKEND"] to "servestatic.django.ServeStaticStorage"."""

    def url(self, name: str | None) -> str:
        """Return the URL of a file: fingerprinted, under STATIC_URL; query and fragment are kept.

        A name that no source has gives its plain URL and one warning.

        Raises:
            UnknownAsset: only with SERVESTATIC_STRICT.
        """
        name = name or ""
        path = cast("re.Match[str]", _NAME.match(name))[0]
        if apps.ready and path and not path.endswith("/"):
            try:
                return super().url(holder.index().path(path)) + name[len(path) :]
            except UnknownAsset as error:
                if configure().strict:
                    raise
                self._warn(path, error)
        return super().url(path) + name[len(path) :]

    def _warn(self, path: str, error: UnknownAsset) -> None:
        warned: set[str] = self.__dict__.setdefault("_warned", set())
        if path not in warned and len(warned) < 1000:
            warned.add(path)
            _log.warning("%s Its URL has no fingerprint.", error)
