"""Test runs: the live servers of Django answer from the index before they look for files themselves.

LiveServerTestCase, StaticLiveServerTestCase and pytest-django's `live_server` put a handler in front of the middleware.
That handler knows only the plain names of files, and answers 404, or fails, for fingerprinted ones.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from servestatic import wsgi
from servestatic.serving.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment


def serve_in_live_servers(index: Callable[[], Index]) -> None:
    """Make the static handlers of Django's live servers look in the current index first.

    Django has no setting for them, and pytest-django names the class itself, so the classes are patched, once.
    """
    from django.contrib.staticfiles.testing import StaticLiveServerTestCase
    from django.test import LiveServerTestCase

    for case in (LiveServerTestCase, StaticLiveServerTestCase):
        handler: Any = case.static_handler
        if handler.__call__.__module__ != __name__:
            handler.__call__ = _look_first(index, handler.__call__)


def _look_first(index: Callable[[], Index], otherwise: Any) -> Any:
    def serve(self: object, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        return wsgi.ServeStatic(partial(otherwise, self), index())(environ, start_response)

    return serve
