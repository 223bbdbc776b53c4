"""The RSGI application of a site of its own: `granian --interface rsgi servestatic:rsgi_app`."""

from typing import Any

from servestatic import rsgi
from servestatic.disk.chunks import run_in_thread
from servestatic.standalone.fallback import Site, answer_without_file, body_of, select_fields
from servestatic.standalone.start import start


def make() -> rsgi.ServeStatic:
    """Collect, and make the RSGI application, as granian expects it.

    Raises:
        SettingError: a setting is wrong, there is nothing to serve, or the application is not RSGI.
        SourceError: a directory does not exist.
    """
    return rsgi.ServeStatic(*start("rsgi", make_fallback))


def make_fallback(site: Site) -> Any:
    """Make the application that answers where no file exists, a function; it refuses websockets."""

    async def application(scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(403)
            return
        accept, fields = select_fields(scope.headers.items())
        request = (scope.method, fields, scope.query_string)
        response = await run_in_thread(answer_without_file, site, scope.path, accept, request)
        if response.body is None:
            protocol.response_empty(response.status, [*response.fields])
        else:
            protocol.response_bytes(response.status, [*response.fields], body_of(response))

    return application
