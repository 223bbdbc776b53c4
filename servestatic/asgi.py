"""ASGI: send what `deliver` answers. Nothing here decides.

The hot path is one pass over the request's fields, one look-up and two messages.
"""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from servestatic.assets.index import Index
from servestatic.deliver import CHUNK, answer, answer_at_once, find
from servestatic.http.message import REQUEST_FIELDS, Memory, Request, Slice
from servestatic.http.representation import Target

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_NAMES = {name.encode(): name for name in REQUEST_FIELDS}


class ServeStatic:
    """An ASGI application that serves an index and passes everything else on to `app`, untouched."""

    def __init__(self, app: Application, index: Index) -> None:
        self.app = app
        self.index = index

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request for a file of the index; any other scope is the application's."""
        if scope["type"] == "http":
            target = find(self.index, scope["path"], scope.get("root_path", ""))
            if target is not None:
                await _serve(self.index, target, scope, send)
                return
        await self.app(scope, receive, send)


async def _serve(index: Index, target: Target, scope: Scope, send: Send) -> None:
    fields: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name in _NAMES:
            known, text = _NAMES[name], value.decode("latin-1")
            fields[known] = f"{fields[known]}, {text}" if known in fields else text
    request = Request(scope["method"], fields, scope["query_string"].decode("latin-1"))
    answered = answer_at_once(index, target, request)
    if answered is None:
        answered = await asyncio.to_thread(answer, index, target, request)
    response, file = answered
    await send({"type": "http.response.start", "status": response.status, "headers": [*response.raw]})
    if file is not None and type(response.body) is Slice:
        with file:
            async for data, more in chunks(file, response.body):
                await send({"type": "http.response.body", "body": data, "more_body": more})
    else:
        data = response.body.data if type(response.body) is Memory else b""
        await send({"type": "http.response.body", "body": data})


async def chunks(file: io.FileIO, body: Slice) -> AsyncIterator[tuple[bytes, bool]]:
    """Yield the bytes of a slice and whether more follow; flow control decides when the next ones are read."""
    offset = body.start
    while offset < body.stop:
        data = await _read(file.fileno(), min(CHUNK, body.stop - offset), offset)
        if not data:
            raise OSError(f"{body.path} was cut while it was sent")
        offset += len(data)
        yield data, offset < body.stop


async def _read(descriptor: int, count: int, offset: int) -> bytes:
    """Read what the page cache has at once, the rest in a thread: a thread costs more than a whole request."""
    if _NO_WAIT:
        buffer = bytearray(count)
        try:
            return bytes(buffer[: os.preadv(descriptor, [buffer], offset, _NO_WAIT)])
        except OSError:  # EAGAIN: not in the cache; EOPNOTSUPP: the file system cannot tell
            pass
    return await asyncio.to_thread(os.pread, descriptor, count, offset)


_NO_WAIT: int = getattr(os, "RWF_NOWAIT", 0)  # Linux
