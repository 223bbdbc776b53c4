"""What the modules of the frameworks share: settings beside the framework's own, and the names that templates write."""

import logging
import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from servestatic.errors import SettingError, UnknownAsset
from servestatic.serving.index import Index
from servestatic.settings.model import Origin, Settings, resolve, usual_origins

MOST_UNKNOWN = 1000  # names that are remembered as unknown

_NAME = re.compile(r"[^?#]*")
_log = logging.getLogger("servestatic")


class Names:
    """Names of files as templates write them: a name that no source has is its plain URL, and one warning."""

    def __init__(self, index: Index, *, strict: bool = False) -> None:
        self._index = index
        self._strict = strict
        self._unknown: set[str] = set()

    def url(self, written: str) -> str:
        """Return the URL path of a file, percent-encoded: fingerprinted, below its mount; query and fragment are kept.

        Raises:
            UnknownAsset: only if `strict`.
        """
        name = cast("re.Match[str]", _NAME.match(written))[0]
        # To look for the nearest name takes a while; what was unknown stays so, but in development.
        if name in self._unknown and not self._index.policy.revalidate:
            return self._plain(name) + written[len(name) :]
        try:
            return self._index.url(name) + written[len(name) :]
        except UnknownAsset as error:
            return self._url_of_whole(written, error)

    def _url_of_whole(self, written: str, error: UnknownAsset) -> str:
        """Look for a file whose name has a ? or # in it."""
        name = cast("re.Match[str]", _NAME.match(written))[0]
        if name != written:
            try:
                return self._index.url(written)
            except UnknownAsset:
                pass  # the name before the ? or # is what was meant
        if self._strict:
            raise error
        if name not in self._unknown and len(self._unknown) < MOST_UNKNOWN:
            self._unknown.add(name)
            _log.warning("%s Its URL has no fingerprint.", error)
        return self._plain(name) + written[len(name) :]

    def _plain(self, name: str) -> str:
        return quote(self._index.prefix + name.lstrip("/"))


def configure(
    given: Mapping[str, object], *others: Origin, debug: bool = False, prefix: str = "", because: str = ""
) -> Settings:
    """Resolve settings; `live` is on by default where the framework is debugging.

    Args:
        given: keyword arguments.
        others: the framework's own settings, which come after the environment.
        debug: the framework's flag.
        prefix: where the framework has decided it.
        because: what has decided it, for the message.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or is a prefix that is not the framework's.
    """
    passed, environment, pyproject = usual_origins(given)
    defaults = {"live": debug} | ({"prefix": prefix} if prefix else {})
    settings, places = resolve(passed, environment, *others, pyproject, defaults=defaults)
    if prefix and settings.prefix.strip("/") != prefix.strip("/"):
        raise SettingError(
            f"prefix in {places['prefix']} is {settings.prefix!r}, but {because} makes it {prefix!r}."
            " Remove the setting."
        )
    return settings
