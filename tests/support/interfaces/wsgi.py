"""Calls WSGI applications as a server does, and checks what a server may rely on."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from tests.http.conformance import APPLICATION
from tests.support.interfaces.function import CONTENT, FIELDS, split
from tests.support.judge import Exchange, Sent

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def wsgi_application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The wrapped application."""
    start_response(f"{APPLICATION} Passed", [*FIELDS])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [CONTENT]


class CountingWrapper:
    """As gunicorn's `wsgi.file_wrapper`: an iterable that reads on; the server stops at Content-Length (sendfile)."""

    def __init__(self, file: io.FileIO, size: int = 8192) -> None:
        self.file = file
        self.size = size

    def __iter__(self) -> Iterator[bytes]:
        while data := self.file.read(self.size):
            yield data

    def close(self) -> None:
        self.file.close()


def environ_of(sent: Sent) -> WSGIEnvironment:
    """Return the environ that a server makes: PEP 3333's latin-1, several lines of one field joined."""
    raw, query = split(sent)
    path, root = raw.decode("latin-1"), sent.root.encode().decode("latin-1")
    mounted = bool(root) and path.startswith(root)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": root if mounted else "",
        "PATH_INFO": path[len(root) :] if mounted else path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.errors": sys.stderr,
    }
    for name, value in sent.fields:
        variable = f"HTTP_{name.upper().replace('-', '_')}"
        environ[variable] = f"{environ[variable]},{value}" if variable in environ else value
    setup_testing_defaults(environ)
    return environ


def call_wsgi(application: WSGIApplication, environ: WSGIEnvironment, *, counted: bool = False) -> Exchange:
    """Call an application as a server does, under `wsgiref.validate`; `counted` stops at Content-Length."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, fields: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        assert not started
        started.append((status, fields))
        return io.BytesIO().write

    iterable = validator(application)(environ, start_response)
    try:
        body = b"".join(iterable)
    finally:
        iterable.close()  # type: ignore[attr-defined] # the validator's iterator has it
    status, fields = started[0]
    lower = tuple((name.lower(), value) for name, value in fields)
    if counted and environ["REQUEST_METHOD"] != "HEAD":
        body = body[: int(dict(lower).get("content-length", 0))]
    return Exchange(int(status[:3]), lower, body)
