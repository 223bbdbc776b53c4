"""`servestatic serve`: serves a site of its own, with uvicorn."""

import errno
import logging
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from servestatic.assets.names import encode
from servestatic.cli.inspection import check_not_empty, short
from servestatic.cli.options import SettingsCommand, as_json, directories, read_given, settings_as_options
from servestatic.cli.output import amount, say, say_json
from servestatic.errors import ServeStaticError
from servestatic.factory import build
from servestatic.settings.model import Settings
from servestatic.standalone.asgi import load_asgi, serve_asgi

_BACKLOG = 2048
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only if the user names it


@click.command(cls=SettingsCommand)
@directories
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="HOST",
    show_default=True,
    help="Address to listen on; 0.0.0.0 for all.",
)
@click.option(
    "--port",
    default=8000,
    type=click.IntRange(0, 65535),
    metavar="N",
    show_default=True,
    help="Port to listen on; 0 for any free one.",
)
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="Show each request.")
@as_json
@settings_as_options(also={"live": "--reload"})
def serve(
    sources: tuple[str, ...], host: str, port: int, *, access_log: bool, as_json: bool, **settings: object
) -> None:
    """Serve directories as a site.

    If several directories have a file of the same name, the first wins. Without DIR, serve those of the setting
    sources, or the first of static, public and _site, or of dist, build and site if there is an index.html in it. With
    --root, serve its directories at /, and DIR below /static/.

    A path that ends with a slash serves its index.html, /about serves about.html, and 404.html answers unknown paths.
    With --reload, the next request gets a changed file. With the setting application, serve that application, and the
    files below /static/.
    """
    uvicorn = _import_uvicorn()
    resolved, sources, _ = read_given(sources, settings)
    if resolved.application:
        sys.path.insert(0, os.getcwd())  # as uvicorn does
    wrapped = load_asgi(resolved)
    listener = _listen(host, port)
    with listener:
        index = build(sources, resolved)
        if not resolved.application:
            check_not_empty(index, (*sources, *resolved.root) or (resolved.build,))
        application = serve_asgi(resolved, index, wrapped)
        served = sources if resolved.build else (*sources, *resolved.root)
        urls = _urls(listener, resolved)
        if as_json:
            say_json({"urls": urls, "files": len(index), "sources": served, "live": resolved.live})
        else:
            _say_started(resolved, served, len(index), urls)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        logging.getLogger("uvicorn.access").setLevel(logging.INFO)
        config = uvicorn.Config(application, log_config=None, access_log=access_log, server_header=False)
        with suppress(KeyboardInterrupt):  # Ctrl-C ends it, after uvicorn has answered the requests it has
            uvicorn.Server(config).run(sockets=[listener])


def _say_started(settings: Settings, sources: Sequence[str], count: int, urls: Sequence[str]) -> None:
    what = ", ".join(map(short, sources)) or f"the sealed build {settings.build}"
    before = f" in front of {settings.application}" if settings.application else ""
    changes = "; the next request gets a changed file" if settings.live else ""
    say(f"Serving {amount(count, 'file')} of {what}{before}{changes}. Ctrl-C ends it.", indent=0)
    for url in urls:
        say(f"  {url}", "bold")


def _listen(host: str, port: int) -> socket.socket:
    """Open the socket before the files are collected.

    Raises:
        ServeStaticError: the address is unavailable.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            remedy = "stop the program that uses it, or choose another with --port (0 for any free one)."
            raise ServeStaticError(f"port {port} of {host} is in use: {remedy}") from None
        raise ServeStaticError(f"cannot listen on {host} port {port}: {error.strerror or error}.") from None


def _urls(listener: socket.socket, settings: Settings) -> list[str]:
    """Return the URLs of the site: one, and a second with this machine's address if the server listens at every one."""
    host, port = listener.getsockname()[:2]
    hosts = [_ANYWHERE.get(host, host)]
    if host in _ANYWHERE and (own := _own_address(listener.family)):
        hosts.append(own)
    path = "/" if settings.application or settings.root else encode(settings.prefix)
    return [f"http://{f'[{host}]' if ':' in host else host}:{port}{path}" for host in dict.fromkeys(hosts)]


def _own_address(family: int) -> str | None:
    """Return the address by which others reach this machine. Connecting a datagram socket sends nothing."""
    outside = ("2001:db8::1", 9) if family == socket.AF_INET6 else ("192.0.2.1", 9)
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(outside)
            return str(probe.getsockname()[0])
    except OSError:
        return None


def _import_uvicorn() -> Any:
    try:
        import uvicorn
    except ImportError:
        raise ServeStaticError("serve needs uvicorn: pip install 'statictree[standalone]'") from None
    return uvicorn
