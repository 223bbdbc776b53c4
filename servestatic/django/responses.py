"""Answers as Django's responses, in a form that no other middleware spoils, whatever its place."""

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
    """Turn a response and its open file into Django's."""
    headers = dict(response.fields)
    typed = "Content-Type" in headers
    if not typed:
        headers["Content-Type"] = ""  # else Django writes its default; removed below
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
    """Tell whether a response has a field, and of what is decided here that it is decided, even where it has none.

    Before they make one, GZipMiddleware asks for Content-Encoding, ConditionalGetMiddleware for ETag, CommonMiddleware
    for Content-Length. What is here comes in the coding that is worth it and that the client wants, or is a range of
    bytes: to code it would spoil ranges and entity tags. A 304 has no length (RFC 9110 §8.6).
    """
    field = header.lower()
    return field in _DECIDED or field in response.headers


class Whole(HttpResponse):
    """A response with all of its bytes, in their last coding."""

    has_header = _has_header


class Streamed(StreamingHttpResponse):
    """A response that is streamed in its last coding, by the WSGI server itself if nobody puts another stream in."""

    has_header = _has_header
    block_size = CHUNK
    file_to_stream: io.FileIO | None = None  # what Django's handler passes to the server's `wsgi.file_wrapper`

    @property
    def streaming_content(self) -> Any:
        """The bytes, as Django gives them out."""
        return _CONTENT.__get__(self)

    @streaming_content.setter
    def streaming_content(self, value: Iterable[object] | AsyncIterable[object]) -> None:
        self.file_to_stream = None
        _CONTENT.__set__(self, value)


_CONTENT = cast("property", StreamingHttpResponse.streaming_content)
