"""A page that links every file, with the integrity of the bytes that its release means."""

import os
from html import escape
from typing import Any

import servestatic
from servestatic import asgi

index = servestatic.collect(os.environ["FLEET_SOURCE"])


async def page(scope: Any, receive: Any, send: Any) -> None:
    """Answer every other path with the page."""
    if scope["type"] != "http":
        return
    links = (f'<a href="{escape(index.url(name))}" integrity="{index.integrity(name)}"></a>' for name in index)
    body = f"<!doctype html><p>{index.release}</p>{''.join(links)}".encode()
    fields = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200 if scope["path"] == "/" else 404, "headers": fields})
    await send({"type": "http.response.body", "body": body})


app = asgi.ServeStatic(page, index)
