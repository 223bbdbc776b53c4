"""The standalone applications of servestatic; each answer has a field with the id of its process.

Made when a server imports them, as `servestatic:app` and `servestatic:wsgi_app` are.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import servestatic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from servestatic import asgi

WORKER = "x-worker"


def __getattr__(name: str) -> Any:
    if name not in _MARKED:
        raise AttributeError(name)
    application = globals()[name] = _MARKED[name](getattr(servestatic, name))
    return application


def _mark_wsgi(application: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, fields: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*fields, (WORKER, str(os.getpid()))], *rest)

        return application(environ, start)

    return answer


def _mark_asgi(application: asgi.Application) -> asgi.Application:
    async def answer(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        async def mark(message: asgi.Message) -> None:
            if message["type"] == "http.response.start":
                pair = (WORKER.encode(), str(os.getpid()).encode())
                message = {**message, "headers": [*message["headers"], pair]}
            await send(message)

        await application(scope, receive, mark)

    return answer


_MARKED: dict[str, Callable[[Any], Any]] = {"app": _mark_asgi, "wsgi_app": _mark_wsgi}
