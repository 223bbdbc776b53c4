"""The middleware: what it answers beside others, in any order, under both handlers, and that it takes no threads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

import pytest
from django.core.cache import cache
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.test import AsyncClient, AsyncRequestFactory, Client, override_settings

from servestatic.django import ServeStaticMiddleware
from servestatic.django.holder import holder
from tests.support.interfaces.asgi import call_asgi, scope_of
from tests.support.interfaces.wsgi import call_wsgi, environ_of
from tests.support.judge import Exchange, Sent
from tests.support.tree import prose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

US = "servestatic.django.ServeStaticMiddleware"
GZIP = "django.middleware.gzip.GZipMiddleware"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
SECURITY = "django.middleware.security.SecurityMiddleware"
UPDATE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
FRAMES = "django.middleware.clickjacking.XFrameOptionsMiddleware"


def test_files(folder: Path) -> None:
    url = static("css/app.css")
    response = Client().get(url, headers={"accept-encoding": "br"})
    assert response.status_code == 200
    assert response["Cache-Control"] == "max-age=31536000, immutable"
    assert response["Content-Encoding"] == "br"
    unchanged = Client().get(url, headers={"accept-encoding": "br", "if-none-match": response["ETag"]})
    assert (unchanged.status_code, unchanged.content, "Content-Type" in unchanged) == (304, b"", False)
    assert holder.index().path("b.svg") in Client().get(url).content.decode()

    async def get() -> int:
        return (await AsyncClient().get(url)).status_code

    assert asyncio.run(get()) == 200


def test_headers_of_a_function(folder: Path) -> None:
    def describe(name: str, path: str) -> dict[str, str]:
        return {"X-Asked": f"{name} at {path}"}

    with override_settings(SERVESTATIC_HEADERS=describe, SERVESTATIC_MAX_AGE=None):
        url = static("css/app.css")
        assert Client().get(url)["X-Asked"] == f"css/app.css at {url}"
        assert "Cache-Control" not in Client().get("/static/css/app.css")


# -------------------------------------------------------------------------------------------- beside others


@pytest.fixture
def kinds(folder: Path) -> Path:
    """Files by their kind: those of a type that is never coded would still be a find for GZipMiddleware."""
    (folder / "small.css").write_bytes(prose(5_000, ".rule-%d { color: #123 }"))
    (folder / "large.css").write_bytes(prose(300_000, ".rule-%d { color: #123 }"))
    (folder / "small.bin").write_bytes(b"again and " * 500)
    (folder / "large.bin").write_bytes(b"again and " * 30_000)
    return folder


KINDS = ["small.css", "large.css", "small.bin", "large.bin"]

SECURE = {"cross-origin-opener-policy", "referrer-policy", "x-content-type-options"}
# Where others stand → the fields that they may add.
ORDERS: dict[str, tuple[list[str], set[str]]] = {
    "documented": ([SECURITY, US, UPDATE, GZIP, CONDITIONAL, COMMON, FETCH, FRAMES], SECURE),
    "first of all": ([US, SECURITY, GZIP, COMMON], set()),
    "behind GZip": ([GZIP, US], set()),
    "behind ConditionalGet": ([CONDITIONAL, US], set()),
    "behind both": ([GZIP, CONDITIONAL, US], set()),
    "behind both, the other way round": ([CONDITIONAL, GZIP, US], set()),
    "between those of the cache": ([UPDATE, US, FETCH], set()),
    "before those of the cache": ([US, UPDATE, FETCH], set()),
    "last of all": (
        [SECURITY, GZIP, CONDITIONAL, COMMON, FRAMES, US],
        SECURE | {"x-frame-options"},
    ),
}  # fmt: skip

REQUESTS: dict[str, tuple[str, dict[str, str]]] = {
    "plain": ("GET", {}),
    "gzip": ("GET", {"Accept-Encoding": "gzip"}),
    "a browser's": ("GET", {"Accept-Encoding": "gzip, deflate, br, zstd"}),
    "not gzip": ("GET", {"Accept-Encoding": "gzip;q=0, br"}),
    "a range": ("GET", {"Range": "bytes=100-1099"}),
    "a range, with gzip": ("GET", {"Range": "bytes=100-1099", "Accept-Encoding": "gzip"}),
    "not there": ("GET", {"Range": "bytes=1000000-"}),
    "HEAD": ("HEAD", {"Accept-Encoding": "gzip"}),
    "POST": ("POST", {}),
    "since": ("GET", {"If-Modified-Since": "Fri, 01 Jan 2038 00:00:00 GMT"}),
    "another tag": ("GET", {"If-None-Match": '"x"', "Accept-Encoding": "gzip"}),
    "must match": ("GET", {"If-Match": '"x"'}),
}


def serve(order: list[str], server: str) -> Callable[[Sent], Exchange]:
    """Return what asks as a server does: the second of two equal requests counts, so that what is remembered does."""
    with override_settings(MIDDLEWARE=order):
        handler: Any = ASGIHandler() if server == "ASGI" else WSGIHandler()
    more = {"wsgi.file_wrapper": FileWrapper} if "file" in server else {}

    def ask(sent: Sent) -> Exchange:
        if server == "ASGI":
            return [asyncio.run(call_asgi(handler, scope_of(sent), any_case=True)) for _ in range(2)][-1]
        return [call_wsgi(handler, environ_of(sent) | more) for _ in range(2)][-1]

    return ask


SERVERS = ["WSGI", "WSGI, file_wrapper", "ASGI"]


@pytest.mark.parametrize("kind", [*KINDS, "small.css, plain"])
@pytest.mark.parametrize("server", SERVERS)
def test_order(kinds: Path, server: str, kind: str) -> None:
    """Whoever else is there, every answer is what it is without them, but for fields that do not concern it."""
    name, _, plain = kind.partition(", ")
    path = f"/static/{name}" if plain else static(name)
    ask_alone = serve([US], server)
    tag = dict(ask_alone(Sent("GET", path, ())).fields)["etag"]
    its_own = {
        "its tag": ("GET", {"If-None-Match": tag}),
        "its range": ("GET", {"Range": "bytes=0-9", "If-Range": tag}),
    }
    sent = {row: Sent(method, path, (*fields.items(),)) for row, (method, fields) in (REQUESTS | its_own).items()}
    alone = {row: ask_alone(each) for row, each in sent.items()}
    for order, (middleware, more) in ORDERS.items():
        ask = serve(middleware, server)
        for row, each in sent.items():
            answer, expected = ask(each), alone[row]
            assert (answer.status, answer.body) == (expected.status, expected.body), (order, row)
            found = [pair for pair in answer.fields if pair[0] not in more or pair in expected.fields]
            assert sorted(found) == sorted(expected.fields), (order, row)
        cache.clear()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("server", SERVERS)
def test_behind_the_cache(kinds: Path, server: str, kind: str) -> None:
    """The cache keeps small answers, by Accept-Encoding, and gives them for what they are."""
    ask_alone, ask = serve([US], server), serve([UPDATE, FETCH, US], server)
    path = static(kind)
    for _ in range(2):
        for method, fields in REQUESTS.values():
            if method == "HEAD" or {*fields} & {"Range", "If-Match", "If-Modified-Since"}:
                continue  # Django's cache answers 200 by itself
            sent = Sent(method, path, tuple(fields.items()))
            alone, answer = ask_alone(sent), ask(sent)
            assert (answer.status, answer.body) == (alone.status, alone.body)
            said, expected = dict(answer.fields), dict(alone.fields)
            for each in ("content-encoding", "etag", "vary", "content-type", "accept-ranges"):
                assert said.get(each) == expected.get(each)
    cache.clear()


def test_https_comes_first(folder: Path) -> None:
    url = static("b.svg")
    with override_settings(MIDDLEWARE=[SECURITY, US], SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=60):
        assert Client().get(url)["Location"] == f"https://testserver{url}"
        secure = Client().get(url, secure=True)
        assert (secure.status_code, secure["Strict-Transport-Security"]) == (200, "max-age=60")


def test_a_stream_that_another_middleware_replaces(kinds: Path) -> None:
    """The server's file_wrapper must not send the file that was replaced."""
    holder.index().catalog.sealed = True  # so that the wrapper would be used
    order = [f"{__name__}.Replacing", US]
    answer = serve(order, "WSGI, file_wrapper")(Sent("GET", static("large.bin"), ()))
    assert answer.body == (kinds / "large.bin").read_bytes().upper()


