"""A site without a framework: a page that names a stylesheet, and around it a middleware that serves files.

Environment: SITE_CONTENDER, a key of the tables below; SITE_SOURCES, JSON pairs of a directory and the path before
its names; SITE_ROOT, what collectstatic has left; SITE_BARE, the stylesheet in brotli; SITE_LOG, a file for the log;
SITE_COLLECTED, see `shift_collector`.
"""

import gc
import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.lib.middleware import wrap_archmonger, wrap_whitenoise

STYLESHEET = "admin/css/base.css"
PAGE = '<!doctype html><title>Site</title><link rel="stylesheet" href="{url}"><h1>Site</h1>\n'
BARE = "/bare/base.css"
SHIFTS = 11  # young collections between two full ones: see `shift_collector`

Send = Callable[[dict[str, Any]], Awaitable[None]]


def shift_collector() -> None:
    """Bring the next full collection of Python's garbage collector nearer: there are `SHIFTS` young ones between two.

    It takes 10 ms and more, and falls into a start or not by all that an application makes. Without this, a contender
    could have one in every round, and the bare application in none.
    """
    for _ in range(int(os.environ.get("SITE_COLLECTED", "0"))):
        gc.collect(1)


def make_asgi() -> Any:
    """Make the site as an ASGI application."""
    shift_collector()
    if log := os.environ.get("SITE_LOG"):
        logging.basicConfig(filename=log, level=logging.INFO)
    return _ASGI[os.environ["SITE_CONTENDER"]]()


def make_wsgi() -> Any:
    """Make the site as a WSGI application."""
    shift_collector()
    return _WSGI[os.environ["SITE_CONTENDER"]]()


def read_bare() -> bytes:
    """Read what a bare application sends as its stylesheet."""
    return Path(os.environ["SITE_BARE"]).read_bytes()


def read_sources() -> list[tuple[str, str]]:
    """Read which directories are served, and under which names."""
    return [(directory, under) for directory, under in json.loads(os.environ["SITE_SOURCES"])]


# ---------------------------------------------------------------------------------------------- bare


def _page_asgi(url: str, stylesheet: bytes = b"") -> Any:
    page = PAGE.format(url=url).encode()

    async def application(scope: dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] == "lifespan.startup":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        fields, body = _answer(scope["path"], page, stylesheet)
        headers = [(name.encode(), value.encode()) for name, value in fields]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


def _page_wsgi(url: str, stylesheet: bytes = b"") -> Any:
    page = PAGE.format(url=url).encode()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        fields, body = _answer(environ["PATH_INFO"], page, stylesheet)
        start_response("200 OK", fields)
        return [body]

    return application


def _answer(path: str, page: bytes, stylesheet: bytes) -> tuple[list[tuple[str, str]], bytes]:
    if path == BARE:
        length = str(len(stylesheet))
        return [("Content-Type", "text/css"), ("Content-Encoding", "br"), ("Content-Length", length)], stylesheet
    return [("Content-Type", "text/html"), ("Content-Length", str(len(page)))], page


# -------------------------------------------------------------------------------------------- middlewares


def _ours(interface: str, page: Callable[[str], Any]) -> Any:
    from servestatic import Directory, collect

    index = collect(*(Directory(directory, under=under) for directory, under in read_sources()))
    return import_module(f"servestatic.{interface}").ServeStatic(page(index.url(STYLESHEET)), index)


def _manifest_url() -> str:
    manifest = json.loads(Path(os.environ["SITE_ROOT"], "staticfiles.json").read_text("utf-8"))
    return f"/static/{manifest['paths'][STYLESHEET]}"


_ASGI: dict[str, Callable[[], Any]] = {
    "bare": lambda: _page_asgi(BARE, read_bare()),
    "ours": lambda: _ours("asgi", _page_asgi),
    "archmonger": lambda: wrap_archmonger("asgi", _page_asgi(_manifest_url()), os.environ["SITE_ROOT"]),
}
_WSGI: dict[str, Callable[[], Any]] = {
    "bare": lambda: _page_wsgi(BARE, read_bare()),
    "ours": lambda: _ours("wsgi", _page_wsgi),
    "whitenoise": lambda: wrap_whitenoise(_page_wsgi(_manifest_url()), os.environ["SITE_ROOT"]),
    "archmonger": lambda: wrap_archmonger("wsgi", _page_wsgi(_manifest_url()), os.environ["SITE_ROOT"]),
}
