"""The middleware: it answers requests for files of the index, and passes all others on."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from servestatic.disk.chunks import run_in_thread
from servestatic.django.holder import holder
from servestatic.django.responses import convert
from servestatic.http.message import Asked
from servestatic.serving.deliver import Answer, answer, answer_at_once, find
from servestatic.serving.draft import Offer
from servestatic.serving.resources import Resources
from servestatic.wsgi import VARIABLES, read_request


class ServeStaticMiddleware:
    """Put "servestatic.django.ServeStaticMiddleware" into MIDDLEWARE, right after SecurityMiddleware."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        """Collect, so that the first request does not have to wait."""
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        holder.prepare()

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request for a file of the index; pass any other on."""
        resources = holder.index().resources
        target = resources.get(request.path)
        if target is None and request.path != request.path_info:
            target = find(resources, request.path, request.path.removesuffix(request.path_info))
        if target is None:
            return cast("HttpResponseBase", self.get_response(request))
        if self._is_async:
            return _answer_async(resources, target, request)
        return _answer(resources, target, request)


def _answer(resources: Resources, target: Offer, request: HttpRequest) -> HttpResponseBase:
    key = tuple(map(request.META.get, VARIABLES))
    answered = _recall(target, request, key) or answer(resources, target, _read_request(request), key)
    return _convert(resources, request, answered)


async def _answer_async(resources: Resources, target: Offer, request: HttpRequest) -> HttpResponseBase:
    key = tuple(map(request.META.get, VARIABLES))
    answered = _recall(target, request, key)
    if answered is None:
        asked = _read_request(request)
        answered = answer_at_once(resources, target, asked, key)
        if answered is None:
            answered = await run_in_thread(answer, resources, target, asked, key)
    return _convert(resources, request, answered)


def _recall(target: Offer, request: HttpRequest, key: tuple[object, ...]) -> Answer | None:
    """Return the answer to a request like an earlier one, if it is remembered."""
    response = target.answers.get(key) if _method(request) == "GET" else None
    return (response, None) if response else None


def _convert(resources: Resources, request: HttpRequest, answered: Answer) -> HttpResponseBase:
    response, file = answered
    resources.answered[response.status] += 1
    return convert(request, response, file)


def _read_request(request: HttpRequest) -> Asked:
    _, fields, query = read_request(request.META)
    return _method(request), fields, query


def _method(request: HttpRequest) -> str:
    """Return the method as it was sent: methods are case-sensitive (RFC 9110 §9.1), and Django uppercases them."""
    if isinstance(request, ASGIRequest):
        return cast("str", request.scope["method"])
    return cast("str", request.META["REQUEST_METHOD"])
