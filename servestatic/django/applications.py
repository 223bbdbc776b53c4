"""Django's applications, wrapped so that files of the index are answered before Django sees the request.

No middleware runs for such a request: no redirect to HTTPS, no fields of SecurityMiddleware, no signals, no log.
"""

from typing import TYPE_CHECKING

from django.conf import settings as django
from django.core import asgi as django_asgi
from django.core import wsgi as django_wsgi

from servestatic import asgi, wsgi
from servestatic.django.holder import holder
from servestatic.serving.index import Index

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def get_wsgi_application() -> "WSGIApplication":
    """Return Django's WSGI application, wrapped in one that serves static files."""
    return serve_wsgi(django_wsgi.get_wsgi_application())


def get_asgi_application() -> asgi.Application:
    """Return Django's ASGI application, wrapped in one that serves static files and answers the lifespan."""
    return serve_asgi(django_asgi.get_asgi_application())  # type: ignore[arg-type] # scopes are mappings of any kind


def serve_wsgi(application: "WSGIApplication") -> "WSGIApplication":
    """Serve the current index in front of an application."""
    holder.prepare()
    return _Wsgi(application)


def serve_asgi(application: asgi.Application) -> asgi.Application:
    """Serve the current index in front of an application that does not support the lifespan protocol."""
    holder.prepare()

    async def pass_on(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] == "lifespan":
            await _answer_lifespan(receive, send)
        else:
            await application(scope, receive, send)

    served = _Asgi(pass_on)
    return _force(served, django.FORCE_SCRIPT_NAME) if django.FORCE_SCRIPT_NAME else served


class _Wsgi(wsgi.ServeStatic):
    """Looks up the index on each use, because tests replace it when they override settings.

    It inherits, because wrapping the adapter would cost one more call, or coroutine, for each request.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self.app = application

    @property
    def index(self) -> Index:  # type: ignore[override] # read only
        return holder.index()


class _Asgi(asgi.ServeStatic):
    """The same as `_Wsgi`, for ASGI."""

    def __init__(self, application: asgi.Application) -> None:
        self.app = application

    @property
    def index(self) -> Index:  # type: ignore[override] # read only
        return holder.index()


def _force(application: asgi.Application, script_name: str) -> asgi.Application:
    """Replace the server's root path by FORCE_SCRIPT_NAME, as Django does."""

    async def serve(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await application({**scope, "root_path": script_name}, receive, send)

    return serve


async def _answer_lifespan(receive: asgi.Receive, send: asgi.Send) -> None:
    """Answer the lifespan: the index is ready before the server starts. Django would raise, and servers log that."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
