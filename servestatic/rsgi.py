"""RSGI, granian's own interface: send what `deliver` answers. Nothing here decides."""

import io
from typing import Any, Protocol

from servestatic.disk.chunks import read_chunks, run_in_thread
from servestatic.factory import open_index
from servestatic.frameworks.interfaces import check_interface
from servestatic.http.message import REQUEST_FIELDS, Memory, Slice, join_fields
from servestatic.serving.deliver import answer, answer_at_once
from servestatic.serving.draft import Offer
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources
from servestatic.sources import Source

# Bytes of a body. RSGI's stream buffers everything it is given, however slowly the client reads, so longer bodies are
# read and sent by the server: it opens the file again, and does not notice a change of the file in that moment.
MAX_STREAMED = 1024 * 1024


class ServeStatic:
    """An RSGI application that serves an index, and passes all other requests on to `app` unchanged."""

    def __init__(self, app: Any, index: Index | Source) -> None:
        """Wrap an application, or a function of scope and protocol, with an index, or a source for `collect`.

        Raises:
            TypeError: the application has another interface, or there is no index and no source.
            ServeStaticError: as `collect`.
        """
        check_interface(app, "rsgi")
        self.app = getattr(app, "__rsgi__", app)
        self.index = open_index(index)
        for hook in ("__rsgi_init__", "__rsgi_del__"):
            if hasattr(app, hook):
                setattr(self, hook, getattr(app, hook))

    async def __rsgi__(self, scope: "Scope", protocol: Any) -> None:
        """Answer an HTTP request for a file of the index; any other goes to the application."""
        if scope.proto == "http":
            path, resources = scope.path, self.index.resources
            inside = resources.first <= path < resources.past
            target = resources.made.get(path) or resources.get(path) if inside else None
            if target is not None:
                await _serve(resources, target, scope, protocol)
                return
        await self.app(scope, protocol)


class Scope(Protocol):
    """The parts of granian's scope that an answer needs."""

    proto: str
    method: str
    path: str
    query_string: str
    headers: Any


async def _serve(resources: Resources, target: Offer, scope: Scope, protocol: Any) -> None:
    names, pairs = REQUEST_FIELDS, []
    for pair in scope.headers.items():
        if pair[0] in names:
            pairs.append(pair)  # noqa: PERF401 - a comprehension is a call of its own before Python 3.12
    key = pairs[0] if len(pairs) == 1 else tuple(pairs)  # usually one, which is hashed faster alone
    method = scope.method
    response = target.answers.get(key) if method == "GET" else None
    file = None
    if response is None:
        request = (method, join_fields(pairs), scope.query_string)
        answered = answer_at_once(resources, target, request, key)
        if answered is None:
            answered = await run_in_thread(answer, resources, target, request, key)
        response, file = answered
    resources.answered[response.status] += 1
    body, headers = response.body, [*response.fields]
    if file is not None and type(body) is Slice:
        with file:
            if body.fixed or body.stop - body.start > MAX_STREAMED:
                protocol.response_file_range(response.status, headers, body.path, body.start, body.stop)
            else:
                await _stream(file, body, protocol.response_stream(response.status, headers))
    elif type(body) is Memory:
        protocol.response_bytes(response.status, headers, body.data)
    else:
        protocol.response_empty(response.status, headers)


async def _stream(file: io.FileIO, body: Slice, stream: Any) -> None:
    async for data, _ in read_chunks(file, body):
        try:
            await stream.send_bytes(data)
        except RuntimeError:  # granian's ProtocolClosed: the client has left
            return
