"""The adapters as drivers: functions that take an index and a request, and return what a client receives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias
from wsgiref.util import FileWrapper

from servestatic import asgi, wsgi
from tests.support.interfaces.asgi import asgi_application, call_asgi, scope_of
from tests.support.interfaces.rsgi import call_rsgi, rsgi_application, rsgi_scope_of
from tests.support.interfaces.wsgi import CountingWrapper, call_wsgi, environ_of, wsgi_application

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from servestatic.serving.index import Index
    from tests.support.judge import Exchange, Sent

Driver: TypeAlias = "Callable[[Index, Sent], Exchange]"
Make: TypeAlias = "Callable[[Index], Any]"  # returns an application that serves an index

_FILE_WRAPPER = {"wsgi.file_wrapper": FileWrapper}
_GUNICORN = {"wsgi.file_wrapper": CountingWrapper, "SERVER_SOFTWARE": "gunicorn/27.0.0"}
_PATHSEND = "http.response.pathsend"


def _wsgi(index: Index) -> Any:
    return wsgi.ServeStatic(wsgi_application, index)


def _asgi(index: Index) -> Any:
    return asgi.ServeStatic(asgi_application, index)


def _rsgi(index: Index) -> Any:
    from servestatic import rsgi

    application: Any = rsgi.ServeStatic(rsgi_application, index)
    return getattr(application, "__rsgi__", application)


def _django(name: str) -> Make:
    """Return the function of this name in django_site, which is imported once it is called."""

    def make(index: Index) -> Any:
        from tests.support import django_site

        return getattr(django_site, name)(index)

    return make


def drive_wsgi(make: Make, variables: Mapping[str, object] | None = None) -> Driver:
    """Return the driver of a WSGI application, called with variables of a server."""
    counted = variables is _GUNICORN
    return lambda index, sent: call_wsgi(make(index), environ_of(sent) | {**(variables or {})}, counted=counted)


def drive_asgi(make: Make, *extensions: str, any_case: bool = False) -> Driver:
    """Return the driver of an ASGI application, called with extensions of a server.

    Django's handler does not change the case of field names; servers make them lower-case: `any_case`.
    """
    return lambda index, sent: _run(call_asgi(make(index), scope_of(sent, *extensions), any_case=any_case))


def drive_rsgi(make: Make) -> Driver:
    """Return the driver of an RSGI application."""
    return lambda index, sent: _run(call_rsgi(make(index), rsgi_scope_of(sent)))


def _run(call: Coroutine[Any, Any, Exchange]) -> Exchange:
    """Run a call in an event loop; its task returns nothing, since `asyncio.run` may write out what it returns."""
    answers: list[Exchange] = []

    async def answer() -> None:
        answers.append(await call)

    asyncio.run(answer())
    return answers[0]


DRIVERS: dict[str, Driver] = {
    "wsgi": drive_wsgi(_wsgi),
    "wsgi, file_wrapper": drive_wsgi(_wsgi, _FILE_WRAPPER),
    "wsgi, gunicorn's file_wrapper": drive_wsgi(_wsgi, _GUNICORN),
    "asgi": drive_asgi(_asgi),
    "asgi, pathsend": drive_asgi(_asgi, _PATHSEND),
    "rsgi": drive_rsgi(_rsgi),
    "django, sync": drive_wsgi(_django("wsgi_handler")),
    "django, file_wrapper": drive_wsgi(_django("wsgi_handler"), _FILE_WRAPPER),
    "django, async": drive_asgi(_django("asgi_handler"), any_case=True),
    "django, get_wsgi_application": drive_wsgi(_django("wsgi_application")),
    "django, get_wsgi_application, gunicorn's file_wrapper": drive_wsgi(_django("wsgi_application"), _GUNICORN),
    "django, get_asgi_application": drive_asgi(_django("asgi_application"), any_case=True),
    "django, get_asgi_application, pathsend": drive_asgi(_django("asgi_application"), _PATHSEND, any_case=True),
}
