"""The middleware: files of the index are answered here, everything else is passed on."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from servestatic.assets.index import Index
from servestatic.deliver import Answer, answer, answer_at_once, find
from servestatic.disk import CHUNK, read_chunks
from servestatic.django.holder import holder
from servestatic.http.message import Asked, Memory, Response, Slice
from servestatic.http.representation import Target
from servestatic.wsgi import Chunks, read_request


class ServeStaticMiddleware:
    """Put "servestatic.django.ServeStaticMiddleware" into MIDDLEWARE, right after SecurityMiddleware."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        """Collect, so that the first request finds everything ready."""
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        holder.index()

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request for a file of the index; pass any other on."""
        index = holder.index()
        target = _find(index, request)
        if target is None:
            return cast("HttpResponseBase", self.get_response(request))
        if self._is_async:
            return _answer(index, target, request)
        return _convert(request, *answer(index, target, _read_request(request)))


def _find(index: Index, request: HttpRequest) -> Target | None:
    return find(index, request.path, request.path.removesuffix(request.path_info))


def _read_request(request: HttpRequest) -> Asked:
    asked = read_request(request.META)
    # Methods are case-sensitive (RFC 9110 §9.1); Django writes ASGI's in capitals, whatever was sent.
    return (request.scope["method"], *asked[1:]) if isinstance(request, ASGIRequest) else asked


async def _answer(index: Index, target: Target, request: HttpRequest) -> HttpResponseBase:
    asked = _read_request(request)
    answered: Answer | None = answer_at_once(index, target, asked)
    if answered is None:
        answered = await asyncio.to_thread(answer, index, target, asked)
    return _convert(request, *answered)


def _convert(request: HttpRequest, response: Response, file: io.FileIO | None) -> HttpResponseBase:
    """Turn a response and its open file into Django's."""
    converted: HttpResponseBase
    if file is None or type(response.body) is not Slice:
        content = response.body.data if type(response.body) is Memory else b""
        converted = HttpResponse(content, status=response.status)
    elif isinstance(request, ASGIRequest):
        converted = StreamingHttpResponse(_stream(file, response.body), status=response.status)
    else:
        converted = _stream_wsgi(file, response.body, response.status)
    del converted["Content-Type"]  # Django's default; ours is among the fields, where there is one
    for name, value in response.fields:
        converted[name] = value
    return converted


async def _stream(file: io.FileIO, body: Slice) -> AsyncIterator[bytes]:
    with file:
        async for data, _ in read_chunks(file, body):
            yield data


def _stream_wsgi(file: io.FileIO, body: Slice, status: int) -> StreamingHttpResponse:
    file.seek(body.start)
    streamed = StreamingHttpResponse(Chunks(file, body), status=status)
    if body.start == 0 and body.stop == body.stamp.size:
        # What Django's handler passes to the server's `wsgi.file_wrapper`.
        streamed.file_to_stream = file  # type: ignore[attr-defined]
        streamed.block_size = CHUNK  # type: ignore[attr-defined]
    return streamed