class Replacing:
    """Middleware that replaces streams."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if response.streaming:
            response.streaming_content = map(bytes.upper, response.streaming_content)
        return response


class Synchronous:
    """Middleware of the kind that many packages have."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "order", [[f"{__name__}.Synchronous", US], [US, f"{__name__}.Synchronous"]], ids=["in front", "behind"]
)
def test_synchronous_neighbours(kinds: Path, kind: str, order: list[str]) -> None:
    sent = Sent("GET", static(kind), ())
    assert serve(order, "ASGI")(sent) == serve([US], "ASGI")(sent)


# ------------------------------------------------------------------------------------------------------ async


@pytest.mark.parametrize("kind", KINDS)
def test_no_thread_for_what_is_ready(kinds: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first request may make a coding; from then on everything happens where the request is."""
    path = static(kind)
    serve([US], "ASGI")(Sent("GET", path, (("Accept-Encoding", "gzip"),)))

    async def pass_on(_: HttpRequest) -> HttpResponse:
        raise AssertionError("it is a static file")

    async def get() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "run_in_executor", None)
        answer: Any = ServeStaticMiddleware(pass_on)(
            AsyncRequestFactory().get(path, headers={"accept-encoding": "gzip"})
        )
        response = await answer
        assert response.status_code == 200
        if response.streaming:
            assert sum([len(each) async for each in response.streaming_content]) == int(response["Content-Length"])

    asyncio.run(get())
