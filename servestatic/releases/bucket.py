"""Buckets of S3, Google Cloud Storage, Azure and what speaks like them, by obstore (extra `cloud`).

Credentials, region and endpoint come from the environment, as obstore reads them: AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL.
The client has threads, so it is made in each process when it is first used: after a fork.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

from servestatic.errors import SettingError
from servestatic.http.message import Fields
from servestatic.releases.place import Listed

_OPTIONS: Any = {"connect_timeout": "1s", "timeout": "20s", "allow_http": True}
_RETRY: Any = {"max_retries": 1, "retry_timeout": timedelta(seconds=5)}
_PAGE = 1000  # what services answer at most; for each batch, a thread waits for those that compute
_T = TypeVar("_T")


class BucketPlace:
    """A bucket, or a prefix in one: `s3://bucket/prefix`, `gs://…`, `az://…`; `memory://` for tests.

    Raises:
        SettingError: obstore is not installed, or does not understand the URL.
    """

    pause = 5.0
    at_once = 16
    near = False
    keeps = frozenset(("Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language", "Cache-Control"))

    def __init__(self, url: str) -> None:
        try:
            import obstore  # noqa: F401
        except ImportError as error:
            raise SettingError(f"{url} needs obstore. Install the extra: pip install 'statictree[cloud]'.") from error
        self.name = url.rstrip("/")
        self._process = 0
        self._client: Any = None

    def list(self, under: str = "") -> Iterator[Listed]:
        """Yield the files below a folder."""
        import obstore

        folder = f"{under}/" if under else None
        batches = iter(self._reach(lambda client: obstore.list(client, folder, chunk_size=_PAGE)))
        while batch := self._reach(lambda _: next(batches, None)):
            yield from (Listed(each["path"], each["size"], each["last_modified"].timestamp()) for each in batch)

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of an object."""
        import obstore

        def get(client: Any) -> bytes | None:
            try:
                found = obstore.get(client, path)
            except FileNotFoundError:
                return None
            return bytes(found.bytes()) if found.meta["size"] <= limit else None

        return self._reach(get)

    def create(self, path: str, parts: Iterable[bytes], fields: Fields = ()) -> bool:
        """Write an object with its fields, unless there is one."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        def put(client: Any) -> bool:
            try:
                obstore.put(client, path, data, mode="create", attributes=self._describe(fields))
            except AlreadyExistsError:
                return False
            return True

        data = b"".join(parts)
        return self._reach(put)

    def replace(self, path: str, data: bytes, fields: Fields = ()) -> None:
        """Write an object with its fields."""
        import obstore

        self._reach(lambda client: obstore.put(client, path, data, attributes=self._describe(fields)))

    def delete(self, path: str) -> None:
        """Remove an object."""
        import obstore

        def remove(client: Any) -> None:
            with suppress(FileNotFoundError):
                obstore.delete(client, path)

        self._reach(remove)

    def _describe(self, fields: Fields) -> dict[str, str]:
        """Return the fields that a bucket keeps with an object."""
        return {name: value for name, value in fields if name in self.keeps}

    def _reach(self, use: Callable[[Any], _T]) -> _T:
        """Use the client of this process.

        Raises:
            OSError: the bucket cannot be reached, or refuses.
        """
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        try:
            if self._process != os.getpid():
                self._client = from_url(self.name, client_options=_OPTIONS, retry_config=_RETRY)
                self._process = os.getpid()
            return use(self._client)
        except BaseError as error:
            raise OSError(0, f"{str(error).partition('Debug source')[0].strip()}") from error
