"""Django's applications, with the files of the index answered before Django sees the request.

No middleware runs for such a request: no redirect to HTTPS and no fields of SecurityMiddleware, no signals, no log.
"""

from typing import TYPE_CHECKING

from django.conf import settings as django
from django.core import asgi as django_asgi
from django.core import wsgi as django_wsgi

from servestatic import asgi, wsgi
from servestatic.django.holder import holder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def get_wsgi_application() -> "WSGIApplication":
    """Return Django's WSGI application, behind one that serves static files."""
    return serve_wsgi(django_wsgi.get_wsgi_application())


def get_asgi_application() -> asgi.Application:
    """Return Django's ASGI application, behind one that serves static files and answers a server's lifespan."""
    return serve_asgi(django_asgi.get_asgi_application())  # type: ignore[arg-type] # scopes are mappings of any kind


def serve_wsgi(application: "WSGIApplication") -> "WSGIApplication":
    """Serve the index of the moment, which tests change with the settings, in front of an application."""
    holder.prepare()
    served = wsgi.ServeStatic(application, holder.index())

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        nonlocal served
        index = holder.index()
        if served.index is not index:
            served = wsgi.ServeStatic(application, index)
        return served(environ, start_response)

    return serve


def serve_asgi(application: asgi.Application) -> asgi.Application:
    """Serve the index of the moment in front of an application that knows nothing of lifespans."""
    holder.prepare()
    served = asgi.ServeStatic(application, holder.index())

    async def serve(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        nonlocal served
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        index = holder.index()
        if served.index is not index:
            served = asgi.ServeStatic(application, index)
        if django.FORCE_SCRIPT_NAME:
            scope = {**scope, "root_path": django.FORCE_SCRIPT_NAME}  # as Django does
        await served(scope, receive, send)

    return serve


async def _live(receive: asgi.Receive, send: asgi.Send) -> None:
    """Say that everything is ready, which it is by now; Django would raise, and the server would log that."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
