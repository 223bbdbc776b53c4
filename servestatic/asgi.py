"""ASGI: send what `deliver` answers. Nothing here decides.

The hot path is one pass over the request's fields, one look-up and two messages.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from servestatic.disk.chunks import find_trio, read_chunks, run_in_thread
from servestatic.factory import open_index
from servestatic.frameworks.interfaces import check_interface
from servestatic.http.message import REQUEST_FIELDS, Memory, Slice, encode, has_long_field, join_fields
from servestatic.serving.deliver import answer, answer_at_once, find
from servestatic.serving.index import Index
from servestatic.sources import Source

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_NAMES = {name.encode(): name for name in REQUEST_FIELDS}
_NAME_SET = frozenset(_NAMES)  # faster to look into than the dictionary


class ServeStatic:
    """An ASGI application that serves an index, and passes all other requests on to `app` unchanged."""

    def __init__(self, app: Application, index: Index | Source) -> None:
        """Wrap an application with an index, or with a source for `collect`.

        Raises:
            TypeError: the application has another interface, or there is no index and no source.
            ServeStaticError: as `collect`.
        """
        check_interface(app, "asgi")
        self.app = app
        self.index = open_index(index)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request for a file of the index; any other scope goes to the application."""
        target = None
        if scope["type"] == "http":
            resources, path = self.index.resources, scope["path"]
            inside = resources.first <= path < resources.past
            target = resources.made.get(path) or resources.get(path) if inside else None
            if target is None and "root_path" in scope and scope["root_path"]:  # cheaper than `get`
                target = find(resources, path, scope["root_path"])
        if target is None:
            await self.app(scope, receive, send)
            return
        names, pairs = _NAME_SET, []
        for pair in scope["headers"]:
            if pair[0] in names:
                pairs.append(pair)  # noqa: PERF401 - a comprehension is a call of its own before Python 3.12
        key = pairs[0] if len(pairs) == 1 else tuple(pairs)  # usually one, which is hashed faster alone
        method = scope["method"]
        response = target.answers.get(key) if method == "GET" else None
        file = None
        if response is None:
            request = (method, _read_fields(pairs), scope["query_string"].decode("latin-1"))
            answered = answer_at_once(resources, target, request, key)
            if answered is None:
                answered = await run_in_thread(answer, resources, target, request, key)
            response, file = answered
        resources.answered[response.status] += 1
        headers = [*(response.raw or encode(response.fields))]  # a copy: middleware may append to it
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if file is None:
            body = response.body
            await send({"type": "http.response.body", "body": body.data if type(body) is Memory else b""})
        elif type(response.body) is Slice:
            with file:
                await _send_slice(file, response.body, scope, receive, send)


def _read_fields(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    fields = {_NAMES[name]: value.decode("latin-1") for name, value in pairs}
    if len(fields) == len(pairs) and not has_long_field(fields):
        return fields
    return join_fields([(_NAMES[name], value.decode("latin-1")) for name, value in pairs])


async def _send_slice(file: io.FileIO, body: Slice, scope: Scope, receive: Receive, send: Send) -> None:
    is_whole = body.stop - body.start == body.stamp.size
    if is_whole and body.fixed and "http.response.pathsend" in scope.get("extensions", ()):
        await send({"type": "http.response.pathsend", "path": body.path})
        return
    # Trio has no task without a nursery; there, only a server that refuses to send ends the answer early.
    gone = None if find_trio() else asyncio.ensure_future(_wait_for_disconnect(receive))
    try:
        async for data, more in read_chunks(file, body):
            if gone and gone.done():
                return
            await send({"type": "http.response.body", "body": data, "more_body": more})
    finally:
        if gone:
            gone.cancel()


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
