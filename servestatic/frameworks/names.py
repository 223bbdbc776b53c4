"""URLs of files by the names in templates: an unknown name gets its plain URL, and is logged once."""

from collections.abc import Callable

from servestatic.assets.names import encode, path_of
from servestatic.errors import UnknownAsset
from servestatic.runtime.log import get_log
from servestatic.serving.index import Index

MAX_UNKNOWN = 1000  # names that are remembered as unknown

_log = get_log()


class Names:
    """The URLs of the files of one index.

    Args:
        index: the files.
        strict: whether an unknown name is an error.
        find: returns the URL of a logical path, and raises UnknownAsset for an unknown one; `index.url` by default.
        plain: returns the URL of any name without a fingerprint; below the prefix by default.
        describe_origin: returns where the name is written, for the warning.
    """

    def __init__(
        self,
        index: Index,
        *,
        strict: bool = False,
        find: Callable[[str], str] | None = None,
        plain: Callable[[str], str] | None = None,
        describe_origin: Callable[[], str] = str,
    ) -> None:
        self._index = index
        self._strict = strict
        self._find = find or index.url
        self._plain = plain or self._below_prefix
        self._describe_origin = describe_origin
        self._unknown: set[str] = set()

    def url(self, written: str) -> str:
        """Return the URL of a file: fingerprinted, percent-encoded, with query and fragment.

        Raises:
            UnknownAsset: only if `strict`.
        """
        name = path_of(written)
        rest = written[len(name) :]
        if self._is_still_unknown(name):
            return self._plain(name) + rest
        try:
            return self._find(name) + rest
        except UnknownAsset as error:
            return self._url_of_whole(name, rest, error)

    def _url_of_whole(self, name: str, rest: str, error: UnknownAsset) -> str:
        """Look for a file whose name contains a ? or #; if there is none, log that the name is unknown."""
        if rest:
            try:
                return self._find(name + rest)
            except UnknownAsset:
                pass  # the part before the ? or # is the name
        if self._strict:
            raise error
        if name not in self._unknown and len(self._unknown) < MAX_UNKNOWN:
            self._unknown.add(name)
            _log.warning("%s Its URL has no fingerprint.%s", error, self._describe_origin())
        return self._plain(name) + rest

    def _is_still_unknown(self, name: str) -> bool:
        """Return whether a name was unknown and still is: looking it up again would suggest the nearest one, slowly."""
        index = self._index
        return name in self._unknown and index.get(index.prefix + name) is None and name not in index

    def _below_prefix(self, name: str) -> str:
        return encode(self._index.prefix + name.lstrip("/"))
