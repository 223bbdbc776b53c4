"""A running site as a place that is only read: one that serves a build as files, by nginx or a CDN.

What has releases there is in files of the build, below its prefix. Processes of servestatic do not serve these.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import NoReturn, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from servestatic.assets.names import encode
from servestatic.errors import BuildError
from servestatic.http.message import Fields
from servestatic.releases.document import CURRENT, MAX_CURRENT, RELEASES, parse_ids, path_of
from servestatic.releases.place import Listed

_TIMEOUT = 20.0  # seconds without an answer, or the next part of it
_ABSENT = (403, 404, 410)
_T = TypeVar("_T")


class SitePlace:
    """The files of a build below an `https://` or `http://` URL."""

    pause = 5.0
    at_once = 16
    near = False
    keeps = frozenset[str]()

    def __init__(self, url: str) -> None:
        """Read below a URL: that of the prefix, such as `https://example.org/static/`."""
        self.name = url.rstrip("/")

    def list(self, under: str = "") -> Iterator[Listed]:
        """Yield the documents of releases: a site lists nothing else.

        Raises:
            BuildError: the site serves no build as files.
        """
        if under == RELEASES:
            content = self.read(CURRENT, MAX_CURRENT)
            try:
                ids = parse_ids(content) if content is not None else []
            except ValueError:  # a page, with status 200
                ids = []
            if not ids:
                raise BuildError(
                    f"{self.name}/{CURRENT} names no release: only a site that serves a build as files has it; a"
                    " servestatic process does not. Name the directory of the build, such as one copied from the"
                    " running image, or a bucket."
                )
            yield from (Listed(path_of(release), 0, self._find_time(path_of(release))) for release in ids)

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file."""

        def receive(response: HTTPResponse) -> bytes | None:
            data = response.read(limit + 1)
            return data if len(data) <= limit else None

        return self._ask("GET", path, receive)

    def create(self, path: str, parts: Iterable[bytes], fields: Fields = ()) -> bool:
        """Refuse: it is only read."""
        self._refuse()

    def replace(self, path: str, data: bytes, fields: Fields = ()) -> None:
        """Refuse: it is only read."""
        self._refuse()

    def delete(self, path: str) -> None:
        """Refuse: it is only read."""
        self._refuse()

    def _find_time(self, path: str) -> float:
        """Return when a file was written; now, if the site does not say."""
        changed = self._ask("HEAD", path, lambda response: response.headers.get("Last-Modified"))
        with suppress(TypeError, ValueError):
            return parsedate_to_datetime(changed or "").timestamp()
        return time.time()

    def _ask(self, method: str, path: str, receive: Callable[[HTTPResponse], _T]) -> _T | None:
        """Return what is received of an answer; None if the site does not have the path.

        Raises:
            OSError: the site cannot be reached.
        """
        try:
            request = Request(f"{self.name}/{encode(path)}", method=method)  # noqa: S310 - the scheme was compared
            with urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - and redirects lead to no file
                return receive(response)
        except HTTPError as error:
            with error:  # it holds the connection
                if error.code in _ABSENT:
                    return None
                raise OSError(0, f"{error.code} {error.reason}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise OSError(0, str(getattr(error, "reason", error))) from error

    def _refuse(self) -> NoReturn:
        raise OSError(0, "a site is read-only")
