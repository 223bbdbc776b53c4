"""A site of its own: the applications of `uvicorn servestatic:app` and similar commands, configured by settings alone.

They collect when the server starts: `app` in the ASGI lifespan, where the server logs a wrong setting as one sentence;
`wsgi_app` and `rsgi_app` when they are imported. A WSGI server loads no event loop for them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from servestatic.asgi import Application
    from servestatic.rsgi import ServeStatic


def make_app() -> "Application":
    """Make `servestatic:app`, the ASGI application."""
    from servestatic.standalone.asgi import make

    return make()


def make_wsgi_app() -> "WSGIApplication":
    """Make `servestatic:wsgi_app`, the WSGI application."""
    from servestatic.standalone.wsgi import make

    return make()


def make_rsgi_app() -> "ServeStatic":
    """Make `servestatic:rsgi_app`, the RSGI application."""
    from servestatic.standalone.rsgi import make

    return make()
