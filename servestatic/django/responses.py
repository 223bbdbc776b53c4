"""Answers as Django responses, which no other middleware spoils, wherever it is in MIDDLEWARE."""

import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any, cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from servestatic.disk.chunks import read_chunks
from servestatic.disk.read import CHUNK
from servestatic.http.message import Memory, Response, Slice
from servestatic.wsgi import Chunks


def convert(request: HttpRequest, response: Response, file: io.FileIO | None) -> HttpResponseBase:
    """Turn a response and its open file into a Django response."""
    headers = dict(response.fields)
    typed = "Content-Type" in headers
    if not typed:
        headers["Content-Type"] = ""  # or Django writes its default; removed below
    converted: HttpResponseBase
    if file is None or type(response.body) is not Slice:
        content = response.body.data if type(response.body) is Memory else b""
        converted = Whole(content, status=response.status, headers=headers)
    elif isinstance(request, ASGIRequest):
        converted = Streamed(_stream(file, response.body), status=response.status, headers=headers)
    else:
        converted = _stream_wsgi(file, response.body, response.status, headers)
    if not typed:
        del converted["Content-Type"]
    return converted


async def _stream(file: io.FileIO, body: Slice) -> AsyncIterator[bytes]:
    with file:
        async for data, _ in read_chunks(file, body):
            yield data


def _stream_wsgi(file: io.FileIO, body: Slice, status: int, headers: dict[str, str]) -> "Streamed":
    file.seek(body.start)
    streamed = Streamed(Chunks(file, body), status=status, headers=headers)
    if body.fixed and body.start == 0 and body.stop == body.stamp.size:
        streamed.file_to_stream = file
    return streamed


_DECIDED = ("content-encoding", "content-length", "etag")


def _has_header(response: HttpResponseBase, header: str) -> bool:
    """Return whether a response has a field; true for the fields in `_DECIDED`, even if they are absent.

    GZipMiddleware asks for Content-Encoding before it compresses, ConditionalGetMiddleware for ETag before it adds one,
    CommonMiddleware for Content-Length. Our responses already have the best coding that the client accepts, or are a
    range of bytes: coding them again would spoil ranges and entity tags. A 304 has no length (RFC 9110 §8.6).
    """
    field = header.lower()
    return field in _DECIDED or field in response.headers


class Whole(HttpResponse):
    """A response with all of its bytes, in their final coding."""

    has_header = _has_header


class Streamed(StreamingHttpResponse):
    """A response streamed in its final coding, by the WSGI server itself unless middleware replaces the stream."""

    has_header = _has_header
    block_size = CHUNK
    file_to_stream: io.FileIO | None = None  # what Django's handler passes to the server's `wsgi.file_wrapper`

    @property
    def streaming_content(self) -> Any:
        """The bytes, as Django returns them."""
        return _CONTENT.__get__(self)

    @streaming_content.setter
    def streaming_content(self, value: Iterable[object] | AsyncIterable[object]) -> None:
        self.file_to_stream = None
        _CONTENT.__set__(self, value)


_CONTENT = cast("property", StreamingHttpResponse.streaming_content)
