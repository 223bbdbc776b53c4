"""WSGI (PEP 3333): send what `deliver` answers. Nothing here decides."""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from servestatic.disk.read import CHUNK, check_sent
from servestatic.factory import open_index
from servestatic.frameworks.interfaces import check_interface
from servestatic.http.message import LINES, REQUEST_FIELDS, Asked, Memory, Slice, has_long_field, join_fields
from servestatic.serving.deliver import answer, find
from servestatic.serving.index import Index
from servestatic.sources import Source

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Fields that an answer depends on, by their names in environ and in Django's `request.META`, in the order of memo keys.
VARIABLES = {f"HTTP_{name.upper().replace('-', '_')}": name for name in sorted(REQUEST_FIELDS)}


class ServeStatic:
    """A WSGI application that serves an index, and passes all other requests on to `app` unchanged."""

    def __init__(self, app: "WSGIApplication", index: Index | Source) -> None:
        """Wrap an application with an index, or with a source for `collect`.

        Raises:
            TypeError: the application has another interface, or there is no index and no source.
            ServeStaticError: as `collect`.
        """
        check_interface(app, "wsgi")
        self.app = app
        self.index = open_index(index)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request for a file of the index; any other goes to the application."""
        script_name = environ.get("SCRIPT_NAME", "")
        path = script_name + environ.get("PATH_INFO", "")
        if not path.isascii():
            path, script_name = _decode(path), _decode(script_name)
        resources = self.index.resources
        inside = resources.first <= path < resources.past
        target = resources.made.get(path) or resources.get(path) if inside else None
        if target is None and script_name:
            target = find(resources, path, script_name)
        if target is None:
            return self.app(environ, start_response)
        key = tuple(map(environ.get, VARIABLES))
        method = environ["REQUEST_METHOD"]
        response = target.answers.get(key) if method == "GET" else None
        file = None
        if response is None:
            response, file = answer(resources, target, read_request(environ), key)
        resources.answered[response.status] += 1
        start_response(LINES[response.status], [*response.fields])
        if file is not None and type(response.body) is Slice:
            return _send(file, response.body, environ)
        return [response.body.data] if type(response.body) is Memory else []


def read_request(environ: "WSGIEnvironment") -> Asked:
    """Read what an answer depends on; `environ` may be Django's `request.META`, which has the same shape."""
    fields = {name: environ[variable] for variable, name in VARIABLES.items() if variable in environ}
    if has_long_field(fields):
        fields = join_fields([*fields.items()])
    return (environ["REQUEST_METHOD"], fields, environ.get("QUERY_STRING", ""))


def _decode(text: str) -> str:
    """Undo the latin-1 of PEP 3333; bytes that are not UTF-8 become characters that no name contains."""
    return text.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _send(file: io.FileIO, body: Slice, environ: "WSGIEnvironment") -> Iterable[bytes]:
    file.seek(body.start)
    wrapper: Callable[[Any, int], Iterable[bytes]] | None = environ.get("wsgi.file_wrapper")
    if wrapper is not None and body.fixed and _stops_at_length(environ, body):
        return wrapper(file, CHUNK)
    return Chunks(file, body)


def _stops_at_length(environ: "WSGIEnvironment", body: Slice) -> bool:
    """Return whether the server's wrapper sends only the slice: it ends with the file, or the server counts bytes."""
    ends_with_file = body.stop == body.stamp.size and body.start == 0
    return ends_with_file or environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")


class Chunks:
    """Iterates over the bytes of a slice, and closes its file when the server is done."""

    def __init__(self, file: io.FileIO, body: Slice) -> None:
        self._file = file
        self._close = file.close  # Django replaces `close` by its own, which calls this one
        self._body = body
        self._left = body.stop - body.start

    def __iter__(self) -> Iterator[bytes]:
        while self._left:
            data = self._file.read(min(CHUNK, self._left))
            self._left -= len(data)
            check_sent(self._file, self._body, ended=not data, last=not self._left)
            yield data

    def close(self) -> None:
        """Close the file (PEP 3333: servers always call this)."""
        self._close()
