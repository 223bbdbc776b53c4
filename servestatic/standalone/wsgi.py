"""The WSGI application of a site of its own: `gunicorn servestatic:wsgi_app`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from servestatic import wsgi
from servestatic.http.message import LINES, join_fields
from servestatic.standalone.fallback import Site, answer_without_file, body_of
from servestatic.standalone.start import start

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def make() -> "WSGIApplication":
    """Collect, and make the WSGI application.

    Raises:
        SettingError: a setting is wrong, there is nothing to serve, or the application is not WSGI.
        SourceError: a directory does not exist.
    """
    return wsgi.ServeStatic(*start("wsgi", make_fallback))


def make_fallback(site: Site) -> "WSGIApplication":
    """Make the application that answers where no file exists."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        accept = join_fields([("accept", environ.get("HTTP_ACCEPT", ""))])["accept"]
        response = answer_without_file(site, path, accept, wsgi.read_request(environ))
        start_response(LINES[response.status], [*response.fields])
        return [body_of(response)] if response.body else []

    return application
